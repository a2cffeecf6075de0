// What the status bar shows of everything: whether RADIUS answers, how many are online, and how many routers answer.
import { commands, type RadiusState, type Router, type SessionCount } from "../platform";
import { session } from "./session.svelte";

const EVERY_MS = 15_000;

class Pulse {
  radius = $state.raw<RadiusState | null>(null);
  sessions = $state.raw<SessionCount | null>(null);
  routers = $state.raw<Router[] | null>(null);

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
  }

  /** A failure says nothing: what was known stays, and a lost database tells so by itself. */
  async ask(): Promise<void> {
    const [radius, sessions, routers] = await Promise.allSettled([
      commands.radiusState(),
      session.may("session_read") ? commands.sessionCount() : null,
      session.may("router_read") ? commands.routerList() : null,
    ]);
    if (radius.status === "fulfilled") this.radius = radius.value;
    if (sessions.status === "fulfilled") this.sessions = sessions.value;
    if (routers.status === "fulfilled") this.routers = routers.value;
  }
}

export const pulse = new Pulse();
