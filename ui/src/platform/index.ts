// The only door to the desktop shell: nothing outside this folder imports @tauri-apps.
import { Channel } from "@tauri-apps/api/core";
import { getCurrentWindow } from "@tauri-apps/api/window";
import {
  commands,
  events,
  type AppState,
  type DatabaseState,
  type KeyState,
  type NearbyRouter,
  type Plan,
  type PlanCheck,
  type ProviderSetup,
  type ProvisionOutcome,
  type ProvisionRequest,
  type RotationProgress,
  type Router,
  type RouterSessions,
  type RouterTest,
  type RunDetail,
  type SessionChoice,
  type SessionOutcome,
  type SetupStep,
  type TestStep,
} from "./bindings";

export { CODE_PAGES, commands, RECORDS } from "./bindings";
export type { Error as Refusal } from "./bindings";
export type * from "./bindings";
export { copy_text } from "./clipboard";

/** What a long command tells on its way. */
function telling<T>(on_progress: (progress: T) => void): Channel<T> {
  const progress = new Channel<T>();
  progress.onmessage = on_progress;
  return progress;
}

/** The first start; at each turn it tells all its steps and how far they are. */
export function set_up(setup: ProviderSetup, on_steps: (steps: SetupStep[]) => void): Promise<AppState> {
  return commands.setUp(setup, telling(on_steps));
}

/** Rotates the organisation's key; told now and then how far it is. */
export function rotate_key(on_progress: (progress: RotationProgress) => void): Promise<KeyState> {
  return commands.keyRotate(telling(on_progress));
}

/** Asks every router whose log-in is kept; told of each as it answers, or does not. */
export function ask_all_routers(on_router: (router: Router) => void): Promise<Router[]> {
  return commands.routerAskAll(telling(on_router));
}

/** Tests how a router is reached; at each turn it tells all its steps and how far they are. */
export function test_router(id: number, on_steps: (steps: TestStep[]) => void): Promise<RouterTest> {
  return commands.routerTest(id, telling(on_steps));
}

/** Listens for routers nearby, at most 30 seconds; told of all that were found, whenever one more is. */
export function discover_routers(seconds: number, on_found: (found: NearbyRouter[]) => void): Promise<NearbyRouter[]> {
  return commands.routerDiscover(seconds, telling(on_found));
}

/** Where routers and their reports differ; told of each router as it was read. */
export function session_differences(on_router: (sessions: RouterSessions) => void): Promise<RouterSessions[]> {
  return commands.sessionDifferences(telling(on_router));
}

/** Ends sessions; told of each as it is known what became of it. */
export function disconnect_sessions(choices: SessionChoice[], on_outcome: (outcome: SessionOutcome) => void): Promise<SessionOutcome[]> {
  return commands.sessionDisconnect(choices, telling(on_outcome));
}

/** Gives sessions another speed, `5M/10M`; told of each as it is known what became of it. */
export function limit_sessions(ids: number[], rate_limit: string, on_outcome: (outcome: SessionOutcome) => void): Promise<SessionOutcome[]> {
  return commands.sessionLimit(ids, rate_limit, telling(on_outcome));
}

/** What a run would do to a router; at each turn it tells which checks are done. */
export function plan_provisioning(request: ProvisionRequest, on_checks: (checks: PlanCheck[]) => void): Promise<Plan> {
  return commands.provisionPlan(request, telling(on_checks));
}

/** Begins a run on each of several routers; told of each as it began, or did not. */
export function provision_routers(ids: number[], request: ProvisionRequest, on_outcome: (outcome: ProvisionOutcome) => void): Promise<ProvisionOutcome[]> {
  return commands.provisionStartMany(ids, request, telling(on_outcome));
}

/** Follows a run until it ends; told of it as often as it changes, at most ten times a second. */
export function watch_run(id: number, on_detail: (detail: RunDetail) => void): Promise<RunDetail> {
  return commands.runWatch(id, telling(on_detail));
}

/** Told when the database goes away and when it comes back; returns how to stop listening. */
export function on_database_state(callback: (state: DatabaseState) => void): () => void {
  const listening = events.databaseStateEvent.listen(({ payload }) => callback(payload));
  return () => void listening.then((stop) => stop());
}

/** Asked when somebody closes the window: true keeps it open. Returns how to stop listening. */
export function on_close_asked(keep_open: () => boolean): () => void {
  const listening = getCurrentWindow().onCloseRequested((event) => {
    if (keep_open()) event.preventDefault();
  });
  return () => void listening.then((stop) => stop());
}

/** Closes the window without asking again. */
export function close_window(): Promise<void> {
  return getCurrentWindow().destroy();
}
