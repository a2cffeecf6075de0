// The list's filters are what the URL says.
import { session } from "../../app/session.svelte";
import type { SessionFilter, SessionQuery } from "../../platform";

export const SESSION_FILTERS: readonly SessionFilter[] = ["open", "online", "stale", "ended"];

/** What is shown of the sessions: a state of theirs, or where routers and reports differ. */
export type SessionView = SessionFilter | "differences";

/** Routers are logged in to for it. */
export function sees_differences(): boolean {
  return session.may("session_read") && session.may("router_secret");
}

export function view_of(params: URLSearchParams): SessionView {
  return params.get("filter") === "differences" && sees_differences() ? "differences" : sessions_query_of(params, 1).filter;
}

export function sessions_query_of(params: URLSearchParams, limit: number): SessionQuery {
  const router = params.get("router_id") ?? "";
  return {
    search: params.get("search") ?? "",
    filter: SESSION_FILTERS.find((filter) => filter === params.get("filter")) ?? "open",
    router_id: /^\d+$/.test(router) ? Number(router) : null,
    customer_id: null,
    after: null,
    limit,
  };
}

export const PARAMS = ["search", "filter", "router_id"] as const;

export function narrows(params: URLSearchParams): boolean {
  return PARAMS.some((param) => params.has(param));
}
