// The findings of an explanation in words: sentences without a period, as they stand alone and in a row.
import { m } from "../messages/messages";
import type { DropPattern, Finding, Fix, OpenSession } from "../platform";
import { data, hours, moment, span, when } from "./provider_words";
import { session_end_words } from "./terms";

type Of<Code extends Finding["code"]> = Extract<Finding, { code: Code }>;

const sentences = (...parts: (string | false | null)[]) => parts.filter(Boolean).join(". ");

function strangers(addresses: string[]): string | false {
  return addresses.length > 0 && m.finding_strangers({ addresses: addresses.join(", ") });
}

function elsewhere({ sessions, max_sessions }: Of<"logged_in_elsewhere">): string {
  const each = (session: OpenSession) =>
    m.finding_elsewhere_session({
      device: session.mac ?? m.finding_no_mac(),
      router: session.router_name,
      time: when(session.started_at),
    });
  const limit = m.finding_elsewhere({ max: max_sessions });
  return sessions.length === 0 ? limit : `${limit}: ${sessions.map(each).join("; ")}`;
}

function password_wrong({ at, router_name, times, near }: Of<"password_wrong">): string {
  const time = when(at);
  const wrong = router_name ? m.finding_password_wrong_at({ router: router_name, time }) : m.finding_password_wrong({ time });
  return sentences(
    times > 1 ? `${wrong}, ${m.finding_password_times({ times })}` : wrong,
    near === "case" && m.finding_password_case(),
    near === "blanks" && m.finding_password_blanks(),
  );
}

function device_unknown({ mac, is_random, registered }: Of<"device_unknown">): string {
  if (mac === null) return m.finding_device_unnamed({ registered });
  return sentences(m.finding_device_unknown({ mac, registered }), is_random && m.finding_device_random());
}

function pattern_words(pattern: DropPattern): string {
  switch (pattern.pattern) {
    case "devices_take_turns":
      return m.finding_take_turns({ macs: pattern.macs.join(", ") });
    case "session_timeout":
      return m.end_session_timeout();
    case "idle_timeout":
      return m.end_idle_timeout();
    case "lost_carrier":
      return m.end_lost_carrier();
    case "user_request":
      return m.end_user_request();
    case "router_restarts":
      return m.end_nas_request();
    case "other":
      return pattern.cause ? session_end_words(pattern.cause) : m.finding_no_end();
  }
}

/** One finding, as one sentence or a few, without the last period. */
export function finding_words(finding: Finding): string {
  switch (finding.code) {
    case "radius_answers":
      return m.finding_radius_answers({ time: when(finding.at) });
    case "radius_silent":
      return m.finding_radius_silent({ time: when(finding.at), reason: finding.reason });
    case "radius_not_watched":
      return finding.last_packet_at
        ? m.finding_radius_not_watched({ time: when(finding.last_packet_at) })
        : m.finding_radius_never();
    case "router_heard":
      return m.finding_router_heard({ router: finding.router_name, time: when(finding.at) });
    case "router_silent":
      return sentences(m.finding_router_silent({ router: finding.router_name, time: when(finding.at) }), strangers(finding.strangers));
    case "router_never_heard":
      return sentences(m.finding_router_never_heard({ router: finding.router_name }), strangers(finding.strangers));
    case "router_not_known_yet":
      return sentences(
        m.finding_router_not_known({ heard: finding.heard, routers: finding.routers }),
        strangers(finding.strangers),
      );
    case "name_known":
      return m.finding_name_known({ name: finding.user_name });
    case "name_mistyped":
      return m.finding_name_mistyped({ typed: finding.typed, time: when(finding.at) });
    case "name_unknown":
      return m.finding_name_unknown({ name: finding.user_name });
    case "no_log_in":
      return m.finding_no_log_in();
    case "any_device":
      return m.finding_any_device();
    case "device_known":
      return m.finding_device_known({ mac: finding.mac });
    case "device_unknown":
      return device_unknown(finding);
    case "device_not_tried":
      return m.finding_device_not_tried({ registered: finding.registered });
    case "active":
      return m.finding_active();
    case "suspended":
      return finding.reason ? m.finding_suspended_because({ reason: finding.reason }) : m.finding_suspended();
    case "expires":
      return m.finding_expires({ time: when(finding.at) });
    case "expired":
      return m.finding_expired({ time: when(finding.at) });
    case "never_paid":
      return m.finding_never_paid();
    case "no_volume_limit":
    case "no_hours_limit":
      return m.finding_no_limit();
    case "volume_left":
      return m.finding_left({ left: data(finding.bytes) });
    case "volume_used":
      return m.finding_volume_used({ used: data(finding.used_bytes), time: moment(finding.since) });
    case "hours_left":
      return m.finding_left({ left: hours(finding.seconds) });
    case "hours_used":
      return m.finding_hours_used({ used: hours(finding.used_seconds), time: moment(finding.since) });
    case "no_session_limit":
      return m.finding_no_session_limit();
    case "sessions_free":
      return m.finding_sessions_free({ others: finding.others, max: finding.max_sessions });
    case "logged_in_elsewhere":
      return elsewhere(finding);
    case "password_matched":
      return m.finding_password_matched({ time: when(finding.at) });
    case "password_wrong":
      return password_wrong(finding);
    case "password_changed":
      return m.finding_password_changed({ time: when(finding.at) });
    case "password_not_tried":
      return m.finding_password_not_tried();
    case "password_not_needed":
      return m.finding_password_not_needed();
    default:
      return session_finding_words(finding);
  }
}

type SessionFinding = Of<
  | "online" | "stale" | "offline" | "no_accounting" | "never_online" | "given_as_it_should" | "still_on_notice"
  | "still_online" | "old_rate" | "old_address" | "traffic_flows" | "no_traffic" | "traffic_not_reported" | "steady"
  | "drops" | "no_session"
>;

function session_finding_words(finding: SessionFinding): string {
  switch (finding.code) {
    case "online": {
      const since = m.online_since({ time: when(finding.since), router: finding.router_name });
      return finding.address ? `${since}, ${finding.address}` : since;
    }
    case "stale":
      return m.online_stale({ router: finding.router_name, time: when(finding.updated_at) });
    case "offline": {
      const since = m.online_offline({ time: when(finding.ended_at) });
      return finding.terminate_cause ? `${since}: ${session_end_words(finding.terminate_cause)}` : since;
    }
    case "no_accounting":
      return m.finding_no_accounting({ time: when(finding.let_in_at), router: finding.router_name });
    case "never_online":
      return m.finding_never_online();
    case "given_as_it_should":
      return finding.rate_limit ? m.finding_given_rate({ rate: finding.rate_limit }) : m.finding_given();
    case "still_on_notice": {
      const held = [finding.address_list, finding.framed_pool].filter(Boolean).join(", ");
      const words = m.finding_on_notice({ router: finding.router_name });
      return held ? `${words}: ${held}` : words;
    }
    case "still_online":
      return m.finding_still_online({ router: finding.router_name });
    case "old_rate":
      return m.finding_old({
        router: finding.router_name,
        given: finding.given ?? m.finding_no_rate(),
        should_be: finding.should_be ?? m.finding_no_rate(),
      });
    case "old_address":
      return m.finding_old({
        router: finding.router_name,
        given: finding.given ?? m.finding_no_address(),
        should_be: finding.should_be,
      });
    case "traffic_flows":
      return m.finding_traffic({ data: data(finding.bytes), span: span(finding.seconds) });
    case "no_traffic":
      return m.finding_no_traffic({ span: span(finding.seconds) });
    case "traffic_not_reported":
      return m.finding_traffic_not_reported();
    case "steady":
      return m.finding_steady();
    case "drops":
      return m.finding_drops({
        sessions: finding.sessions,
        span: span(finding.every_minutes * 60),
        pattern: pattern_words(finding.pattern),
      });
    case "no_session":
      return m.finding_no_session();
  }
}

/** What stands on the button of a fix. */
export function fix_words(fix: Fix): string {
  switch (fix.code) {
    case "activate":
      return m.activate();
    case "pay":
      return m.payment_record();
    case "reveal_password":
      return m.fix_reveal_password();
    case "edit_customer":
      return m.fix_edit_customer();
    case "add_device":
      return m.fix_add_device({ mac: fix.mac });
    case "disconnect":
      return m.fix_disconnect({ router: fix.router_name });
    case "apply_now":
      return m.fix_apply_now({ router: fix.router_name });
    case "edit_router":
      return m.fix_edit_router({ router: fix.router_name });
    case "add_router":
      return m.fix_add_router({ address: fix.address });
    case "start_radius":
      return m.fix_start_radius();
  }
}
