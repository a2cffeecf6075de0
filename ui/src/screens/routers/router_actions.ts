// What can be done about a router: one list for the page's buttons, the list's menu, the shortcuts and the palette.
import Activity from "@lucide/svelte/icons/activity";
import Pencil from "@lucide/svelte/icons/pencil";
import ListPlus from "@lucide/svelte/icons/list-plus";
import RotateCw from "@lucide/svelte/icons/rotate-cw";
import { permitted, type Action } from "../../app/actions.svelte";
import { dialogs } from "../../app/dialogs.svelte";
import { failed, succeeded } from "../../app/notices";
import { report } from "../../app/reporting";
import { only, route } from "../../app/route.svelte";
import { session } from "../../app/session.svelte";
import { m } from "../../messages/messages";
import { commands, type Router } from "../../platform";
import { PARAMS } from "./query";
import { trying } from "./trying.svelte";

const off = () => session.writes_off;

/** Whether it is worth asking: one that is known not to answer is tried by whoever looks after it, and then its record says so. */
export function is_askable({ seen }: Pick<Router, "seen">): boolean {
  return seen.status !== "pending" && seen.status !== "no_log_in";
}

export function test_connection({ id, name }: Pick<Router, "id" | "name">): void {
  dialogs.show({ kind: "router-test", router_id: id, name });
}

export function keep_log_in({ id, name, access_user }: Router): void {
  dialogs.show({ kind: "router-access", router_id: id, name, user_name: access_user ?? "" });
}

/** Whether the person may: a plan is made with the router's log-in. */
export function provisions(): boolean {
  return session.may("provision") && session.may("router_secret");
}

/** Leads to where it is configured from a template. */
export function provision({ id }: Pick<Router, "id">): void {
  route.go(["routers", id, "provision"], only(route.place.params, PARAMS));
}

/** Several of them at once, each by a run of its own. */
export function provision_many(routers: readonly Pick<Router, "id">[]): void {
  const params = only(route.place.params, PARAMS);
  params.set("routers", routers.map(({ id }) => id).join(","));
  route.go(["routers", "provision"], params);
}

/** Asks it now, whenever its next try would have been. */
export async function try_now(router: Pick<Router, "id" | "name">): Promise<void> {
  const { id, name } = router;
  if (trying.has(id)) return;
  trying.add(id);
  try {
    const { seen } = await commands.routerRetry(id);
    if (seen.status === "up") succeeded(m.router_answers({ name }));
    else failed(m.router_silent({ name }), { description: [seen.reason, seen.hint].filter(Boolean).join(" · ") });
    session.data_changed();
  } catch (thrown) {
    report(thrown, () => void try_now(router));
  }
  trying.delete(id);
}

export function router_actions(router: Router): Action[] {
  const { id, seen } = router;
  const no_log_in = () => off() ?? (seen.status === "no_log_in" ? m.router_needs_log_in() : null);
  const test: Action = {
    id: "router-test",
    group: "record",
    label: m.router_test_ask,
    shortcuts: ["t"],
    icon: Activity,
    needs: "router_secret",
    off: no_log_in,
    run: () => test_connection(router),
  };
  const retry: Action = {
    id: "router-retry",
    group: "record",
    label: m.router_try_now,
    shortcuts: ["r"],
    icon: RotateCw,
    needs: "router_secret",
    off: () => (trying.has(id) ? m.router_trying() : no_log_in()),
    run: () => void try_now(router),
  };
  const edit: Action = {
    id: "router-edit",
    group: "record",
    label: m.edit,
    shortcuts: ["e"],
    icon: Pencil,
    // Whoever may only keep its log-in does so there too.
    needs: session.may("router_write") ? "router_write" : "router_secret",
    run: () => route.go(["routers", id, "edit"], only(route.place.params, PARAMS)),
  };
  const configure: Action = {
    id: "router-provision",
    group: "record",
    label: m.provision_ask,
    shortcuts: ["p"],
    icon: ListPlus,
    off: () => off() ?? (seen.status === "no_log_in" ? m.router_needs_log_in() : router.active_run ? m.provision_active() : null),
    run: () => provision(router),
  };
  return permitted([...(provisions() ? [configure] : []), test, ...(seen.status === "up" ? [] : [retry]), edit]);
}
