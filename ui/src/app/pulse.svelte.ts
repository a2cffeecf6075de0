// What the status bar shows of everything: whether RADIUS answers, and how many are online.
import { commands, type RadiusState, type SessionCount } from "../platform";
import { session } from "./session.svelte";

const EVERY_MS = 15_000;

class Pulse {
  radius = $state.raw<RadiusState | null>(null);
  sessions = $state.raw<SessionCount | null>(null);

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
  }

  /** A failure says nothing: what was known stays, and a lost database tells so by itself. */
  async ask(): Promise<void> {
    const [radius, sessions] = await Promise.allSettled([commands.radiusState(), session.may("session_read") ? commands.sessionCount() : null]);
    if (radius.status === "fulfilled") this.radius = radius.value;
    if (sessions.status === "fulfilled") this.sessions = sessions.value;
  }
}

export const pulse = new Pulse();
