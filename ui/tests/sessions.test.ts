import { afterEach, beforeEach, describe, expect, test } from "vitest";
import en from "../messages/en.json";
import { session } from "../src/app/session.svelte";
import type { Customer, DropPattern, Finding, Fix, LiveChange, SessionRow } from "../src/platform";
import { narrows, sessions_query_of } from "../src/screens/sessions/query";
import { editing_from_explanation, leaving_to } from "../src/screens/customers/query";
import { data_words, hours_words, span_words } from "../src/words/amounts";
import { finding_words, fix_words } from "../src/words/findings";
import { language } from "../src/words/language.svelte";
import { is_settled, live_line, live_words, set_off } from "../src/words/live";
import { online_seconds, online_words } from "../src/words/online";
import { session_end_words, verdict_words } from "../src/words/terms";
import { days_between, is_iso_day, iso_day, short_moment_words, when_words } from "../src/words/time";

const AT = "2026-12-02T08:02:30Z";
const EN = "en-GB-u-nu-latn";
const BN = "bn-BD-u-nu-latn";

beforeEach(() => (session.now = Date.parse("2026-12-02T08:05:00Z")));
afterEach(() => (language.current = "en"));

describe("an amount of data", () => {
  test("has three figures and a decimal unit", () => {
    expect(data_words(0, EN)).toBe("0 B");
    expect(data_words(999, EN)).toBe("999 B");
    expect(data_words(1_530_000_000, EN)).toBe("1.53 GB");
    expect(data_words(41_000_000_000, EN)).toBe("41 GB");
    expect(data_words(123_456_789, BN)).toBe("123 MB");
  });

  test("is never a thousand of a unit", () => {
    expect(data_words(999_600_000, EN)).toBe("1 GB");
    expect(data_words(5_000e12, EN)).toBe("5,000 TB");
  });
});

describe("a span", () => {
  test("is told in its two largest units", () => {
    expect(span_words(0, EN)).toMatch(/^0 sec/);
    expect(span_words(40, EN)).toMatch(/^40 sec/);
    expect(span_words(125, EN, "narrow")).toBe("2m");
    expect(span_words(7_500, EN, "narrow")).toBe("2h 5m");
    expect(span_words(7_200, EN, "narrow")).toBe("2h");
    expect(span_words(3 * 86_400 + 4 * 3_600 + 59, EN, "narrow")).toBe("3d 4h");
  });

  test("of a package is in hours, however many days that is", () => {
    expect(hours_words(300 * 3_600, EN)).toMatch(/^300 h/);
    expect(hours_words(5_400, EN)).toMatch(/^1\.5 h/);
  });

  test("has Latin digits in Bengali too", () => {
    expect(span_words(7_500, BN)).toMatch(/^2 .+ 5 /);
  });
});

describe("a moment", () => {
  const now = Date.parse("2026-12-02T08:05:00Z");

  test("of today is a clock, of another day a date, and both say how far it is", () => {
    expect(when_words(AT, now, "Asia/Dhaka", EN)).toBe("14:02:30 (2 minutes ago)");
    expect(when_words("2026-12-11T08:05:00Z", now, "Asia/Dhaka", EN)).toBe("11 Dec 2026, 14:05 (in 9 days)");
  });

  test("of a list has no more of the date than is needed", () => {
    expect(short_moment_words(AT, now, "Asia/Dhaka", EN)).toBe("14:02:30");
    expect(short_moment_words("2026-11-02T08:02:30Z", now, "Asia/Dhaka", EN)).toBe("2 Nov, 14:02");
    expect(short_moment_words("2025-12-02T08:02:30Z", now, "Asia/Dhaka", EN)).toBe("2 Dec 2025, 14:02");
  });

  test("belongs to the provider's day", () => {
    expect(iso_day("2026-12-02T20:00:00Z", "Asia/Dhaka")).toBe("2026-12-03");
    expect(iso_day("2026-12-02T20:00:00Z", "UTC")).toBe("2026-12-02");
  });

  test("typed as a day is one of the calendar", () => {
    expect(["2026-12-03", "2028-02-29"].every(is_iso_day)).toBe(true);
    expect(["", "3.12.2026", "2026-13-01", "2026-02-30", "2026-1-1"].some(is_iso_day)).toBe(false);
  });

  test("has every day of its period beside it", () => {
    expect(days_between("2026-02-27", "2026-03-02")).toEqual(["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]);
    expect(days_between("2026-03-02", "2026-03-01")).toEqual([]);
  });
});

const CHANGE: LiveChange = {
  id: 1,
  session_id: 7,
  router_name: "tower-1",
  mac: null,
  cause: "suspended",
  state: "done",
  action: "disconnect",
  detail: "",
  asked_at: AT,
  settled_at: AT,
};

describe("what became of a live session", () => {
  test("is said by what was done and how it went", () => {
    expect(live_line(CHANGE)).toBe("tower-1: disconnected");
    expect(live_words({ ...CHANGE, action: "change_of_authorization", detail: "5M/10M" })).toBe("changed while it goes on: 5M/10M");
    expect(live_words({ ...CHANGE, state: "not_needed", action: null, detail: "it is as it should be" })).toBe(
      "nothing to do: it is as it should be",
    );
    expect(live_words({ ...CHANGE, state: "gone" })).toBe("had ended already");
    expect(live_words({ ...CHANGE, state: "refused", detail: "Missing-Attribute (402)" })).toBe(
      "the router refused: Missing-Attribute (402)",
    );
    expect(live_words({ ...CHANGE, state: "no_answer", detail: "timed out" })).toBe(en.live_no_answer);
    expect(live_words({ ...CHANGE, state: "waiting", action: null })).toBe(en.live_waiting);
  });

  test("has its details in the chosen language, and its days as days", () => {
    const moved = { ...CHANGE, action: "change_of_authorization" as const, detail: "5M/10M, until 2026-12-03" };
    expect(live_words(moved)).toBe("changed while it goes on: 5M/10M, until 3 Dec 2026");
    language.current = "bn";
    expect(live_words({ ...CHANGE, detail: "suspended" })).toContain("স্থগিত");
    expect(live_words(moved)).toContain("পর্যন্ত");
  });

  test("is settled unless somebody still has to answer", () => {
    expect((["waiting", "no_answer"] as const).some((state) => is_settled({ ...CHANGE, state }))).toBe(false);
    expect((["done", "gone", "refused", "not_needed"] as const).every((state) => is_settled({ ...CHANGE, state }))).toBe(true);
  });

  test("belongs to the change that set it off, not to an earlier one", () => {
    const now = Date.parse("2026-12-02T08:02:32Z");
    const before = { ...CHANGE, id: 2, asked_at: "2026-12-02T08:01:00Z" };
    const of = (at: string, live_changes: LiveChange[]) =>
      set_off({ history: [{ at }], live_changes } as unknown as Customer, now).map(({ id }) => id);
    expect(of(AT, [CHANGE, before])).toEqual([1]);
    // nothing was changed: the newest entry of the history is an old one
    expect(of("2026-12-02T07:00:00Z", [before])).toEqual([]);
    expect(of(AT, [])).toEqual([]);
  });
});

describe("whether a customer is online", () => {
  const row = (state: SessionRow["state"]) =>
    ({ state, started_at: AT, updated_at: AT, ended_at: AT, router_name: "tower-1", address: "10.0.0.9" }) as SessionRow;

  test("is told with since when and where", () => {
    expect(online_words({ online: "online", sessions: [row("ended"), row("online")] })).toMatch(/^Online since .+ at tower-1, 10\.0\.0\.9$/);
    expect(online_words({ online: "stale", sessions: [row("stale")] })).toMatch(/^Stale: tower-1 last reported it /);
    expect(online_words({ online: "offline", sessions: [row("ended")] })).toMatch(/^Offline since /);
  });

  test("goes on counting between two reports, until it ends", () => {
    const now = Date.parse(AT) + 600_000;
    expect(online_seconds({ state: "online", seconds: 300, started_at: AT }, now)).toBe(600);
    expect(online_seconds({ state: "stale", seconds: 300, started_at: AT }, now)).toBe(300);
    expect(online_seconds({ state: "ended", seconds: 300, started_at: AT }, now)).toBe(300);
  });

  test("is unknown, not offline, where nobody reported it", () => {
    expect(online_words({ online: "unknown", sessions: [] })).toBe(en.online_unknown);
    expect(online_words({ online: "unknown", sessions: [row("ended")] })).toBe(en.online_unknown_since);
  });
});

test("the end of a session is in words, and in the router's own where there are none", () => {
  expect(session_end_words("Lost-Stop")).toBe(en.end_lost_stop);
  expect(session_end_words("NAS-Reboot")).toBe(en.end_nas_reboot);
  expect(session_end_words("Port-Preempted")).toBe("Port-Preempted");
});

test("every verdict has words", () => {
  for (const verdict of ["volume_used", "hours_used", "already_logged_in"]) expect(verdict_words(verdict)).toContain("Refused");
});

const SESSIONS = [{ id: 7, router_name: "tower-1", mac: "4C:5E:0C:00:00:01", started_at: AT, updated_at: AT }];
const PATTERNS: DropPattern[] = [
  { pattern: "devices_take_turns", macs: ["a", "b"] },
  { pattern: "session_timeout" },
  { pattern: "idle_timeout" },
  { pattern: "lost_carrier" },
  { pattern: "user_request" },
  { pattern: "router_restarts" },
  { pattern: "other", cause: "" },
  { pattern: "other", cause: "Port-Preempted" },
];
const FINDINGS: Finding[] = [
  { code: "radius_answers", at: AT },
  { code: "radius_silent", at: AT, reason: "timed out" },
  { code: "radius_not_watched", last_packet_at: null },
  { code: "radius_not_watched", last_packet_at: AT },
  { code: "router_heard", router_name: "tower-1", at: AT },
  { code: "router_silent", router_name: "tower-1", at: AT, strangers: ["10.0.0.7"] },
  { code: "router_never_heard", router_name: "tower-1", strangers: [] },
  { code: "router_not_known_yet", heard: 1, routers: 2, strangers: [] },
  { code: "name_known", user_name: "rahim" },
  { code: "name_mistyped", typed: "rah im", at: AT },
  { code: "name_unknown", user_name: "karim" },
  { code: "no_log_in" },
  { code: "any_device" },
  { code: "device_known", mac: "AA" },
  { code: "device_unknown", mac: "AA", is_random: true, registered: 2 },
  { code: "device_unknown", mac: null, is_random: false, registered: 2 },
  { code: "device_not_tried", registered: 0 },
  { code: "active" },
  { code: "suspended", reason: "" },
  { code: "suspended", reason: "did not pay" },
  { code: "expires", at: AT },
  { code: "expired", at: AT },
  { code: "never_paid" },
  { code: "no_volume_limit" },
  { code: "volume_left", bytes: 5e9 },
  { code: "volume_used", used_bytes: 5e9, since: AT },
  { code: "no_hours_limit" },
  { code: "hours_left", seconds: 7200 },
  { code: "hours_used", used_seconds: 7200, since: AT },
  { code: "no_session_limit" },
  { code: "sessions_free", others: 1, max_sessions: 2 },
  { code: "logged_in_elsewhere", sessions: SESSIONS, max_sessions: 1 },
  { code: "logged_in_elsewhere", sessions: [], max_sessions: 1 },
  { code: "password_matched", at: AT, router_name: "tower-1" },
  { code: "password_wrong", at: AT, router_name: "tower-1", times: 3, near: "case" },
  { code: "password_wrong", at: AT, router_name: "", times: 1, near: "blanks" },
  { code: "password_changed", at: AT },
  { code: "password_not_tried" },
  { code: "password_not_needed" },
  { code: "online", since: AT, router_name: "tower-1", address: "10.0.0.9" },
  { code: "stale", updated_at: AT, router_name: "tower-1" },
  { code: "offline", ended_at: AT, terminate_cause: "User-Request" },
  { code: "no_accounting", let_in_at: AT, router_name: "tower-1" },
  { code: "never_online" },
  { code: "given_as_it_should", rate_limit: "5M/10M" },
  { code: "given_as_it_should", rate_limit: null },
  { code: "still_on_notice", address_list: "suspended", framed_pool: null, router_name: "tower-1" },
  { code: "still_online", router_name: "tower-1" },
  { code: "old_rate", given: null, should_be: "5M/10M", router_name: "tower-1" },
  { code: "old_address", given: "10.0.0.8", should_be: "10.0.0.9", router_name: "tower-1" },
  { code: "traffic_flows", bytes: 5e6, seconds: 300 },
  { code: "no_traffic", seconds: 300 },
  { code: "traffic_not_reported" },
  { code: "steady" },
  ...PATTERNS.map((pattern): Finding => ({ code: "drops", sessions: 5, every_minutes: 10, pattern })),
  { code: "no_session" },
];

describe("a finding", () => {
  test("says its fact and how far that is", () => {
    const wrong = finding_words({ code: "password_wrong", at: AT, router_name: "tower-1", times: 3, near: "case" });
    expect(wrong).toMatch(/^The password was wrong at tower-1, .+ \(2 minutes ago\), 3 times in a row\. Small and capital/);
    expect(finding_words({ code: "suspended", reason: "did not pay" })).toBe("This customer is suspended: did not pay");
    expect(finding_words({ code: "volume_left", bytes: 5e9 })).toBe("5 GB left");
  });

  test("has words in both languages, and fills in every blank of them", () => {
    for (const current of ["en", "bn"] as const) {
      language.current = current;
      for (const finding of FINDINGS) {
        const words = finding_words(finding);
        expect(words.trim(), finding.code).not.toBe("");
        expect(words, finding.code).not.toMatch(/[{}]|undefined|null|NaN/);
      }
    }
  });

  test("ends like a clause: it may stand in a row and alone", () => {
    for (const finding of FINDINGS) expect(finding_words(finding), finding.code).not.toMatch(/[.।]$/);
  });
});

test("every fix has words for its button", () => {
  const fixes: Fix[] = [
    { code: "activate" },
    { code: "pay" },
    { code: "reveal_password" },
    { code: "edit_customer" },
    { code: "add_device", mac: "AA" },
    { code: "disconnect", session_id: 1, router_name: "tower-1" },
    { code: "apply_now", session_id: 1, router_name: "tower-1" },
    { code: "edit_router", router_id: 1, router_name: "tower-1" },
    { code: "add_router", address: "10.0.0.7" },
    { code: "start_radius" },
  ];
  expect(new Set(fixes.map(fix_words)).size).toBe(fixes.length);
});

test("the sessions' address cannot ask for what does not exist", () => {
  const query = sessions_query_of(new URLSearchParams("filter=gone&router_id=x&search=a"), 50);
  expect([query.filter, query.router_id, query.search, query.limit]).toEqual(["open", null, "a", 50]);
  expect(narrows(new URLSearchParams("filter=stale"))).toBe(true);
  expect(narrows(new URLSearchParams())).toBe(false);
});

test("an edit that began in an explanation leads back to it, with the list's filters", () => {
  const editing = editing_from_explanation(new URLSearchParams("status=active"));
  const back = leaving_to(42, editing);
  expect([back.path, back.params.toString()]).toEqual([["customers", 42, "explain"], "status=active"]);
  expect(leaving_to(42, new URLSearchParams()).path).toEqual(["customers", 42]);
});
