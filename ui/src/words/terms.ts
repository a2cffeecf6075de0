// The product's own terms: closed lists of the backend, in words.
import { m } from "../messages/messages";
import type { ConnectionType, PaymentMethod, Role, SetupStepKey, Status, StepState } from "../platform";

type Words = () => string;

export const STATUS: Record<Status, Words> = {
  active: m.status_active,
  suspended: m.status_suspended,
  expired: m.status_expired,
};

export const CONNECTION: Record<ConnectionType, Words> = {
  pppoe: m.connection_pppoe,
  hotspot: m.connection_hotspot,
  static_ip: m.connection_static_ip,
  other: m.connection_other,
};

export const METHOD: Record<PaymentMethod, Words> = {
  cash: m.method_cash,
  mobile_banking: m.method_mobile_banking,
  bank_transfer: m.method_bank_transfer,
  card: m.method_card,
  other: m.method_other,
};

export const ROLE: Record<Role, Words> = { super_admin: m.role_super_admin, admin: m.role_admin };

export const SETUP_STEP: Record<SetupStepKey, Words> = {
  database: m.step_database,
  schema: m.step_schema,
  provider: m.step_provider,
  log_in: m.step_log_in,
};

export const STEP_STATE: Record<StepState, Words> = {
  waiting: m.step_waiting,
  running: m.step_running,
  done: m.step_done,
  failed: m.step_failed,
};

const VERDICT: Record<string, Words> = {
  accepted: m.verdict_accepted,
  redirected: m.verdict_redirected,
  unknown_router: m.verdict_unknown_router,
  unknown_user: m.verdict_unknown_user,
  wrong_password: m.verdict_wrong_password,
  suspended: m.verdict_suspended,
  expired: m.verdict_expired,
  wrong_device: m.verdict_wrong_device,
};

const RECORD: Record<string, Words> = {
  customer: m.record_customer,
  login: m.record_login,
  device: m.record_device,
  bill: m.record_bill,
  payment: m.record_payment,
};

const ACTION: Record<string, Words> = {
  insert: m.history_insert,
  update: m.history_update,
  delete: m.history_delete,
  reveal: m.history_reveal,
};

const FIELD: Record<string, Words> = {
  name: m.field_name,
  mobile: m.field_mobile,
  username: m.field_username,
  password: m.field_password,
  mac: m.field_mac,
  address: m.field_address,
  status: m.field_status,
  package: m.field_package,
  package_id: m.field_package,
  zone: m.field_zone,
  zone_id: m.field_zone,
  postal_address: m.field_postal_address,
  note: m.field_note,
  expires_at: m.field_expiry,
  connection_type: m.field_connection_type,
  balance: m.field_balance,
  amount: m.field_amount,
  method: m.field_method,
  reference: m.field_reference,
  secret: m.field_password,
  kind: m.field_login_kind,
  registered_at: m.field_registered,
  suspended_reason: m.field_reason,
  package_name: m.field_package,
  period_from: m.field_period_from,
  period_to: m.field_period_to,
};

const word = (table: Record<string, Words>) => (code: string) => table[code]?.() ?? code.replaceAll("_", " ");

export const verdict_words = word(VERDICT);
export const record_words = word(RECORD);
export const action_words = word(ACTION);
export const field_words = word(FIELD);

const LOGIN_KIND: Record<string, Words> = { pppoe: m.connection_pppoe, hotspot: m.connection_hotspot, mac: m.login_kind_mac };

const TERMS: Record<string, Record<string, Words>> = {
  status: STATUS,
  connection_type: CONNECTION,
  method: METHOD,
  kind: LOGIN_KIND,
};

/** A stored term of a closed list, such as `suspended` of `status`; null where the field has no such list. */
export function term_words(field: string, value: string): string | null {
  const terms = TERMS[field];
  return terms ? (terms[value]?.() ?? value) : null;
}
