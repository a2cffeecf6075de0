import { m } from "../../messages/messages";
import type { AuditEntry } from "../../platform";
import { changes_words } from "../../words/changes";
import { action_words, record_words } from "../../words/terms";

export function by_words({ by }: AuditEntry): string {
  return by || m.audit_set_up();
}

/** `changed customer Rahima Begum`; what belongs to a customer is told by the customer's name. */
export function what_words({ action, record, record_name, customer_name }: AuditEntry): string {
  const name = record_name ?? customer_name;
  const words = { action: action_words(action), record: record_words(record) };
  return name ? m.audit_what({ ...words, name }) : m.audit_what_unnamed(words);
}

/** In a line. */
export function changed_words({ changes }: AuditEntry): string {
  return changes_words(changes).join("; ");
}

export function whence_words({ program, host, address }: AuditEntry): string {
  return [program, host, address].filter(Boolean).join(" · ");
}
