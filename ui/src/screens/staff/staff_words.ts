import { m } from "../../messages/messages";
import type { StaffMember } from "../../platform";
import { number } from "../../words/provider_words";

/** Whether somebody can work, in a word or two; the one who asks is `you`. */
export function state_words(member: StaffMember): string {
  if (!member.active) return m.staff_state_off();
  if (!member.has_log_in) return m.staff_state_no_log_in_short();
  return member.myself ? m.staff_state_me() : m.staff_state_may();
}

export function given_words({ permissions }: StaffMember): string {
  return permissions.length === 0 ? m.permissions_all() : m.permissions_count({ count: number(permissions.length) });
}
