// The list's filters are what the URL says.
import type { Router, RouterStatus } from "../../platform";

export const STATUSES: readonly RouterStatus[] = ["up", "pending", "not_watched", "never_seen", "no_log_in"];
export const PARAMS = ["search", "state"] as const;

export type RoutersQuery = { search: string; state: RouterStatus | null };

export function routers_query_of(params: URLSearchParams): RoutersQuery {
  return { search: params.get("search") ?? "", state: STATUSES.find((state) => state === params.get("state")) ?? null };
}

function says({ name, address, nas_identifier, operator_name, api, seen }: Router, wanted: string): boolean {
  const texts = [name, address, nas_identifier, operator_name, api.host, seen.identity, seen.version, seen.board];
  return texts.some((text) => text?.toLowerCase().includes(wanted));
}

/** Those that the search finds, whatever their state: what the chips count. */
export function found(routers: readonly Router[], { search }: RoutersQuery): Router[] {
  const wanted = search.trim().toLowerCase();
  return wanted === "" ? [...routers] : routers.filter((router) => says(router, wanted));
}

export function in_state(routers: readonly Router[], { state }: RoutersQuery): Router[] {
  return state === null ? [...routers] : routers.filter(({ seen }) => seen.status === state);
}

export function counts(routers: readonly Router[]): Record<RouterStatus, number> {
  const counted = { up: 0, pending: 0, not_watched: 0, never_seen: 0, no_log_in: 0 };
  for (const { seen } of routers) counted[seen.status] += 1;
  return counted;
}

export function narrows(params: URLSearchParams): boolean {
  return PARAMS.some((param) => params.has(param));
}
