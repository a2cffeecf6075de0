import { m } from "../../messages/messages";
import type { SessionOutcome } from "../../platform";
import { how_words, OUTCOME, outcome_of, tally } from "../../words/outcomes";
import { number } from "../../words/provider_words";

/** `rahim at tower-1: done (by RADIUS)`; a session that was gone already has told no names. */
export function outcome_line(outcome: SessionOutcome): string {
  const { user_name, router_name } = outcome;
  const whose = user_name ? `${m.outcome_whose({ name: user_name, router: router_name })}: ` : "";
  const how = how_words(outcome);
  return `${whose}${OUTCOME[outcome_of(outcome)]()}${how ? ` (${how})` : ""}`;
}

/** `2 refused · 10 done` */
export function tally_words(outcomes: readonly SessionOutcome[]): string {
  return tally(outcomes).map(([outcome, count]) => `${number(count)} ${OUTCOME[outcome]()}`).join(" · ");
}
