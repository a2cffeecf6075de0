// The list's filters are what the URL says.
import type { Run, RunQuery, RunState } from "../../platform";
import { ACTIVE_STATES, is_active } from "../../words/runs";

export type RunView = "active" | "attention" | "done" | "failed" | "undone";

/** Which states each view shows. */
export const VIEWS: Record<RunView, readonly RunState[]> = {
  active: ACTIVE_STATES,
  attention: ["interrupted", "stuck"],
  done: ["done"],
  failed: ["failed"],
  undone: ["undone"],
};

export const PARAMS = ["state", "router", "ids"] as const;

export function view_of(params: URLSearchParams): RunView | null {
  return (Object.keys(VIEWS) as RunView[]).find((view) => view === params.get("state")) ?? null;
}

export function run_query_of(params: URLSearchParams): RunQuery {
  const view = view_of(params);
  const router = params.get("router") ?? "";
  return { router_id: /^\d+$/.test(router) ? Number(router) : null, states: view === null ? [] : [...VIEWS[view]] };
}

/** Runs that were started together; empty: all of them are listed. */
export function together(params: URLSearchParams): number[] {
  return (params.get("ids") ?? "").split(",").filter((id) => /^\d+$/.test(id)).map(Number);
}

export function narrows(params: URLSearchParams): boolean {
  return PARAMS.some((param) => params.has(param));
}

/** What is at work stands on top; else the newest first, each once. */
export function in_order(runs: readonly Run[]): Run[] {
  const once = [...new Map(runs.map((run) => [run.id, run])).values()];
  return once.toSorted((one, other) => Number(is_active(other)) - Number(is_active(one)) || other.id - one.id);
}

export type Tally = { done: number; active: number; attention: number; other: number };

export function tally(runs: readonly Run[]): Tally {
  const counted = { done: 0, active: 0, attention: 0, other: 0 };
  for (const run of runs) {
    if (is_active(run)) counted.active += 1;
    else if (run.state === "done") counted.done += 1;
    else if (VIEWS.attention.includes(run.state)) counted.attention += 1;
    else counted.other += 1;
  }
  return counted;
}
