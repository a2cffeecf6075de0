import { afterEach, beforeEach, describe, expect, test } from "vitest";
import en from "../messages/en.json";
import { session } from "../src/app/session.svelte";
import type { AppState, Blank, ConfigBackup, Conflict, Permission, Plan, PlanChange, PlanStep, Run, RunState, RunStep } from "../src/platform";
import { asked_of_many, label_of, side_of, wanting } from "../src/screens/provision/blanks";
import { header_words, is_empty, start_off } from "../src/screens/provision/plan_state";
import { with_decided } from "../src/screens/provision/provisioning.svelte";
import { backup_actions, file_name, oldest_first } from "../src/screens/routers/backup_actions";
import { by_menu } from "../src/screens/routers/comparison";
import { in_order, narrows, run_query_of, tally, together, view_of } from "../src/screens/runs/query";
import { cancel_off, run_actions } from "../src/screens/runs/run_actions";
import { by_hand, elapsed_ms, listed } from "../src/screens/runs/run_steps";
import { free_name, line_at, name_in, offset_of, renamed } from "../src/screens/templates/editor";
import { template_actions } from "../src/screens/templates/template_actions";
import { kind_words, version_words } from "../src/screens/templates/template_words";
import { drift_words, template_words } from "../src/words/drift";
import { language } from "../src/words/language.svelte";
import { CHANGE, property_words, SIGN, told_properties } from "../src/words/plans";
import { is_active, run_seconds, run_state_words, RUN_STATES } from "../src/words/runs";

const AT = "2026-12-02T08:02:31Z";
const at = (seconds: number) => new Date(Date.parse(AT) + seconds * 1000).toISOString();

function log_in(...permissions: Permission[]): void {
  const database = { online: true, since: "", location: "embedded", reason: null, next_try_at: null, log_in_ended: false };
  const staff = { id: 1, name: "Anwar", role: "technician", permissions, operator_id: 1, several_tenants: false };
  session.state = { phase: "ready", problem: null, provider: { time_zone: "UTC" }, staff, database, version: "" } as unknown as AppState;
}

beforeEach(() => log_in("router_read", "provision", "template_write"));
afterEach(() => {
  session.state = null;
  language.current = "en";
});

function run(id: number, state: RunState, rest: Partial<Run> = {}): Run {
  const names = { title: "PPPoE", router_name: "tower-1", operator_name: "Padma Net", started_by: "Anwar", machine: "desk-1" };
  const may = { may_cancel: false, may_undo: false, may_continue: false, cancel_asked: false };
  const times = { asked_at: AT, began_at: AT, ended_at: null };
  return { id, kind: "provision", router_id: 3, state, cause: null, done: 0, steps: 9, at: null, problem: null, waits_for: null, ...names, ...may, ...times, ...rest };
}

function step(key: string, state: RunStep["state"], rest: Partial<RunStep> = {}): RunStep {
  return { key, title: "address pools", state, writes: true, began_at: null, ended_at: null, commands: [], said: "", problem: null, by_hand: [], ...rest };
}

describe("the state of a run", () => {
  test("tells cancelled, failed, undone and stuck apart", () => {
    const words = [
      run(1, "failed"),
      run(1, "undone", { cause: "failed" }),
      run(1, "undone", { cause: "cancelled" }),
      run(1, "undone", { cause: "asked" }),
      run(1, "stuck"),
      run(1, "interrupted"),
    ].map(run_state_words);
    expect(new Set(words).size).toBe(words.length);
    expect(words[2]).toBe(en.run_undone_cancelled);
  });

  test("is being cancelled as soon as that is asked, and being undone after that", () => {
    expect(run_state_words(run(1, "running", { cancel_asked: true }))).toBe(en.run_cancelling);
    expect(run_state_words(run(1, "undoing", { cancel_asked: true }))).toBe(en.run_undoing);
  });

  test("is active while something still happens by itself", () => {
    expect(RUN_STATES.filter((state) => is_active({ state }))).toEqual(["waiting", "running", "undoing"]);
  });

  test("lasts from its beginning to its end, or to now", () => {
    expect(run_seconds(run(1, "waiting", { began_at: null }), Date.parse(AT))).toBeNull();
    expect(run_seconds(run(1, "running"), Date.parse(at(7)))).toBe(7);
    expect(run_seconds(run(1, "done", { ended_at: at(4) }), Date.parse(at(99)))).toBe(4);
    // the database's clock may be ahead of this computer's
    expect(run_seconds(run(1, "running"), Date.parse(at(-5)))).toBe(0);
  });
});

describe("cancelling", () => {
  test("is there while it is active, and says why it cannot be done", () => {
    expect(cancel_off(run(1, "running", { may_cancel: true }))).toBeNull();
    expect(cancel_off(run(1, "running", { may_cancel: false }))).toBe(en.run_cancel_too_late);
    expect(cancel_off(run(1, "running", { may_cancel: true, cancel_asked: true }))).toBe(en.run_cancel_asked);
    expect(cancel_off(run(1, "undoing"))).toBe(en.run_cancel_undoing);
  });

  test("is not offered of what has ended, nor to whoever may not", () => {
    const offered = (which: Run) => run_actions(which).map(({ id }) => id);
    expect(offered(run(1, "running"))).toEqual(["run-cancel", "run-report", "run-router"]);
    expect(offered(run(1, "done", { may_undo: true }))).toEqual(["run-undo", "run-report", "run-router"]);
    expect(offered(run(1, "interrupted", { may_undo: true, may_continue: true, router_id: null }))).toEqual(["run-continue", "run-undo", "run-report"]);
    log_in("router_read");
    expect(offered(run(1, "running", { may_cancel: true, may_undo: true }))).toEqual(["run-report", "run-router"]);
  });
});

describe("the steps of a run", () => {
  test("count their time on while they run", () => {
    expect(elapsed_ms(step("pool", "pending"), 0)).toBeNull();
    expect(elapsed_ms(step("pool", "running", { began_at: AT }), Date.parse(at(2)))).toBe(2000);
    expect(elapsed_ms(step("pool", "done", { began_at: AT, ended_at: at(1) }), Date.parse(at(9)))).toBe(1000);
  });

  test("are not known once nobody drives them", () => {
    const left = step("pool", "running", { began_at: AT });
    expect(listed(left, Date.parse(AT), true)).toMatchObject({ state: "running", title: "Address pools" });
    expect(listed(left, Date.parse(AT), false)).toMatchObject({ state: "unknown", elapsed_ms: null });
    expect(listed(step("pool", "done"), Date.parse(AT), false).state).toBe("done");
  });

  test("say what was seen and what went wrong, each once", () => {
    const problem = { code: "router_refused" as const, message: "no such pool", hint: "look", fields: [], retryable: false, trace_id: "" };
    expect(listed(step("pool", "failed", { said: "sent", problem }), 0, true)).toMatchObject({ message: "sent · no such pool", hint: "look" });
    expect(listed(step("pool", "failed", { said: "no such pool", problem }), 0, true).message).toBe("no such pool");
  });

  test("that are stuck are undone by hand, the last one first", () => {
    const steps = [step("a", "stuck", { title: "radius", by_hand: ["/radius remove"] }), step("b", "done"), step("c", "stuck", { title: "pools", by_hand: ["/ip pool remove 1", "/ip pool remove 2"] })];
    expect(by_hand(steps)).toEqual({ title: "pools", lines: ["/ip pool remove 1", "/ip pool remove 2", "/radius remove"] });
    expect(by_hand([step("a", "done")])).toEqual({ title: "", lines: [] });
  });
});

describe("the list of runs", () => {
  test("has what is at work on top, then the newest, each once", () => {
    const runs = [run(9, "done"), run(8, "stuck"), run(7, "running"), run(2, "waiting"), run(7, "running")];
    expect(in_order(runs).map(({ id }) => id)).toEqual([7, 2, 9, 8]);
  });

  test("is narrowed by what the URL says", () => {
    const params = new URLSearchParams("state=attention&router=4");
    expect(view_of(params)).toBe("attention");
    expect(run_query_of(params)).toEqual({ router_id: 4, states: ["interrupted", "stuck"] });
    expect(run_query_of(new URLSearchParams("state=nonsense&router=x"))).toEqual({ router_id: null, states: [] });
    expect([narrows(params), narrows(new URLSearchParams("began=explain"))]).toEqual([true, false]);
  });

  test("sums up those that were started together", () => {
    expect(together(new URLSearchParams("ids=12,13,x,,14"))).toEqual([12, 13, 14]);
    expect(tally([run(1, "done"), run(2, "running"), run(3, "undone"), run(4, "failed"), run(5, "stuck")])).toEqual({ done: 1, active: 1, attention: 1, other: 2 });
  });
});

const CHANGE_OF_POOL: PlanChange = {
  key: "pppoe.pool",
  menu: "/ip/pool",
  kind: "change",
  command: "/ip pool set [find name=demarc-pppoe] ranges=10.0.0.2-10.0.0.99",
  inverse: "",
  properties: [{ name: "ranges", old: "10.0.0.2-10.0.0.9", new: "10.0.0.2-10.0.0.99" }],
};
const STEPS: PlanStep[] = [{ key: "pools", title: "address pools", changes: [CHANGE_OF_POOL] }];
const CONFLICT: Conflict = { key: "pppoe.profile", menu: "/ppp/profile", theirs: "theirs", ours: "ours", choice: null, can_rename: true };

function plan(rest: Partial<Plan> = {}): Plan {
  const names = { router_id: 1, router_name: "tower-1", template: "pppoe", template_title: "PPPoE", template_version: 1, release: "7.18.2 (stable)", board: "RB5009" };
  return { ...names, blanks: [], checks: [], steps: STEPS, same: 14, conflicts: [], warnings: [], armed: "safe_mode", digest: "d", ready: true, ...rest };
}

describe("a plan", () => {
  test("has a sign and a word for each kind of change", () => {
    expect(SIGN).toEqual({ add: "+", change: "~", move: "↕", remove: "−", action: "›" });
    expect(new Set(Object.values(CHANGE).map((words) => words())).size).toBe(5);
  });

  test("tells old and new of what is changed, and of nothing else", () => {
    expect(told_properties(CHANGE_OF_POOL).map(property_words)).toEqual(["ranges: 10.0.0.2-10.0.0.9 → 10.0.0.2-10.0.0.99"]);
    expect(told_properties({ ...CHANGE_OF_POOL, kind: "add" })).toEqual([]);
    expect(property_words({ name: "port", old: null, new: "3799" })).toBe("port: not set → 3799");
  });

  test("says how much it is, and how the router takes it back", () => {
    expect(header_words(plan())).toBe("One change in one step · 14 already as they should be · Undoes itself by safe mode if the line is lost");
    expect(header_words(plan({ armed: null }))).toContain(en.plan_armed_none);
    expect(header_words(plan({ steps: [] }))).toBe("14 already as they should be");
  });

  test("can be started once nothing speaks against it", () => {
    expect(start_off(plan())).toBeNull();
    expect(start_off(null)).toBe(en.provision_planning);
    expect(start_off(plan({ ready: false, conflicts: [CONFLICT] }))).toBe("Decide first what becomes of somebody else's items (1)");
    expect(start_off(plan({ ready: false, checks: [{ key: "reach", title: "", state: "failed", message: "", hint: "" }] }))).toBe(en.plan_check_failed);
    expect(start_off(plan({ ready: false, warnings: [{ key: "", message: "", hint: "", forbids: true }] }))).toBe(en.plan_forbidden);
    expect(start_off(plan({ ready: false }))).toBe(en.plan_not_ready);
  });

  test("of a router that is as it should be has nothing to start, but may have something to write down", () => {
    expect([is_empty(plan({ steps: [] })), is_empty(plan({ steps: [], conflicts: [CONFLICT] }))]).toEqual([true, false]);
    expect(start_off(plan({ steps: [], ready: false }))).toBe(en.plan_empty);
    expect(start_off(plan({ steps: [], ready: true }))).toBeNull();
  });

  test("keeps what was decided in sight, so that it can be decided anew", () => {
    const other = { ...CONFLICT, key: "radius" };
    expect(with_decided([CONFLICT], [], { [CONFLICT.key]: "adopt" })).toEqual([CONFLICT]);
    expect(with_decided([CONFLICT], [], {})).toEqual([]);
    expect(with_decided([CONFLICT], [other], { [CONFLICT.key]: "adopt" }).map(({ key }) => key)).toEqual([CONFLICT.key, "radius"]);
  });
});

function blank(rest: Partial<Blank> = {}): Blank {
  return { name: "radius_address", kind: "address", about: "", value: "", source: "known", problem: null, optional: false, choices: [], ...rest };
}

describe("a blank", () => {
  test("is asked where it is not known, or decides about the rest", () => {
    expect(side_of(blank())).toBe("known");
    expect(side_of(blank({ source: "missing", problem: { code: "required" } }))).toBe("open");
    expect(side_of(blank({ source: "missing", optional: true }))).toBe("known");
    expect(side_of(blank({ problem: { code: "not_an_address" } }))).toBe("open");
    expect(side_of(blank({ kind: "choice", source: "template" }))).toBe("open");
    expect(side_of(blank({ kind: "choice", source: "before" }))).toBe("known");
  });

  test("is written as the field writes it", () => {
    expect(label_of({ name: "radius_address" })).toBe("RADIUS address");
    expect(label_of({ name: "access-interface" })).toBe("Access interface");
  });

  test("of several routers is no question where each tells it", () => {
    expect(["typed", "before", "known", "operator", "template", "drawn", "missing"].filter((source) => asked_of_many(blank({ source: source as Blank["source"] })))).toEqual([
      "typed",
      "operator",
      "template",
      "missing",
    ]);
  });

  test("is wanting while it is missing or wrong", () => {
    const blanks = [blank(), blank({ name: "a", source: "missing" }), blank({ name: "b", source: "missing", optional: true }), blank({ name: "c", problem: { code: "required" } })];
    expect(wanting(blanks).map(({ name }) => name)).toEqual(["a", "c"]);
  });

  test("has its kind in words", () => {
    expect(kind_words({ kind: "choice", choices: ["none", "sstp"] })).toBe("one of: none, sstp");
    expect(kind_words({ kind: "yes_no", choices: [] })).toBe("yes or no");
  });
});

describe("the text of a template", () => {
  const TEXT = '{\n  "name": "pppoe",\n  "title": "PPPoE"\n}';

  test("is found by line and column, and never beyond it", () => {
    expect(offset_of(TEXT, 1, 1)).toBe(0);
    expect(TEXT.slice(offset_of(TEXT, 2, 3))).toMatch(/^"name"/);
    expect(offset_of(TEXT, 2, 999)).toBe(TEXT.indexOf("\n", 2));
    expect(offset_of(TEXT, 99, 1)).toBe(TEXT.lastIndexOf("}"));
    expect(offset_of("", 3, 3)).toBe(0);
    expect(line_at(TEXT, offset_of(TEXT, 3, 1))).toBe(3);
  });

  test("tells its name while it can be read", () => {
    expect(name_in(TEXT)).toBe("pppoe");
    expect(name_in("{")).toBeNull();
    expect(name_in('{"name": 3}')).toBeNull();
    expect(name_in("null")).toBeNull();
  });

  test("is copied under a name that is free", () => {
    expect(free_name("pppoe", [])).toBe("pppoe-copy");
    expect(free_name("pppoe", ["pppoe-copy", "pppoe-copy-2"])).toBe("pppoe-copy-3");
    expect(name_in(renamed(TEXT, "pppoe-copy"))).toBe("pppoe-copy");
    expect(renamed(TEXT, "x")).toBe(TEXT.replace('"pppoe"', '"x"'));
  });

  test("that came with Demarc has no version of ours", () => {
    expect([version_words(0), version_words(3)]).toEqual([en.template_version_shipped, "version 3"]);
  });

  test("can be dropped where it was changed, and removed where it is ours", () => {
    const template = { name: "pppoe", title: "PPPoE", about: "", version: 1, shipped: true, changed: false, sections: [], written_by: null, written_at: null, routers: 2 };
    const offered = (rest: object) => template_actions({ ...template, ...rest }).map(({ id }) => id);
    expect(offered({})).toEqual(["template-edit", "template-copy"]);
    expect(offered({ changed: true })).toEqual(["template-edit", "template-copy", "template-drop"]);
    expect(template_actions({ ...template, shipped: false }).at(-1)?.off?.()).toBe(en.template_remove_used);
    log_in("router_read");
    expect(offered({ changed: true })).toEqual([]);
  });
});

describe("how far a router is from its template", () => {
  test("is told in words", () => {
    expect([null, 0, 1, 3].map(drift_words)).toEqual([en.drift_never, en.drift_none, en.drift_one, "3 differences"]);
    expect(template_words({ template_title: "PPPoE", drift: 3 })).toBe("PPPoE · 3 differ");
    expect(template_words({ template_title: "PPPoE", drift: 0 })).toBe("PPPoE");
    expect(template_words({ template_title: null, drift: null })).toBe("");
  });
});

describe("kept configurations", () => {
  const kept = (id: number, made_at: string): ConfigBackup => ({ id, router_id: 1, made_at, seen_at: made_at, reason: "hand", release: "7.18.2", made_by: null, changed_lines: null, size: 1, binary: false, run_id: null });
  const [old, young] = [kept(1, AT), kept(2, at(60))];

  test("are compared from the older to the younger", () => {
    expect(oldest_first([young, old]).map(({ id }) => id)).toEqual([1, 2]);
    const off = (acting: ConfigBackup[]) => Object.fromEntries(backup_actions(acting, { name: "tower-1" }).map(({ id, off }) => [id, off?.() ?? null]));
    expect(off([])["backup-compare"]).toBe(en.backup_choose_two);
    expect(off([old])).toEqual({ "backup-compare": null, "backup-restore": null, "backup-save": null, "backup-remove": null });
    expect(off([old, young])).toMatchObject({ "backup-compare": null, "backup-restore": en.backup_choose_one });
  });

  test("are saved under a name that every system takes", () => {
    expect(file_name("tower 1/মিরপুর", old)).toBe("tower-1-মিরপুর-2026-12-02-1.rsc");
  });

  test("differ menu by menu", () => {
    const line = (menu: string, text: string) => ({ menu, old: null, new: text });
    expect(by_menu([line("/ip pool", "a"), line("/ppp", "b"), line("/ip pool", "c")]).map(({ menu, lines }) => [menu, lines.length])).toEqual([
      ["/ip pool", 2],
      ["/ppp", 1],
    ]);
  });
});
