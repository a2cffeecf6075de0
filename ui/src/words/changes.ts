// What the audit wrote down, as a person reads it.
import { m } from "../messages/messages";
import type { FieldChange, Permission, Role } from "../platform";
import { MAY, ROLE } from "./people";
import { moment, money } from "./provider_words";
import { field_words, term_words } from "./terms";

const AMOUNTS = ["amount", "balance", "price"];
const YES_OR_NO = ["devices_only", "is_primary", "active", "for_resellers", "api_plain"];
// The audit knows these by number only, and a number tells nobody anything.
const NUMBERS = ["id", "tenant_id", "customer_id", "router_id", "login_role"];
// Names, except of what is gone or out of reach: that stays a number.
const NAMED = ["package_id", "zone_id", "operator_id", "parent_id"];

const is_number = (value: string | null) => value !== null && /^\d+$/.test(value);

function people_words(field: string, value: string): string | null {
  if (field === "role") return ROLE[value as Role]?.() ?? value;
  if (field !== "permissions") return null;
  const words = [...value.matchAll(/\w+/g)].map(([word]) => MAY[word as Permission]?.() ?? word);
  return words.length > 0 ? words.join(", ") : m.history_empty();
}

/** `AB:CD:…` out of the database's own `\xabcd…`. */
function fingerprint_words(stored: string): string {
  return stored.replace(/^\\x/, "").toUpperCase().match(/[0-9A-F]{2}/g)?.join(":") ?? stored;
}

/** The audit keeps what the database holds; a person reads days, money and words. */
function value_words(field: string, value: string | null): string {
  if (value === null || value === "") return m.history_empty();
  if (NAMED.includes(field)) return is_number(value) ? m.history_unnamed() : value;
  if (YES_OR_NO.includes(field)) return value === "true" ? m.yes() : m.no();
  if (field === "api_fingerprint") return fingerprint_words(value);
  const term = term_words(field, value) ?? people_words(field, value);
  if (term !== null) return term;
  if ((field.endsWith("_at") || field.startsWith("period_")) && !Number.isNaN(Date.parse(value))) return moment(new Date(value).toISOString());
  if (AMOUNTS.includes(field) && /^-?\d+$/.test(value)) return money(Number(value));
  return value;
}

function change_words({ field, before, after }: FieldChange): string {
  const words = { field: field_words(field), after: value_words(field, after) };
  return before === null ? m.history_set(words) : m.history_change({ ...words, before: value_words(field, before) });
}

function says_something({ field, before, after }: FieldChange): boolean {
  if (NUMBERS.includes(field)) return false;
  return !NAMED.includes(field) || [before, after].some((side) => side && !is_number(side));
}

/** A line for each change that means something to a person. */
export function changes_words(changes: readonly FieldChange[]): string[] {
  return changes.filter(says_something).map(change_words);
}
