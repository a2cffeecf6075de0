// What became of a change that was sent to a live session, in words.
import { m } from "../messages/messages";
import type { Customer, LiveChange } from "../platform";
import { calendar_day } from "./provider_words";

type Words = () => string;

/** What the backend writes as the detail; whatever is not here is a rate, or the router's own word. */
const DETAIL: Record<string, Words> = {
  "the session has ended": m.live_detail_ended,
  "it is as it should be": m.live_detail_as_it_should,
  "it is not known what it was given": m.live_detail_not_known,
  "address list": m.live_detail_address_list,
  address: m.live_detail_address,
  volume: m.live_detail_volume,
  rate: m.live_detail_rate,
  suspended: m.live_detail_suspended,
  expired: m.live_detail_expired,
  wrong_device: m.live_detail_wrong_device,
  volume_used: m.live_detail_volume_used,
  hours_used: m.live_detail_hours_used,
};

/** The backend's detail in the chosen language. */
export function detail_words(detail: string): string {
  const known = DETAIL[detail]?.();
  if (known !== undefined) return known;
  return detail.replace(/until (\d{4}-\d{2}-\d{2})$/, (_, iso: string) => m.live_detail_until({ day: calendar_day(iso) }));
}

function outcome_words({ state, action }: LiveChange): string {
  switch (state) {
    case "waiting":
      return m.live_waiting();
    case "not_needed":
      return m.live_not_needed();
    case "done":
      return action === "change_of_authorization" ? m.live_changed() : m.live_disconnected();
    case "gone":
      return m.live_gone();
    case "refused":
      return m.live_refused();
    case "no_answer":
      return m.live_no_answer();
    case "gave_up":
      return m.live_gave_up();
    case "unknown":
      return m.outcome_unknown();
  }
}

/** `disconnected: suspended`; what nobody answered has no detail but how the line failed. */
export function live_words(change: LiveChange): string {
  const words = outcome_words(change);
  const told = change.detail !== "" && change.state !== "waiting" && change.state !== "no_answer";
  return told ? `${words}: ${detail_words(change.detail)}` : words;
}

/** `tower-1: disconnected` */
export function live_line(change: LiveChange): string {
  return `${change.router_name}: ${live_words(change)}`;
}

export function is_settled(change: LiveChange): boolean {
  return change.state !== "waiting" && change.state !== "no_answer";
}

const LATELY_MS = 60_000;

/**
 * What a change that was just made set off: asked for since the newest entry of the history, and not long ago, as a
 * change that changed nothing writes no entry.
 */
export function set_off(customer: Customer, now: number): LiveChange[] {
  const since = Math.max(Date.parse(customer.history[0]?.at ?? "") || 0, now - LATELY_MS);
  // The entry and what it sets off are written in one transaction, by clocks that round differently.
  return customer.live_changes.filter(({ asked_at }) => Date.parse(asked_at) >= since - 1_000);
}

/** For the notice after a change; empty where no session was live. */
export function set_off_words(customer: Customer, now: number): string {
  return set_off(customer, now).map(live_line).join(" · ");
}
