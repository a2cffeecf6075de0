// How it stands with runs and their steps, in words.
import { m } from "../messages/messages";
import type { Run, RunKind, RunState, RunStepState } from "../platform";

type Words = () => string;

export const RUN_STATE: Record<RunState, Words> = {
  waiting: m.run_waiting,
  running: m.run_running,
  undoing: m.run_undoing,
  done: m.run_done,
  failed: m.run_failed,
  undone: m.run_undone,
  interrupted: m.run_interrupted,
  stuck: m.run_stuck,
};

export const RUN_STATES = Object.keys(RUN_STATE) as RunState[];

export const RUN_KIND: Record<RunKind, Words> = { provision: m.run_kind_provision, restore: m.run_kind_restore };

/** With what nobody knows: a step that was left in its middle. */
export type ListedStepState = RunStepState | "unknown";

export const RUN_STEP_STATE: Record<ListedStepState, Words> = {
  pending: m.step_waiting,
  running: m.step_running,
  done: m.step_done,
  failed: m.step_failed,
  undoing: m.step_undoing,
  undone: m.step_undone,
  stuck: m.step_stuck,
  unknown: m.outcome_unknown,
};

/** Something still happens in it by itself. */
export function is_active({ state }: Pick<Run, "state">): boolean {
  return state === "waiting" || state === "running" || state === "undoing";
}

export const ACTIVE_STATES: readonly RunState[] = ["waiting", "running", "undoing"];

/** Cancelled, failed, undone and stuck are different words. */
export function run_state_words({ state, cause, cancel_asked }: Pick<Run, "state" | "cause" | "cancel_asked">): string {
  if (cancel_asked && (state === "waiting" || state === "running")) return m.run_cancelling();
  if (state === "undone" && cause === "failed") return m.run_undone_failed();
  if (state === "undone" && cause === "cancelled") return m.run_undone_cancelled();
  return RUN_STATE[state]();
}

/** `Provision: PPPoE` */
export function run_words({ kind, title }: Pick<Run, "kind" | "title">): string {
  return kind === "provision" ? m.run_provision({ title }) : m.run_restore({ title });
}

/** Seconds that it took, or takes so far; null: it has not begun. */
export function run_seconds({ began_at, ended_at }: Pick<Run, "began_at" | "ended_at">, now: number): number | null {
  if (began_at === null) return null;
  return Math.max(0, (ended_at === null ? now : Date.parse(ended_at)) - Date.parse(began_at)) / 1000;
}
