// Whether a customer is online, as one sentence.
import { m } from "../messages/messages";
import type { Customer, SessionRow } from "../platform";
import { short_moment } from "./provider_words";

/** `Online since 14:02 at tower-1, 10.0.0.9`: the newest session tells since when and where. */
export function online_words({ online, sessions }: Pick<Customer, "online" | "sessions">): string {
  const newest = sessions.find(({ state }) => state === online) ?? sessions[0];
  if (online === "unknown" || !newest) return newest ? m.online_unknown_since() : m.online_unknown();
  switch (online) {
    case "online": {
      const since = m.online_since({ time: short_moment(newest.started_at), router: newest.router_name });
      return newest.address ? `${since}, ${newest.address}` : since;
    }
    case "stale":
      return m.online_stale({ router: newest.router_name, time: short_moment(newest.updated_at) });
    case "offline":
      return m.online_offline({ time: short_moment(newest.ended_at ?? newest.updated_at) });
  }
}

/** What is online goes on counting between two reports; in seconds. */
export function online_seconds(row: Pick<SessionRow, "state" | "seconds" | "started_at">, now: number): number {
  return row.state === "online" ? Math.max(row.seconds, (now - Date.parse(row.started_at)) / 1000) : row.seconds;
}
