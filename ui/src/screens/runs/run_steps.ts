// A run's steps as a list of steps shows them.
import type { RunStep } from "../../platform";
import type { ListedStepState } from "../../words/runs";
import { capitalised } from "../../words/sentence";

export type ListedStep = { key: string; state: ListedStepState; title: string; elapsed_ms: number | null; message: string; hint: string };

/** Milliseconds that it took, or takes so far; null: it has not begun. */
export function elapsed_ms({ began_at, ended_at }: Pick<RunStep, "began_at" | "ended_at">, now: number): number | null {
  if (began_at === null) return null;
  return Math.max(0, (ended_at === null ? now : Date.parse(ended_at)) - Date.parse(began_at));
}

/** `driven`: somebody is at work on the run. Of a step that was left in its middle nobody knows what was done. */
export function listed(step: RunStep, now: number, driven: boolean): ListedStep {
  const { key, said, problem } = step;
  const left = !driven && (step.state === "running" || step.state === "undoing");
  const state = left ? "unknown" : step.state;
  // What went wrong often is what it said last.
  const told = problem && problem.message !== said ? [said, problem.message] : [said];
  return { key, state, title: capitalised(step.title), elapsed_ms: left ? null : elapsed_ms(step, now), message: told.filter(Boolean).join(" · "), hint: problem?.hint ?? "" };
}

/** What somebody has to type at the router, in the order in which it is to be typed: what was done last comes first. */
export function by_hand(steps: readonly RunStep[]): { title: string; lines: string[] } {
  const stuck = steps.filter(({ state }) => state === "stuck").toReversed();
  return { title: stuck[0]?.title ?? "", lines: stuck.flatMap(({ by_hand }) => by_hand) };
}
