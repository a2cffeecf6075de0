// The list's filters and sort are what the URL says.
import type { ConnectionType, CustomerQuery, CustomerSort, Status } from "../../platform";

export const STATUSES: readonly Status[] = ["active", "suspended", "expired"];
export const CONNECTIONS: readonly ConnectionType[] = ["pppoe", "hotspot", "static_ip", "other"];
const SORTS: readonly CustomerSort[] = ["name", "registered", "expiry", "balance"];

export function everybody(limit: number): CustomerQuery {
  return {
    search: "",
    status: null,
    connection_type: null,
    package_id: null,
    zone_id: null,
    operator_id: null,
    sort: "name",
    descending: false,
    after: null,
    limit,
  };
}

function one_of<T extends string>(choices: readonly T[], text: string | null): T | null {
  return choices.find((choice) => choice === text) ?? null;
}

function id_of(text: string | null): number | null {
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}

export function query_of(params: URLSearchParams, limit: number): CustomerQuery {
  return {
    ...everybody(limit),
    search: params.get("search") ?? "",
    status: one_of(STATUSES, params.get("status")),
    connection_type: one_of(CONNECTIONS, params.get("connection_type")),
    package_id: id_of(params.get("package_id")),
    zone_id: id_of(params.get("zone_id")),
    operator_id: id_of(params.get("operator")),
    sort: one_of(SORTS, params.get("sort")) ?? "name",
    descending: params.get("descending") === "1",
  };
}

export const FILTERS = ["search", "status", "connection_type", "package_id", "zone_id", "operator"] as const;

export function is_filtered(params: URLSearchParams): boolean {
  return FILTERS.some((filter) => params.has(filter));
}

/** The same place with some parameters changed; an empty one is left out. */
export function with_params(params: URLSearchParams, change: Record<string, string | null>): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [key, value] of Object.entries(change)) {
    if (value === null || value === "") next.delete(key);
    else next.set(key, value);
  }
  return next;
}

/** What an edit began from: the way back leads there. */
const BEGAN = "began";

export function editing_from_explanation(params: URLSearchParams): URLSearchParams {
  return with_params(params, { [BEGAN]: "explain" });
}

export function leaving_to(id: number, params: URLSearchParams): { path: (string | number)[]; params: URLSearchParams } {
  const explained = params.get(BEGAN) === "explain";
  return { path: ["customers", id, ...(explained ? ["explain"] : [])], params: with_params(params, { [BEGAN]: null }) };
}
