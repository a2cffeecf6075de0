// The audit's filters are what the URL says.
import { RECORDS, type AuditAction, type AuditEntry, type AuditQuery } from "../../platform";
import { is_iso_day } from "../../words/time";

export const ACTIONS: readonly AuditAction[] = ["insert", "update", "delete", "reveal", "password", "rotate", "connect", "disconnect"];

function id_of(text: string | null): number | null {
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}

function day_of(text: string | null): string | null {
  return text !== null && is_iso_day(text) ? text : null;
}

export function audit_query_of(params: URLSearchParams, limit: number): AuditQuery {
  const record = RECORDS.find((kind) => kind === params.get("record")) ?? null;
  return {
    by: params.get("by") ?? "",
    record,
    // A number says nothing without its kind.
    record_id: record === null ? null : id_of(params.get("record_id")),
    customer_id: id_of(params.get("customer_id")),
    action: ACTIONS.find((action) => action === params.get("action")) ?? null,
    operator_id: id_of(params.get("operator_id")),
    from: day_of(params.get("from")),
    to: day_of(params.get("to")),
    after: null,
    limit,
  };
}

export const PARAMS = ["by", "record", "record_id", "customer_id", "action", "operator_id", "from", "to"] as const;

export function narrows(params: URLSearchParams): boolean {
  return PARAMS.some((param) => params.has(param));
}

/** The page of what an entry is about; null where it has none. */
export function place_of(entry: AuditEntry): (string | number)[] | null {
  if (entry.action === "delete") return entry.customer_id === null || entry.record === "customer" ? null : ["customers", entry.customer_id];
  switch (entry.record) {
    case "package":
      return ["packages", entry.record_id];
    case "zone":
      return ["zones", entry.record_id];
    case "router":
    case "router_access":
      return ["routers", entry.record_id];
    case "staff":
      return ["staff", entry.record_id];
    case "operator":
      return ["operators", entry.record_id];
    case "tenant":
      return ["settings", "provider"];
    case "organisation_key":
      return ["settings", "key"];
    default:
      return entry.customer_id === null ? null : ["customers", entry.customer_id];
  }
}
