// The list's filters are what the URL says.
import type { SessionFilter, SessionQuery } from "../../platform";

export const SESSION_FILTERS: readonly SessionFilter[] = ["open", "online", "stale", "ended"];

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
