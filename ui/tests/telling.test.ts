import { afterEach, beforeEach, describe, expect, test } from "vitest";
import en from "../messages/en.json";
import { actions } from "../src/app/actions.svelte";
import { only } from "../src/app/route.svelte";
import { session } from "../src/app/session.svelte";
import type { SessionSubject } from "../src/app/dialogs.svelte";
import { choosing } from "../src/parts/choosing";
import { ranged, still_shown, toggled } from "../src/parts/selection";
import type { AppState, LiveState, Permission, RouterSession, RouterSessions, SessionChoice, SessionOutcome, SessionRow } from "../src/platform";
import { ACTIONS } from "../src/screens/audit/query";
import { choice_of, compared_rows, counts, key_of, Numbers } from "../src/screens/sessions/compared";
import { outcome_line, tally_words } from "../src/screens/sessions/outcome_lines";
import { sees_differences, view_of } from "../src/screens/sessions/query";
import { session_actions } from "../src/screens/sessions/session_actions";
import { by_urgency, Telling, type Told } from "../src/screens/sessions/telling.svelte";
import { bits_words, data_words } from "../src/words/amounts";
import { language } from "../src/words/language.svelte";
import { has_failed, how_words, OUTCOME, OUTCOMES, tally } from "../src/words/outcomes";
import { bits } from "../src/words/provider_words";
import { action_words } from "../src/words/terms";

const EN = "en-GB-u-nu-latn";

function log_in(...permissions: Permission[]): void {
  const database = { online: true, since: "", location: "embedded", reason: null, next_try_at: null, log_in_ended: false };
  const staff = { id: 1, name: "Anwar", role: "technician", permissions, operator_id: 1, several_tenants: false };
  session.state = { phase: "ready", problem: null, provider: null, staff, database, version: "" } as unknown as AppState;
}

beforeEach(() => log_in("session_read", "session_change", "router_secret"));
afterEach(() => {
  session.state = null;
  language.current = "en";
});

describe("a rate", () => {
  test("has three figures, in bits and decimal units", () => {
    expect(bits_words(0, EN)).toBe("0 bit/s");
    expect(bits_words(999, EN)).toBe("999 bit/s");
    expect(bits_words(4_800, EN)).toBe("4.8 kbit/s");
    expect(bits_words(12_345_678, EN)).toBe("12.3 Mbit/s");
    expect(bits_words(2_100_000_000, EN)).toBe("2.1 Gbit/s");
    expect(bits_words(40e12, EN)).toBe("40,000 Gbit/s");
  });

  test("is never a thousand of a unit", () => {
    expect(bits_words(999_900, EN)).toBe("1 Mbit/s");
    expect(data_words(999_900_000, EN)).toBe("1 GB");
  });

  test("is unknown at the first look, which is not nothing", () => {
    expect(bits(null)).toBe("–");
    expect(bits(0)).toBe("0 bit/s");
  });
});

describe("rows that are marked", () => {
  const ids = [5, 3, 9, 7];

  test("are marked and let go one by one", () => {
    expect([...toggled(new Set([5]), 9)]).toEqual([5, 9]);
    expect([...toggled(new Set([5, 9]), 9)]).toEqual([5]);
  });

  test("are all from one to another, in the order of the list and either way", () => {
    expect([...ranged(ids, new Set(), 3, 7)]).toEqual([3, 9, 7]);
    expect([...ranged(ids, new Set(), 7, 3)]).toEqual([3, 9, 7]);
    expect([...ranged(ids, new Set([5]), null, 9)]).toEqual([5, 9]);
  });

  test("begin at the row itself when the other one has gone", () => {
    expect([...ranged(ids, new Set(), 4, 9)]).toEqual([9]);
    expect([...ranged(ids, new Set([5]), 3, 4)]).toEqual([5]);
  });

  test("are acted on only while somebody sees them", () => {
    expect(still_shown([{ id: 3 }, { id: 4 }], new Set([4, 5])).map(({ id }) => id)).toEqual([4]);
  });

  test("are marked by the space bar, which presses a button that has the focus instead", () => {
    let chosen = new Set<number>();
    const stop = actions.offer(() => choosing(ids, 9, chosen, (next) => (chosen = next)));
    const button = document.createElement("button");
    document.body.append(button);
    const space = () => new KeyboardEvent("keydown", { key: " ", code: "Space", bubbles: true });
    let taken: boolean | null = null;
    button.addEventListener("keydown", (event) => (taken = actions.press(event)));
    button.dispatchEvent(space());
    expect([taken, chosen.size]).toEqual([false, 0]);
    expect(actions.press(space())).toBe(true);
    expect([...chosen]).toEqual([9]);
    actions.run("rows-choose-all");
    expect(chosen.size).toBe(4);
    button.remove();
    stop();
  });
});

const OF_SESSION: RouterSession = {
  agreement: "agreed",
  router_id: 1,
  router_name: "tower-1",
  item_id: "*1",
  session_id: 7,
  service: "pppoe",
  user_name: "rahim",
  customer_id: 3,
  customer_name: "Rahim Uddin",
  mac: "AA:BB:CC:00:00:01",
  address: "10.20.0.1",
  seconds: 60,
  through_radius: true,
};

function read(router_id: number, rows: RouterSession[]): RouterSessions {
  const count = (agreement: RouterSession["agreement"]) => rows.filter((row) => row.agreement === agreement).length;
  return {
    router_id,
    router_name: `tower-${router_id}`,
    at: "",
    problem: null,
    agreed: count("agreed"),
    only_on_router: count("only_on_router"),
    only_reported: count("only_reported"),
    rows,
  };
}

const LOCAL: RouterSession = { ...OF_SESSION, agreement: "only_on_router", session_id: null, item_id: "*2", user_name: "guest", customer_id: null, customer_name: null, through_radius: false };
const LOST: RouterSession = { ...OF_SESSION, agreement: "only_reported", session_id: 8, item_id: null, user_name: "karim" };

describe("what routers have, beside what they reported", () => {
  const both = [read(1, [OF_SESSION, LOCAL]), read(2, [LOST])];

  test("is told to end by its report, and by the router's own number where there is none", () => {
    expect(choice_of(OF_SESSION)).toEqual({ kind: "reported", session_id: 7 });
    expect(choice_of(LOCAL)).toEqual({ kind: "on_router", router_id: 1, service: "pppoe", item_id: "*2", user_name: "guest" });
    expect(choice_of({ ...LOCAL, service: null })).toBeNull();
  });

  test("is counted over all routers that were read", () => {
    expect(counts(both)).toEqual({ agreed: 1, only_on_router: 1, only_reported: 1 });
  });

  test("stands beneath its router where there are several", () => {
    const shape = (grouped: boolean, agreement: RouterSession["agreement"] | null = null, search = "") =>
      compared_rows(both, { agreement, search }, grouped, new Numbers()).map((row) => row.session?.user_name ?? `# ${row.router.router_name}`);
    expect(shape(true)).toEqual(["# tower-1", "rahim", "guest", "# tower-2", "karim"]);
    expect(shape(false)).toEqual(["rahim", "guest", "karim"]);
    // a router of which nothing is left heads nothing
    expect(shape(true, "only_reported")).toEqual(["# tower-2", "karim"]);
    expect(shape(true, null, "GUEST")).toEqual(["# tower-1", "guest"]);
  });

  test("keeps its numbers from one reading to the next, so that what is marked stays marked", () => {
    const numbers = new Numbers();
    const ids = (of: RouterSessions[]) => compared_rows(of, { agreement: null, search: "" }, false, numbers).map(({ id }) => id);
    const [first] = ids([read(1, [LOCAL])]);
    expect(ids([read(1, [OF_SESSION, LOCAL])])[1]).toBe(first);
  });

  test("is a view for whoever may log in to routers", () => {
    const params = new URLSearchParams("filter=differences");
    expect(view_of(params)).toBe("differences");
    log_in("session_read", "session_change");
    expect([sees_differences(), view_of(params)]).toEqual([false, "open"]);
  });
});

const reported = (session_id: number): SessionChoice => ({ kind: "reported", session_id });
const subject = (session_id: number): SessionSubject => ({ choice: reported(session_id), router_name: "tower-1", name: `customer ${session_id}`, device: null });
const outcome = (session_id: number, state: LiveState, rest: Partial<SessionOutcome> = {}): SessionOutcome => ({
  choice: reported(session_id),
  user_name: `user-${session_id}`,
  router_name: "tower-1",
  state,
  told_by: "radius",
  detail: "",
  ...rest,
});

describe("what became of sessions", () => {
  test("is said with the way they were told and what the router said", () => {
    expect(outcome_line(outcome(1, "done"))).toBe("user-1 at tower-1: done (by RADIUS)");
    expect(outcome_line(outcome(1, "refused", { told_by: "api", detail: "no such item" }))).toBe("user-1 at tower-1: refused (by the router's API: no such item)");
    expect(outcome_line(outcome(1, "no_answer", { detail: "timed out" }))).toBe("user-1 at tower-1: no answer (by RADIUS: timed out)");
  });

  test("went no way at all where it was over before", () => {
    expect(how_words(outcome(1, "gone"))).toBe("");
    expect(outcome_line(outcome(1, "gone", { user_name: "" }))).toBe(en.live_gone);
  });

  test("is said in the chosen language", () => {
    language.current = "bn";
    expect(how_words(outcome(1, "done", { detail: "suspended" }))).toMatch(/^RADIUS দিয়ে: স্থগিত$/);
    expect(new Set(OUTCOMES.map((one) => OUTCOME[one]())).size).toBe(OUTCOMES.length);
  });

  test("is counted, what went wrong first", () => {
    const all = [outcome(1, "done"), outcome(2, "gone"), outcome(3, "refused"), outcome(4, "not_needed"), outcome(5, "gave_up"), outcome(6, "waiting")];
    expect(tally(all)).toEqual([["refused", 1], ["no_answer", 1], ["waiting", 1], ["gone", 1], ["done", 2]]);
    expect(tally_words(all)).toBe("1 refused · 1 no answer · 1 waiting to be sent · 1 had ended already · 2 done");
    expect(all.filter(has_failed).map(({ state }) => state)).toEqual(["refused", "gave_up"]);
  });

  test("stands in the order of urgency, and else as it was chosen", () => {
    const row = (id: number, state: LiveState | null): Told => ({ id, subject: subject(id), outcome: state && outcome(id, state) });
    expect(by_urgency([row(1, "done"), row(2, "refused"), row(3, "done"), row(4, "no_answer"), row(5, null)]).map(({ id }) => id)).toEqual([5, 2, 4, 1, 3]);
  });
});

describe("telling sessions", () => {
  test("brings the outcomes back to whom they belong", async () => {
    const telling = new Telling();
    const before = session.revision;
    await telling.start([subject(1), subject(2)], async (on_outcome) => {
      const told = [outcome(2, "refused"), outcome(1, "done")];
      told.forEach(on_outcome);
      return told;
    });
    expect(telling.rows.map(({ subject, outcome }) => [key_of(subject.choice), outcome?.state])).toEqual([["2", "refused"], ["1", "done"]]);
    expect([telling.running, telling.begun, telling.refusal]).toEqual([false, true, null]);
    // whoever shows sessions reads them again
    expect(session.revision).toBe(before + 1);
  });

  test("that was refused has told nobody, and can be tried again", async () => {
    const telling = new Telling();
    await telling.start([subject(1)], () => Promise.reject({ code: "invalid_input", message: "", fields: [] }));
    expect([telling.begun, telling.refusal?.code]).toEqual([false, "invalid_input"]);
    await telling.start([subject(1)], async () => [outcome(1, "done")]);
    expect([telling.begun, telling.refusal, telling.outcomes.length]).toEqual([true, null, 1]);
  });

  test("that broke off keeps what is known", async () => {
    const telling = new Telling();
    await telling.start([subject(1), subject(2)], (on_outcome) => {
      on_outcome(outcome(1, "done"));
      return Promise.reject({ code: "database_unreachable", message: "gone" });
    });
    expect([telling.begun, telling.outcomes.length, telling.refusal?.code]).toEqual([true, 1, "database_unreachable"]);
  });
});

describe("what can be done to sessions", () => {
  const row = (id: number, state: SessionRow["state"]) => ({ id, state, user_name: "rahim", router_name: "tower-1" }) as SessionRow;
  const offs = (rows: SessionRow[]) => session_actions(rows, rows.length).map(({ off }) => off?.() ?? null);

  test("is done to all that are marked, but applied to one", () => {
    expect(offs([row(1, "online"), row(2, "stale")])).toEqual([null, null, en.session_choose_one]);
    expect(session_actions([row(1, "online")], 12)[0]?.label()).toBe("Disconnect 12…");
  });

  test("is nothing where they are over", () => {
    expect(offs([row(1, "ended")])).toEqual([en.session_over, en.session_over, en.session_over]);
    expect(offs([row(1, "ended"), row(2, "online")])).toEqual([null, null, null]);
    expect(offs([])).toEqual([en.session_choose, en.session_choose, en.session_choose]);
  });
});

test("a list's filters stay when something is opened, and nothing else does", () => {
  expect(only(new URLSearchParams("state=pending&address=10.0.0.7"), ["search", "state"]).toString()).toBe("state=pending");
});

test("every action of the audit has words", () => {
  for (const action of ACTIONS) expect(Object.values(en), action).toContain(action_words(action));
});
