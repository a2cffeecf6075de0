// The only door to the desktop shell: nothing outside this folder imports @tauri-apps.
import { Channel } from "@tauri-apps/api/core";
import { getCurrentWindow } from "@tauri-apps/api/window";
import { commands, events, type AppState, type DatabaseState, type KeyState, type ProviderSetup, type RotationProgress, type SetupStep } from "./bindings";

export { commands, RECORDS } from "./bindings";
export type { Error as Refusal } from "./bindings";
export type * from "./bindings";
export { copy_text } from "./clipboard";

/** The first start; at each turn it tells all its steps and how far they are. */
export function set_up(setup: ProviderSetup, on_steps: (steps: SetupStep[]) => void): Promise<AppState> {
  const progress = new Channel<SetupStep[]>();
  progress.onmessage = on_steps;
  return commands.setUp(setup, progress);
}

/** Rotates the organisation's key; told now and then how far it is. */
export function rotate_key(on_progress: (progress: RotationProgress) => void): Promise<KeyState> {
  const progress = new Channel<RotationProgress>();
  progress.onmessage = on_progress;
  return commands.keyRotate(progress);
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
