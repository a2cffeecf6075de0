// What became of sessions that were told something, in words.
import { m } from "../messages/messages";
import type { LiveState, SessionOutcome, ToldBy } from "../platform";
import { detail_words } from "./live";

export type Outcome = "done" | "gone" | "waiting" | "refused" | "no_answer" | "unknown";

/** In the order in which somebody looks at them: what went wrong comes first. */
export const OUTCOMES: readonly Outcome[] = ["unknown", "refused", "no_answer", "waiting", "gone", "done"];

const OF: Record<LiveState, Outcome> = {
  done: "done",
  not_needed: "done",
  gone: "gone",
  waiting: "waiting",
  refused: "refused",
  no_answer: "no_answer",
  gave_up: "no_answer",
  unknown: "unknown",
};

export function outcome_of({ state }: Pick<SessionOutcome, "state">): Outcome {
  return OF[state];
}

export function has_failed(outcome: Pick<SessionOutcome, "state">): boolean {
  return ["unknown", "refused", "no_answer"].includes(outcome_of(outcome));
}

export const OUTCOME: Record<Outcome, () => string> = {
  done: m.outcome_done,
  gone: m.live_gone,
  waiting: m.outcome_waiting,
  refused: m.outcome_refused,
  no_answer: m.outcome_no_answer,
  unknown: m.outcome_unknown,
};

const TOLD_BY: Record<ToldBy, () => string> = { radius: m.told_by_radius, api: m.told_by_api };

/** Which way, and what the router said. */
export function how_words({ told_by, detail, state }: SessionOutcome): string {
  // A session that was over before anybody was told went no way at all.
  const way = state === "gone" && detail === "" ? "" : TOLD_BY[told_by]();
  return [way, detail_words(detail)].filter(Boolean).join(": ");
}

export function tally(outcomes: readonly SessionOutcome[]): [Outcome, number][] {
  const counted = OUTCOMES.map((outcome): [Outcome, number] => [outcome, outcomes.filter((one) => outcome_of(one) === outcome).length]);
  return counted.filter(([, count]) => count > 0);
}
