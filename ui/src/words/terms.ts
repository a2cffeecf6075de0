// The product's own terms: closed lists of the backend, in words.
import { m } from "../messages/messages";
import type {
  CheckKey,
  CheckState,
  ConnectionType,
  LiveCause,
  NearMiss,
  OnlineState,
  PaymentMethod,
  RadiusStatus,
  Service,
  SessionFilter,
  SessionState,
  SetupStepKey,
  Status,
  StepState,
} from "../platform";

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

export const SERVICE: Record<Service, Words> = {
  pppoe: m.connection_pppoe,
  hotspot: m.connection_hotspot,
  dhcp: m.service_dhcp,
  vpn: m.service_vpn,
  test: m.service_test,
};

export const ONLINE: Record<OnlineState | SessionState, Words> = {
  online: m.state_online,
  stale: m.state_stale,
  ended: m.state_ended,
  offline: m.state_offline,
  unknown: m.state_unknown,
};

export const SESSION_FILTER: Record<SessionFilter, Words> = {
  open: m.state_open,
  online: m.state_online,
  stale: m.state_stale,
  ended: m.state_ended,
};

export const LIVE_CAUSE: Record<LiveCause, Words> = {
  suspended: m.status_suspended,
  activated: m.live_cause_activated,
  expiry: m.field_expiry,
  package: m.field_package,
  address: m.field_address,
  device: m.check_device,
  limit: m.live_cause_limit,
  asked: m.live_cause_asked,
};

export const NEAR_MISS: Record<NearMiss, Words> = { case: m.near_case, blanks: m.near_blanks };

export const RADIUS: Record<RadiusStatus, Words> = {
  answers: m.radius_answers,
  silent: m.radius_silent,
  not_watched: m.radius_not_watched,
};

export const CHECK: Record<CheckKey, Words> = {
  radius: m.check_radius,
  router: m.check_router,
  name: m.check_name,
  device: m.check_device,
  status: m.check_status,
  expiry: m.check_expiry,
  volume: m.check_volume,
  hours: m.check_hours,
  sessions: m.check_sessions,
  password: m.check_password,
  online: m.check_online,
  given: m.check_given,
  traffic: m.check_traffic,
  stability: m.check_stability,
};

export const CHECK_STATE: Record<CheckState, Words> = {
  passed: m.check_passed,
  failed: m.check_failed,
  warning: m.check_warning,
  unknown: m.check_unknown,
};

/** Why a session ended (RFC 2866 section 5.10), and `Lost-Stop`, which is ours. */
const SESSION_END: Record<string, Words> = {
  "User-Request": m.end_user_request,
  "Lost-Carrier": m.end_lost_carrier,
  "Lost-Service": m.end_lost_carrier,
  "Idle-Timeout": m.end_idle_timeout,
  "Session-Timeout": m.end_session_timeout,
  "Admin-Reset": m.end_admin_reset,
  "Admin-Reboot": m.end_admin_reboot,
  "NAS-Reboot": m.end_nas_reboot,
  "NAS-Request": m.end_nas_request,
  "Port-Error": m.end_port_error,
  "Lost-Stop": m.end_lost_stop,
};

/** Why a session ended; a cause that we have no words for stays as the router wrote it. */
export function session_end_words(cause: string): string {
  return SESSION_END[cause]?.() ?? cause;
}

const VERDICT: Record<string, Words> = {
  accepted: m.verdict_accepted,
  redirected: m.verdict_redirected,
  unknown_router: m.verdict_unknown_router,
  unknown_user: m.verdict_unknown_user,
  wrong_password: m.verdict_wrong_password,
  suspended: m.verdict_suspended,
  expired: m.verdict_expired,
  wrong_device: m.verdict_wrong_device,
  volume_used: m.verdict_volume_used,
  hours_used: m.verdict_hours_used,
  already_logged_in: m.verdict_already_logged_in,
};

const RECORD: Record<string, Words> = {
  customer: m.record_customer,
  login: m.record_login,
  device: m.record_device,
  bill: m.record_bill,
  payment: m.record_payment,
  session: m.record_session,
  staff: m.record_staff,
  operator: m.record_operator,
  package: m.record_package,
  router: m.record_router,
  router_access: m.record_router_access,
  zone: m.record_zone,
  tenant: m.record_tenant,
  tenant_owner: m.record_tenant_owner,
  organisation_key: m.record_organisation_key,
  run: m.record_run,
  template: m.record_template,
  config_backup: m.record_config_backup,
  router_template: m.record_router_template,
  blank_default: m.record_blank_default,
};

const ACTION: Record<string, Words> = {
  insert: m.history_insert,
  update: m.history_update,
  delete: m.history_delete,
  reveal: m.history_reveal,
  password: m.history_password,
  rotate: m.history_rotate,
  connect: m.history_connect,
  disconnect: m.history_disconnect,
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
  devices_only: m.field_devices_only,
  is_primary: m.device_primary,
  disconnect: m.disconnect,
  apply: m.apply_now,
  role: m.field_role,
  active: m.field_active,
  permissions: m.field_permissions,
  operator_name: m.field_operator,
  operator_id: m.field_operator,
  parent_id: m.field_under,
  closed_at: m.field_closed,
  generation: m.field_generation,
  holders: m.field_holders,
  rate_limit: m.field_rate_limit,
  volume_bytes: m.field_volume,
  hours: m.field_hours,
  validity_days: m.field_validity,
  price: m.field_price,
  address_pool: m.field_address_pool,
  max_sessions: m.field_max_sessions,
  for_resellers: m.field_for_resellers,
  nas_identifier: m.field_nas_identifier,
  coa_port: m.field_coa_port,
  api_host: m.field_api_host,
  api_port: m.field_api_port,
  api_plain: m.field_api_plain,
  api_code_page: m.field_code_page,
  api_fingerprint: m.field_fingerprint,
  user_name: m.field_username,
  time_zone: m.field_time_zone,
  suspended_policy: m.suspended_policy,
  suspended_pool: m.field_suspended_pool,
  suspended_list: m.field_suspended_list,
  suspended_rate_limit: m.field_suspended_rate_limit,
  password_set_at: m.field_password_set,
  created_at: m.field_created,
  sealed: m.field_password,
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
