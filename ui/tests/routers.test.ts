import { afterEach, beforeEach, describe, expect, test } from "vitest";
import en from "../messages/en.json";
import { Asked } from "../src/app/asked.svelte";
import { session } from "../src/app/session.svelte";
import { in_order, sorted_ids } from "../src/parts/sorting";
import type { AppState, Permission, Router, RouterLogLine, RouterSeen, RouterService, RouterStatus } from "../src/platform";
import { certificate_commands } from "../src/screens/routers/certificate_commands";
import { router_columns } from "../src/screens/routers/columns";
import { fingerprint_in, waiting_steps } from "../src/screens/routers/connection_test.svelte";
import { refuse_nameless, router_draft, usual_port } from "../src/screens/routers/draft";
import { lines_with, tone_of } from "../src/screens/routers/log_words";
import { params_of } from "../src/screens/routers/nearby.svelte";
import { counts, found, in_state, narrows, routers_query_of, STATUSES } from "../src/screens/routers/query";
import { is_askable, router_actions } from "../src/screens/routers/router_actions";
import { service_state, service_words } from "../src/screens/routers/services";
import { changes_words } from "../src/words/changes";
import { language } from "../src/words/language.svelte";
import { CODE_PAGE, memory_used, release_words, router_state_words, routers_up, sessions_on } from "../src/words/routers";
import { capitalised, sentence } from "../src/words/sentence";
import { CODE_PAGES } from "../src/platform/bindings";

const AT = "2026-12-02T08:02:31Z";

const SEEN: RouterSeen = {
  status: "up",
  since: AT,
  tried_at: AT,
  next_try_at: null,
  reason: "",
  hint: "",
  seen_at: AT,
  identity: "tower-1",
  version: "7.18.2 (stable)",
  board: "RB4011iGS+",
  uptime_seconds: 100,
  cpu_load: 12,
  memory_free: 250_000_000,
  memory_total: 1_000_000_000,
  ppp_sessions: 3,
  hotspot_sessions: null,
};

function router(id: number, seen: Partial<RouterSeen> = {}, rest: Partial<Router> = {}): Router {
  const api = { host: `10.0.0.${id}`, port: 8729, plain: false, code_page: "windows-1251", fingerprint: null, typed_host: null, typed_port: null };
  return {
    id,
    version: 1,
    name: `tower-${id}`,
    address: `10.0.0.${id}`,
    nas_identifier: `tower-${id}`,
    coa_port: 3799,
    last_heard_at: null,
    operator_name: "Padma Net",
    access_user: "noc",
    access_version: 1,
    api,
    seen: { ...SEEN, ...seen },
    template: null,
    template_title: null,
    drift: null,
    drift_looked_at: null,
    active_run: null,
    ...rest,
  };
}

function log_in(...permissions: Permission[]): void {
  const database = { online: true, since: "", location: "embedded", reason: null, next_try_at: null, log_in_ended: false };
  const staff = { id: 1, name: "Anwar", role: "technician", permissions, operator_id: 1, several_tenants: false };
  const provider = { id: 1, time_zone: "Asia/Dhaka" };
  session.state = { phase: "ready", problem: null, provider, staff, database, version: "" } as unknown as AppState;
}

beforeEach(() => {
  session.now = Date.parse("2026-12-02T08:05:00Z");
  log_in("router_read", "router_write", "router_secret");
});
afterEach(() => {
  session.state = null;
  language.current = "en";
});

describe("how it stands with a router", () => {
  test("is told with the moment that belongs to it", () => {
    expect(router_state_words(SEEN)).toBe("Up");
    expect(router_state_words({ ...SEEN, status: "pending", next_try_at: AT })).toBe("Pending, next try 14:02:31");
    expect(router_state_words({ ...SEEN, status: "not_watched" })).toBe("Not watched, as of 14:02");
    expect(router_state_words({ ...SEEN, status: "not_watched", seen_at: "2026-11-30T08:02:31Z" })).toBe("Not watched, as of 30 Nov, 14:02");
  });

  test("has words where no moment is known, in both languages", () => {
    for (const current of ["en", "bn"] as const) {
      language.current = current;
      const words = STATUSES.map((status) => router_state_words({ ...SEEN, status, next_try_at: null, seen_at: null }));
      expect(new Set(words).size).toBe(STATUSES.length);
      for (const one of words) expect(one).not.toMatch(/[{}]|null/);
    }
  });

  test("is counted among those that anybody can look at", () => {
    const of = (...statuses: RouterStatus[]) => routers_up(statuses.map((status, id) => router(id, { status })));
    expect(of("up", "up", "pending", "no_log_in")).toEqual({ up: 2, all: 3 });
    expect(of("up", "not_watched")).toEqual({ up: 1, all: 2 });
    // nobody looks: that is not the same as none of them answering
    expect(of("not_watched", "never_seen", "no_log_in")).toBeNull();
  });
});

test("what was seen is put in figures only where it was seen", () => {
  expect(memory_used(SEEN)).toBe(75);
  expect(memory_used({ ...SEEN, memory_total: 0 })).toBeNull();
  expect(memory_used({ ...SEEN, memory_free: null })).toBeNull();
  expect(sessions_on(SEEN)).toBe(3);
  expect(sessions_on({ ...SEEN, ppp_sessions: null })).toBeNull();
  expect(release_words(SEEN)).toBe("7.18.2");
  expect(release_words({ ...SEEN, version: null })).toBe("");
});

describe("the list of routers", () => {
  const ROUTERS = [router(1), router(2, { status: "pending" }), router(3, { status: "pending", board: "hAP ax2" }), router(4, { status: "no_log_in" })];
  const query = (text: string) => routers_query_of(new URLSearchParams(text));

  test("is searched by what is seen of them, too", () => {
    const ids = (text: string) => found(ROUTERS, query(text)).map(({ id }) => id);
    expect(ids("search=10.0.0.2")).toEqual([2]);
    expect(ids("search=HAP")).toEqual([3]);
    expect(ids("search=%20")).toEqual([1, 2, 3, 4]);
    expect(ids("search=nowhere")).toEqual([]);
  });

  test("counts the states of what the search found", () => {
    expect(counts(found(ROUTERS, query("search=hap&state=up")))).toEqual({ up: 0, pending: 1, not_watched: 0, never_seen: 0, no_log_in: 0 });
    expect(counts(ROUTERS)).toEqual({ up: 1, pending: 2, not_watched: 0, never_seen: 0, no_log_in: 1 });
  });

  test("asks for no state that does not exist", () => {
    expect(in_state(ROUTERS, query("state=broken"))).toHaveLength(4);
    expect(in_state(ROUTERS, query("state=pending")).map(({ id }) => id)).toEqual([2, 3]);
    expect(narrows(new URLSearchParams("state=pending"))).toBe(true);
    expect(narrows(new URLSearchParams("address=10.0.0.1"))).toBe(false);
  });

  test("is sorted by figures, and what was never seen stands at the end either way", () => {
    const rows = [router(1, { cpu_load: 9 }), router(2, { cpu_load: null }), router(3, { cpu_load: 80 })];
    const cpu = router_columns(false).find(({ key }) => key === "cpu");
    expect(cpu?.restless).toBe(true);
    expect(sorted_ids(rows, cpu!, false, "en")).toEqual([1, 3, 2]);
    expect(sorted_ids(rows, cpu!, true, "en")).toEqual([3, 1, 2]);
  });

  test("keeps its places until it is sorted again, and takes what is new at the end", () => {
    expect(in_order([router(1), router(2), router(3)], [3, 1]).map(({ id }) => id)).toEqual([3, 1, 2]);
  });

  test("sorts names as people count", () => {
    const name = router_columns(false).find(({ key }) => key === "name");
    expect(sorted_ids([router(10), router(9), router(1)], name!, false, "en")).toEqual([1, 9, 10]);
  });

  test("shows fewer columns beside an open page", () => {
    expect(router_columns(true).map(({ key }) => key)).toEqual(["name", "state", "cpu", "sessions"]);
  });
});

describe("what can be done about a router", () => {
  const ids = (of: Router) => router_actions(of).map(({ id }) => id);

  test("is trying it only while it does not answer", () => {
    expect(ids(router(1))).toEqual(["router-test", "router-edit"]);
    expect(ids(router(1, { status: "pending" }))).toEqual(["router-test", "router-retry", "router-edit"]);
  });

  test("says why without a log-in there is nothing to try", () => {
    const offs = router_actions(router(1, { status: "no_log_in" })).map(({ id, off }) => [id, off?.() ?? null]);
    expect(offs).toEqual([["router-test", en.router_needs_log_in], ["router-retry", en.router_needs_log_in], ["router-edit", null]]);
  });

  test("is nothing for whoever only sees it, and its log-in for whoever keeps secrets", () => {
    log_in("router_read");
    expect(ids(router(1, { status: "pending" }))).toEqual([]);
    log_in("router_read", "router_secret");
    expect(ids(router(1))).toEqual(["router-test", "router-edit"]);
    log_in("router_read", "router_write");
    expect(ids(router(1))).toEqual(["router-edit"]);
  });

  test("is no question to one that is known not to answer", () => {
    expect(STATUSES.filter((status) => is_askable(router(1, { status })))).toEqual(["up", "not_watched", "never_seen"]);
  });
});

describe("the form of a router", () => {
  test("holds what was typed, not what goes without saying", () => {
    const plain = router(1);
    expect(router_draft(plain, new URLSearchParams("name=x"))).toMatchObject({ name: "tower-1", api_host: "", api_port: "", secret: "", api_code_page: "windows-1251" });
    const typed = { ...plain, api: { ...plain.api, typed_host: "vpn-7", typed_port: 18729 } };
    expect(router_draft(typed, new URLSearchParams())).toMatchObject({ api_host: "vpn-7", api_port: "18729" });
  });

  test("begins with what is known of a new one", () => {
    const nearby = { mac: "AA", identity: "MikroTik", address: "192.168.88.1", board: "", version: "", uptime_seconds: null, interface: "", router_id: null, router_name: null };
    expect(router_draft(undefined, params_of(nearby))).toMatchObject({ name: "MikroTik", address: "192.168.88.1", api_plain: false });
    expect(router_draft(undefined, params_of({ ...nearby, address: null })).address).toBe("");
  });

  test("shows the port that goes with the encryption", () => {
    expect([usual_port({ api_plain: false }), usual_port({ api_plain: true })]).toEqual([8729, 8728]);
  });

  test("takes an empty password, and no password of nobody", () => {
    expect(() => refuse_nameless({ user_name: "admin", password: "" })).not.toThrow();
    expect(() => refuse_nameless({ user_name: "", password: "" })).not.toThrow();
    const refused = () => refuse_nameless({ user_name: " ", password: "x" });
    expect(refused).toThrow(expect.objectContaining({ code: "invalid_input", fields: [expect.objectContaining({ field: "user_name" })] }));
  });

  test("names whose letters each code page has", () => {
    expect(CODE_PAGES.every((page) => CODE_PAGE[page]() !== "")).toBe(true);
  });
});

describe("a connection test", () => {
  test("lists all six steps before the first", () => {
    expect(waiting_steps().map(({ key, state }) => `${key} ${state}`)).toEqual(
      ["reach", "encryption", "log_in", "permissions", "release", "clock"].map((key) => `${key} waiting`),
    );
  });

  test("shows the fingerprint that a router was met with", () => {
    const fingerprint = Array.from({ length: 32 }, () => "AB").join(":");
    const steps = waiting_steps().map((step) => (step.key === "encryption" ? { ...step, message: `met for the first time: its certificate is ${fingerprint}` } : step));
    expect(fingerprint_in(steps)).toBe(fingerprint);
    expect(fingerprint_in(waiting_steps())).toBeNull();
  });

  test("tells what to type for a certificate, whatever the router is called", () => {
    expect(certificate_commands("tower-1")).toBe(
      "/certificate add name=api common-name=tower-1 days-valid=3650\n/certificate sign api\n/ip service set api-ssl certificate=api disabled=no",
    );
    expect(certificate_commands('Roof "A"; /system reset')).toContain('common-name="Roof \\"A\\"; /system reset" days');
  });
});

test("a service that cannot prove who it is is pointed out, unless it is off", () => {
  const service: RouterService = { name: "api-ssl", port: "8729", disabled: false, certificate: null, addresses: "" };
  expect(service_state(service)).toBe("unproven");
  expect(service_words(service)).toBe(en.service_no_certificate);
  expect(service_state({ ...service, disabled: true })).toBe("off");
  expect(service_words({ ...service, certificate: "api" })).toBe("on, certificate api");
  expect(service_state({ ...service, name: "winbox" })).toBe("on");
});

test("a line of the log is as loud as its topics", () => {
  const line = (topics: string, message = "x"): RouterLogLine => ({ id: "*1", time: "14:02:31", topics, message });
  expect([line("system,error,critical"), line("dhcp,warning"), line("ppp,info")].map(tone_of)).toEqual(["bad", "warn", "plain"]);
  expect(lines_with([line("ppp,info", "rahim: connected"), line("dhcp,info")], " RAHIM ")).toHaveLength(1);
  expect(lines_with([line("ppp,info"), line("dhcp,info")], "dhcp")).toHaveLength(1);
  expect(lines_with([line("a"), line("b")], "")).toHaveLength(2);
});

describe("a router that is asked again and again", () => {
  const silent = { code: "router_unreachable", message: "it does not answer" };

  test("gets one question at a time", async () => {
    const asked = new Asked<number>();
    let questions = 0;
    let answer: (value: number) => void = () => {};
    const ask = () => new Promise<number>((resolve) => ((questions += 1), (answer = resolve)));
    const first = asked.now(ask);
    await asked.again(ask);
    expect(questions).toBe(1);
    answer(7);
    await first;
    expect([asked.data, asked.refusal, asked.asking]).toEqual([7, null, false]);
  });

  test("keeps its last answer, and is left alone for a while, unless somebody wants it", async () => {
    const asked = new Asked<number>();
    await asked.now(async () => 7);
    await asked.now(() => Promise.reject(silent));
    expect([asked.data, asked.refusal?.code]).toEqual([7, "router_unreachable"]);
    await asked.again(async () => 8);
    expect(asked.data).toBe(7);
    await asked.again(async () => 9, Date.now() + 60_000);
    expect([asked.data, asked.refusal]).toEqual([9, null]);
    await asked.now(() => Promise.reject(silent));
    await asked.now(async () => 10);
    expect(asked.data).toBe(10);
  });
});

test("a change of a router's connection is told in words", () => {
  const changes = [
    { field: "api_plain", before: "false", after: "true" },
    { field: "api_fingerprint", before: null, after: "\\xab01" },
    { field: "api_host", before: null, after: "vpn-7" },
  ];
  expect(changes_words(changes)).toEqual(["Allow without encryption: no → yes", "Certificate's fingerprint: AB:01", "API host: vpn-7"]);
});

test("a clause of the backend stands alone as a sentence", () => {
  expect(sentence("it is tried again")).toBe("It is tried again.");
  expect(sentence("Is it on?")).toBe("Is it on?");
  expect(capitalised("/user group set [find name=noc] policy=…")).toBe("/user group set [find name=noc] policy=…");
});
