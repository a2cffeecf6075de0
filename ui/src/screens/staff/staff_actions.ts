// What can be done about a person: one list for the page's buttons, the list's menu, the shortcuts and the palette.
import KeyRound from "@lucide/svelte/icons/key-round";
import Pencil from "@lucide/svelte/icons/pencil";
import UserCheck from "@lucide/svelte/icons/user-check";
import UserX from "@lucide/svelte/icons/user-x";
import type { Action } from "../../app/actions.svelte";
import { dialogs } from "../../app/dialogs.svelte";
import { key_notice } from "../../app/key_notice.svelte";
import { succeeded } from "../../app/notices";
import { report } from "../../app/reporting";
import { route } from "../../app/route.svelte";
import { session } from "../../app/session.svelte";
import { m } from "../../messages/messages";
import { commands, type StaffEnded, type StaffMember } from "../../platform";
import { number } from "../../words/provider_words";

const off = () => session.writes_off;

export function ended_words({ sessions_ended }: StaffEnded): string {
  if (sessions_ended === 0) return m.connections_ended_none();
  return sessions_ended === 1 ? m.connections_ended_one() : m.connections_ended({ count: number(sessions_ended) });
}

/** Whoever had the organisation's key may have left with it. */
export function staff_changed(): void {
  session.data_changed();
  key_notice.ask();
}

function ask_deactivate({ id, name }: StaffMember): void {
  dialogs.show({
    kind: "question",
    title: m.staff_deactivate_title({ name }),
    words: [m.staff_deactivate_words({ name }), m.staff_deactivate_key()],
    verb: m.staff_deactivate(),
    run: async () => {
      const ended = await commands.staffDeactivate(id);
      succeeded(m.staff_deactivated({ name }), { description: ended_words(ended) });
      staff_changed();
    },
  });
}

async function activate(id: number, name: string): Promise<void> {
  try {
    await commands.staffActivate(id);
    succeeded(m.staff_activated({ name }));
    staff_changed();
  } catch (thrown) {
    report(thrown, () => void activate(id, name));
  }
}

export function staff_actions(member: StaffMember): Action[] {
  if (!member.manageable) return [];
  const { id, name } = member;
  return [
    { id: "staff-edit", group: "record", label: m.edit, shortcuts: ["e"], icon: Pencil, off, run: () => route.go(["staff", id, "edit"]) },
    {
      id: "staff-reset-password",
      group: "record",
      label: m.staff_reset_ask,
      shortcuts: ["p"],
      icon: KeyRound,
      off,
      run: () => dialogs.show({ kind: "reset-password", staff_id: id, name }),
    },
    member.active
      ? { id: "staff-deactivate", group: "record", label: m.staff_deactivate_ask, shortcuts: ["s"], icon: UserX, off, run: () => ask_deactivate(member) }
      : { id: "staff-activate", group: "record", label: m.activate, shortcuts: ["s"], icon: UserCheck, off, run: () => void activate(id, name) },
  ];
}
