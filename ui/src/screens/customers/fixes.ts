// What mends something: each fix of an explanation, done.
import Banknote from "@lucide/svelte/icons/banknote";
import Eye from "@lucide/svelte/icons/eye";
import Pencil from "@lucide/svelte/icons/pencil";
import Play from "@lucide/svelte/icons/play";
import Plus from "@lucide/svelte/icons/plus";
import RadioTower from "@lucide/svelte/icons/radio-tower";
import RouterIcon from "@lucide/svelte/icons/router";
import Unplug from "@lucide/svelte/icons/unplug";
import Zap from "@lucide/svelte/icons/zap";
import { dialogs } from "../../app/dialogs.svelte";
import { succeeded } from "../../app/notices";
import { report } from "../../app/reporting";
import { route } from "../../app/route.svelte";
import { session } from "../../app/session.svelte";
import { m } from "../../messages/messages";
import { commands, type Explanation, type Fix, type Permission } from "../../platform";
import { apply_now, ask_disconnect } from "../sessions/session_actions";
import { activate, told } from "./customer_actions";
import { editing_from_explanation } from "./query";

export const FIX_ICON = {
  activate: Play,
  pay: Banknote,
  reveal_password: Eye,
  edit_customer: Pencil,
  add_device: Plus,
  disconnect: Unplug,
  apply_now: Zap,
  edit_router: RouterIcon,
  add_router: Plus,
  start_radius: RadioTower,
} as const;

const NEEDS: Record<Fix["code"], Permission> = {
  activate: "customer_suspend",
  pay: "payment_take",
  reveal_password: "customer_password",
  edit_customer: "customer_write",
  add_device: "customer_write",
  disconnect: "session_change",
  apply_now: "session_change",
  edit_router: "router_write",
  add_router: "router_write",
  start_radius: "radius_setup",
};

/** What this person may do about it. */
export function fixes_within_reach(fixes: readonly Fix[]): Fix[] {
  return fixes.filter(({ code }) => session.may(NEEDS[code]));
}

/** Those that only lead somewhere work offline too. */
export function fix_off(fix: Fix): string | null {
  return ["start_radius", "edit_router", "add_router"].includes(fix.code) ? null : session.writes_off;
}

/** The device of an open session, where the explanation names it. */
function device_of(explanation: Explanation, session_id: number): string | null {
  for (const { finding } of explanation.checks) {
    if (finding.code !== "logged_in_elsewhere") continue;
    const found = finding.sessions.find(({ id }) => id === session_id);
    if (found) return found.mac;
  }
  return null;
}

async function add_device(customer_id: number, mac: string): Promise<void> {
  try {
    const customer = await commands.customerAddDevice(customer_id, { mac });
    succeeded(m.added({ name: mac }), told(customer));
    session.data_changed();
  } catch (thrown) {
    report(thrown, () => void add_device(customer_id, mac));
  }
}

/** Does it; `reveal` shows the password where the explanation is. */
export function do_fix(fix: Fix, explanation: Explanation, reveal: () => void): void {
  const { customer_id: id, customer_name: name } = explanation;
  switch (fix.code) {
    case "activate":
      return void activate(id, name);
    case "pay":
      return dialogs.show({ kind: "pay", customer_id: id });
    case "reveal_password":
      return reveal();
    case "edit_customer":
      return route.go(["customers", id, "edit"], editing_from_explanation(route.place.params));
    case "add_device":
      return void add_device(id, fix.mac);
    case "disconnect":
      return ask_disconnect([
        {
          choice: { kind: "reported", session_id: fix.session_id },
          router_name: fix.router_name,
          name,
          device: device_of(explanation, fix.session_id),
        },
      ]);
    case "apply_now":
      return void apply_now(fix.session_id);
    case "edit_router":
      return route.go(["routers", fix.router_id]);
    case "add_router":
      return route.go(["routers", "new"], new URLSearchParams({ address: fix.address }));
    case "start_radius":
      return route.go(["settings", "radius"]);
  }
}
