// What can be done to a customer: one list for the page's buttons, the list's menu, the shortcuts and the palette.
import Banknote from "@lucide/svelte/icons/banknote";
import Pause from "@lucide/svelte/icons/pause";
import Pencil from "@lucide/svelte/icons/pencil";
import Play from "@lucide/svelte/icons/play";
import type { Action } from "../../app/actions.svelte";
import { dialogs } from "../../app/dialogs.svelte";
import { succeeded } from "../../app/notices";
import { report } from "../../app/reporting";
import { route } from "../../app/route.svelte";
import { session } from "../../app/session.svelte";
import { m } from "../../messages/messages";
import { commands, type Status } from "../../platform";

export type CustomerSubject = { id: number; name: string; status: Status };

const off = () => session.writes_off;

export function customer_actions(customer: CustomerSubject): Action[] {
  const { id, name, status } = customer;
  return [
    {
      id: "customer-pay",
      group: "customer",
      label: m.payment_record,
      shortcuts: ["p"],
      icon: Banknote,
      off,
      run: () => dialogs.show({ kind: "pay", customer_id: id }),
    },
    {
      id: "customer-edit",
      group: "customer",
      label: m.edit,
      shortcuts: ["e"],
      icon: Pencil,
      off,
      run: () => route.go(["customers", id, "edit"], route.place.params),
    },
    status === "suspended"
      ? {
          id: "customer-activate",
          group: "customer",
          label: m.activate,
          shortcuts: ["s"],
          icon: Play,
          off,
          run: () => void activate(id, name),
        }
      : {
          id: "customer-suspend",
          group: "customer",
          label: m.suspend_ask,
          shortcuts: ["s"],
          icon: Pause,
          off,
          run: () => dialogs.show({ kind: "suspend", customer_id: id, name }),
        },
  ];
}

export async function activate(id: number, name: string): Promise<void> {
  try {
    await commands.customerActivate(id);
    succeeded(m.activated({ name }));
    session.data_changed();
  } catch (thrown) {
    report(thrown, () => void activate(id, name));
  }
}
