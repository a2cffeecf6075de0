import { afterEach, beforeEach, describe, expect, test } from "vitest";
import en from "../messages/en.json";
import { actions, permitted, type Action } from "../src/app/actions.svelte";
import { reach } from "../src/app/reach.svelte";
import { session } from "../src/app/session.svelte";
import { RECORDS, type AppState, type AuditEntry, type Operator, type Permission, type Role, type RolePermission } from "../src/platform";
import { open_areas } from "../src/screens/areas";
import { audit_query_of, narrows, PARAMS, place_of } from "../src/screens/audit/query";
import { customer_actions } from "../src/screens/customers/customer_actions";
import { fixes_within_reach } from "../src/screens/customers/fixes";
import { query_of } from "../src/screens/customers/query";
import { others, places, successors } from "../src/screens/operators/tree";
import { session_actions } from "../src/screens/sessions/session_actions";
import { always, by_hand, presets, roles_fitting } from "../src/screens/staff/staff_roles";
import { changes_words } from "../src/words/changes";
import { MAY, PERMISSION_GROUPS } from "../src/words/people";
import { record_words } from "../src/words/terms";

function log_in(role: Role, permissions: Permission[]): void {
  const database = { online: true, since: "", location: "embedded", reason: null, next_try_at: null, log_in_ended: false };
  const staff = { id: 1, name: "Anwar", role, permissions, operator_id: 1, several_tenants: false };
  session.state = { phase: "ready", problem: null, provider: null, staff, database, version: "" } as AppState;
}

function operator(id: number, parent_id: number | null, depth: number): Operator {
  const customers = { count: 0, more: false };
  return { id, version: 1, name: `op-${id}`, parent_id, parent_name: null, depth, customers, routers: 0, packages: 0, zones: 0, staff: 0, manageable: true };
}

/** The provider (1), two operators (2, 4), and a sub-operator (3) of the first. */
const TREE = [operator(1, null, 0), operator(2, 1, 1), operator(3, 2, 2), operator(4, 1, 1)];
const ids = (operators: Operator[]) => operators.map(({ id }) => id);

beforeEach(() => log_in("technician", ["customer_read", "session_read", "session_change", "router_read"]));
afterEach(() => {
  session.state = null;
  reach.list.clear();
});

describe("a role fits", () => {
  test("only its level of the tree", () => {
    const anywhere = ["manager", "accountant", "sales_manager", "technician", "staff"];
    expect(roles_fitting("super_admin", 0)).toEqual(["admin", ...anywhere]);
    expect(roles_fitting("super_admin", 1)).toEqual(["operator", ...anywhere]);
    expect(roles_fitting("admin", 2)).toEqual(["sub_operator", ...anywhere]);
  });

  test("only beneath the one who gives it", () => {
    expect(roles_fitting("developer", 0)).toContain("super_admin");
    expect(roles_fitting("super_admin", 0)).not.toContain("super_admin");
    expect(roles_fitting("admin", 0)).not.toContain("admin");
    expect(roles_fitting("operator", 1)).not.toContain("operator");
    expect(roles_fitting("operator", 2)).toContain("sub_operator");
    expect(roles_fitting("manager", 1)).toEqual(["accountant", "sales_manager", "technician", "staff"]);
    expect(roles_fitting("staff", 1)).toEqual([]);
  });

  test("nobody who does not log in here", () => {
    for (const depth of [0, 1, 2]) {
      expect(roles_fitting("developer", depth)).not.toContain("card_distributor");
      expect(roles_fitting("developer", depth)).not.toContain("customer");
    }
  });
});

test("a new person begins with what is usual, as far as it is ours to give", () => {
  const lines: RolePermission[] = [
    { role: "staff", permission: "customer_read", held: "preset", mine: true },
    { role: "staff", permission: "session_change", held: "preset", mine: false },
    { role: "staff", permission: "money_read", held: "offered", mine: true },
    { role: "technician", permission: "router_read", held: "always", mine: true },
  ];
  expect(presets(lines, "staff")).toEqual(["customer_read"]);
  expect(by_hand(lines, "staff")).toHaveLength(3);
  expect(by_hand(lines, "technician")).toEqual([]);
  expect(always(lines, "technician")).toEqual(["router_read"]);
  expect(presets(lines, "")).toEqual([]);
});

test("every permission has words and one group", () => {
  const grouped = PERMISSION_GROUPS.flatMap(({ permissions }) => permissions);
  expect(grouped.toSorted()).toEqual(Object.keys(MAY).toSorted());
});

describe("what a person may not do", () => {
  const customer = { id: 7, name: "Rahima", status: "active" } as const;
  const of = (offered: Action[]) => offered.map(({ id }) => id);

  test("is no area", () => {
    expect(open_areas().map(({ key }) => key)).toEqual(["customers", "sessions", "packages", "zones", "routers", "templates", "runs", "settings"]);
    reach.list.data = TREE;
    expect(open_areas().map(({ key }) => key)).toContain("operators");
    log_in("accountant", ["money_read"]);
    expect(open_areas()[0]?.key).toBe("packages");
  });

  test("is not offered for a customer", () => {
    expect(of(customer_actions(customer))).toEqual(["customer-explain"]);
    log_in("sales_manager", ["customer_read", "customer_write", "payment_take", "money_read"]);
    expect(of(customer_actions(customer))).toEqual(["customer-pay", "customer-edit"]);
    log_in("admin", ["customer_suspend"]);
    expect(of(customer_actions({ ...customer, status: "suspended" }))).toEqual(["customer-activate"]);
  });

  test("is not offered for a session", () => {
    expect(of(session_actions([]))).toEqual(["session-disconnect", "session-speed", "session-apply"]);
    log_in("staff", ["session_read"]);
    expect(session_actions([])).toEqual([]);
  });

  test("is no fix", () => {
    const fixes = [{ code: "activate" }, { code: "pay" }, { code: "disconnect", session_id: 1, router_name: "tower" }] as const;
    expect(fixes_within_reach(fixes).map(({ code }) => code)).toEqual(["disconnect"]);
  });

  test("is not in the registry: neither palette, nor shortcut, nor help", () => {
    let done = 0;
    const action = (id: string, needs?: Permission): Action => ({
      id,
      group: "go",
      label: () => id,
      shortcuts: [id],
      run: () => (done += 1),
      ...(needs ? { needs } : {}),
    });
    const stop = actions.offer(() => [action("z", "zone_write"), action("r", "router_read"), action("x")]);
    expect(actions.all.map(({ id }) => id)).toEqual(["r", "x"]);
    actions.run("z");
    expect(actions.press(new KeyboardEvent("keydown", { key: "z" }))).toBe(false);
    expect(done).toBe(0);
    actions.run("r");
    expect(done).toBe(1);
    stop();
    session.state = null;
    expect(permitted([action("z", "zone_write")])).toEqual([]);
  });
});

describe("an operator", () => {
  const [, first, beneath, second] = TREE as [Operator, Operator, Operator, Operator];

  test("with sub-operators goes nowhere but to the provider", () => {
    expect(places(first, TREE)).toEqual([]);
    expect(ids(places(second, TREE))).toEqual([2]);
    expect(ids(places(beneath, TREE))).toEqual([1, 4]);
  });

  test("is taken over by nobody beneath it", () => {
    expect(ids(others(first, TREE))).toEqual([1, 4]);
    expect(ids(successors(first, TREE))).toEqual([1, 4]);
    expect(ids(successors(second, TREE))).toEqual([1, 2, 3]);
  });

  test("is a filter of the customers", () => {
    expect(query_of(new URLSearchParams("operator=4"), 50).operator_id).toBe(4);
    expect(query_of(new URLSearchParams("operator=all"), 50).operator_id).toBeNull();
  });
});

describe("the audit's query", () => {
  const query = (text: string) => audit_query_of(new URLSearchParams(text), 50);

  test("is what the URL says", () => {
    const text = "by=rahim&record=router&record_id=7&action=reveal&operator_id=2&from=2026-11-01&to=2026-11-30&customer_id=9";
    expect(query(text)).toEqual({
      by: "rahim",
      record: "router",
      record_id: 7,
      customer_id: 9,
      action: "reveal",
      operator_id: 2,
      from: "2026-11-01",
      to: "2026-11-30",
      after: null,
      limit: 50,
    });
    expect(new Set(new URLSearchParams(text).keys())).toEqual(new Set(PARAMS));
  });

  test("asks for nothing that does not exist", () => {
    expect(query("record=moon&action=eat&from=2026-02-31&to=x&operator_id=-1")).toEqual(query(""));
    expect(query("record_id=7").record_id).toBeNull();
    expect(narrows(new URLSearchParams("limit=3"))).toBe(false);
    expect(narrows(new URLSearchParams("to=x"))).toBe(true);
  });

  test("names every kind of record in words", () => {
    for (const record of RECORDS) expect(Object.values(en), record).toContain(record_words(record));
  });

  test("leads to the record, where there is one left", () => {
    const entry = { record: "login", record_id: 3, customer_id: 7, action: "update" } as AuditEntry;
    expect(place_of(entry)).toEqual(["customers", 7]);
    expect(place_of({ ...entry, record: "router_access", customer_id: null })).toEqual(["routers", 3]);
    expect(place_of({ ...entry, record: "zone", action: "delete", customer_id: null })).toBeNull();
    expect(place_of({ ...entry, record: "device", action: "delete" })).toEqual(["customers", 7]);
  });
});

test("a change of a person's is told in words", () => {
  const changes = [
    { field: "role", before: "staff", after: "manager" },
    { field: "permissions", before: '["customer_read"]', after: "{customer_read,payment_take}" },
    { field: "active", before: "true", after: "false" },
    { field: "operator_id", before: "1", after: "2" },
  ];
  expect(changes_words(changes)).toEqual([
    "Role: staff → manager",
    `Permissions: ${en.may_customer_read} → ${en.may_customer_read}, ${en.may_payment_take}`,
    "May log in: yes → no",
  ]);
});
