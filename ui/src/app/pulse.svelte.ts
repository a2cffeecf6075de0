// What the status bar shows of everything: whether RADIUS answers, how many are online, how many routers answer, and
// how many runs are at work.
import { commands, type RadiusState, type Router, type RunCount, type SessionCount } from "../platform";
import { session } from "./session.svelte";

const EVERY_MS = 15_000;

class Pulse {
  radius = $state.raw<RadiusState | null>(null);
  sessions = $state.raw<SessionCount | null>(null);
  routers = $state.raw<Router[] | null>(null);
  runs = $state.raw<RunCount | null>(null);

  start(): () => void {
    void this.ask();
    const repeating = setInterval(() => {
      if (!session.offline && !document.hidden) void this.ask();
    }, EVERY_MS);
    return () => clearInterval(repeating);
  }

  clear(): void {
    this.radius = null;
    this.sessions = null;
    this.routers = null;
    this.runs = null;
  }

  /** A failure says nothing: what was known stays, and a lost database tells so by itself. */
  async ask(): Promise<void> {
    const [radius, sessions, routers, runs] = await Promise.allSettled([
      commands.radiusState(),
      session.may("session_read") ? commands.sessionCount() : null,
      session.may("router_read") ? commands.routerList() : null,
      session.may("router_read") ? commands.runCount() : null,
    ]);
    if (radius.status === "fulfilled") this.radius = radius.value;
    if (sessions.status === "fulfilled") this.sessions = sessions.value;
    if (routers.status === "fulfilled") this.routers = routers.value;
    if (runs.status === "fulfilled") this.runs = runs.value;
  }
}

export const pulse = new Pulse();
