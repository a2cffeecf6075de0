// How it stands with routers, in words.
import { m } from "../messages/messages";
import type { Agreement, CODE_PAGES, ReleaseKnowledge, Router, RouterSeen, RouterStatus, TestStepKey, TestStepState } from "../platform";
import { session } from "../app/session.svelte";
import { as_of } from "./provider_words";

type Words = () => string;

/** In one word or two: for filters. */
export const ROUTER_STATUS: Record<RouterStatus, Words> = {
  up: m.router_up,
  pending: m.router_pending,
  not_watched: m.router_not_watched,
  never_seen: m.router_never_seen,
  no_log_in: m.router_no_log_in,
};

export const TEST_STEP: Record<TestStepKey, Words> = {
  reach: m.test_reach,
  encryption: m.test_encryption,
  log_in: m.test_log_in,
  permissions: m.test_permissions,
  release: m.test_release,
  clock: m.test_clock,
};

export const TEST_STATE: Record<TestStepState, Words> = {
  waiting: m.step_waiting,
  running: m.step_running,
  done: m.step_done,
  warning: m.step_look,
  failed: m.step_failed,
  skipped: m.step_skipped,
};

export const AGREEMENT: Record<Agreement, Words> = {
  agreed: m.agreement_agreed,
  only_on_router: m.agreement_only_on_router,
  only_reported: m.agreement_only_reported,
};

/** What to know about the release; nothing where it is known. */
export const KNOWLEDGE: Record<ReleaseKnowledge, Words | null> = {
  known: null,
  newer: m.release_newer,
  older: m.release_older,
  unreadable: m.release_unreadable,
};

/** Whose letters a code page writes. */
export const CODE_PAGE: Record<(typeof CODE_PAGES)[number], Words> = {
  "windows-1252": m.code_page_western,
  "windows-1250": m.code_page_central,
  "windows-1251": m.code_page_cyrillic,
  "windows-1253": m.code_page_greek,
  "windows-1254": m.code_page_turkish,
  "windows-1255": m.code_page_hebrew,
  "windows-1256": m.code_page_arabic,
  "windows-1257": m.code_page_baltic,
  "windows-1258": m.code_page_vietnamese,
  "windows-874": m.code_page_thai,
};

/** `Pending, next try 14:02:31`: with the moment that belongs to it. */
export function router_state_words({ status, next_try_at, seen_at }: RouterSeen): string {
  if (status === "pending" && next_try_at) return m.router_pending_next({ time: session.clock(next_try_at, true) });
  if (status === "not_watched" && seen_at) return m.router_not_watched_as_of({ time: as_of(seen_at) });
  return ROUTER_STATUS[status]();
}

/** `7.18.2` out of `7.18.2 (stable)`. */
export function release_words({ version }: RouterSeen): string {
  return version?.split(" ")[0] ?? "";
}

/** Per cent of the memory in use; null while that is not known. */
export function memory_used({ memory_free, memory_total }: RouterSeen): number | null {
  if (memory_free === null || !memory_total) return null;
  return Math.round((1 - memory_free / memory_total) * 100);
}

/** PPP and hotspot together; null while neither is known. */
export function sessions_on({ ppp_sessions, hotspot_sessions }: RouterSeen): number | null {
  return ppp_sessions === null && hotspot_sessions === null ? null : (ppp_sessions ?? 0) + (hotspot_sessions ?? 0);
}

/** How many routers answer, of those that anybody can look at; none is looked at: null. */
export function routers_up(routers: readonly Router[]): { up: number; all: number } | null {
  const looked_at = routers.filter(({ seen }) => seen.status === "up" || seen.status === "pending");
  const all = routers.filter(({ seen }) => seen.status !== "no_log_in").length;
  return looked_at.length === 0 ? null : { up: looked_at.filter(({ seen }) => seen.status === "up").length, all };
}
