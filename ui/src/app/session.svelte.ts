// What the backend says about itself: its phase, its database, who is logged in.
import { m } from "../messages/messages";
import { commands, on_database_state, type AppState, type DatabaseState, type Permission, type Provider, type StaffSummary } from "../platform";
import { refusal_of } from "../words/errors";
import { language } from "../words/language.svelte";
import { clock_words } from "../words/time";

class Session {
  state = $state.raw<AppState | null>(null);
  /** Grows whenever data may have changed: after a write of ours and after a reconnect. Lists and pages read it. */
  revision = $state(0);
  /** When data last came from the database, in milliseconds. */
  data_as_of = $state<number | null>(null);
  /** The clock for "in 3 days": one for the whole window, so that nothing disagrees. */
  now = $state(Date.now());

  get database(): DatabaseState | null {
    return this.state?.database ?? null;
  }

  get provider(): Provider | null {
    return this.state?.provider ?? null;
  }

  get staff(): StaffSummary | null {
    return this.state?.staff ?? null;
  }

  /** Whether the person who is logged in may do that. What they may not do is not shown; the database refuses it anyway. */
  may(permission: Permission): boolean {
    return this.staff?.permissions.includes(permission) ?? false;
  }

  get offline(): boolean {
    return this.database !== null && !this.database.online;
  }

  /** Why changes are off; null while they are on. */
  get writes_off(): string | null {
    return this.offline ? m.writes_off() : null;
  }

  get time_zone(): string {
    return this.provider?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  }

  clock(at: string | number, seconds = false): string {
    return clock_words(at, this.time_zone, language.tag, seconds);
  }

  start(): () => void {
    const ticking = setInterval(() => (this.now = Date.now()), 30_000);
    const stop_listening = on_database_state((database) => this.#database_changed(database));
    void this.refresh();
    return () => {
      clearInterval(ticking);
      stop_listening();
    };
  }

  async refresh(): Promise<void> {
    try {
      this.adopt(await commands.appState());
    } catch (thrown) {
      const since = new Date().toISOString();
      const unknown = { online: false, since, location: "", reason: null, next_try_at: null, log_in_ended: false };
      this.adopt({ phase: "failed", problem: refusal_of(thrown), provider: null, staff: null, database: unknown, version: "" });
    }
  }

  adopt(state: AppState): void {
    this.state = state;
  }

  adopt_provider(provider: Provider): void {
    if (this.state) this.state = { ...this.state, provider };
  }

  /** Something was written: whatever shows data reads it again. */
  data_changed(): void {
    this.revision += 1;
  }

  data_arrived(): void {
    this.data_as_of = Date.now();
  }

  #database_changed(database: DatabaseState): void {
    if (!this.state) return;
    const came_back = database.online && !this.state.database.online;
    this.state = { ...this.state, database };
    // Nothing can be done any more: the log-in screen says why.
    if (database.log_in_ended) void this.refresh();
    else if (came_back) this.data_changed();
  }
}

export const session = new Session();
