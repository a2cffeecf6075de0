// What can be done to a customer: one list for the page's buttons, the list's menu, the shortcuts and the palette.
import Banknote from "@lucide/svelte/icons/banknote";
import CircleQuestionMark from "@lucide/svelte/icons/circle-question-mark";
import Pause from "@lucide/svelte/icons/pause";
import Pencil from "@lucide/svelte/icons/pencil";
import Play from "@lucide/svelte/icons/play";
import { permitted, type Action } from "../../app/actions.svelte";
import { dialogs } from "../../app/dialogs.svelte";
import { succeeded } from "../../app/notices";
import { report } from "../../app/reporting";
import { route } from "../../app/route.svelte";
import { session } from "../../app/session.svelte";
import { m } from "../../messages/messages";
import { commands, type Customer, type Status } from "../../platform";
import { set_off_words } from "../../words/live";

export type CustomerSubject = { id: number; name: string; status: Status };

const off = () => session.writes_off;

export function customer_actions(customer: CustomerSubject): Action[] {
  const { id, name, status } = customer;
  return permitted<Action>([
    {
      id: "customer-pay",
      needs: "payment_take",
      group: "customer",
      label: m.payment_record,
      shortcuts: ["p"],
      icon: Banknote,
      off,
      run: () => dialogs.show({ kind: "pay", customer_id: id }),
    },
    {
      id: "customer-edit",
      needs: "customer_write",
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
          needs: "customer_suspend",
          group: "customer",
          label: m.activate,
          shortcuts: ["s"],
          icon: Play,
          off,
          run: () => void activate(id, name),
        }
      : {
          id: "customer-suspend",
          needs: "customer_suspend",
          group: "customer",
          label: m.suspend_ask,
          shortcuts: ["s"],
          icon: Pause,
          off,
          run: () => dialogs.show({ kind: "suspend", customer_id: id, name }),
        },
    {
      id: "customer-explain",
      needs: "session_read",
      group: "customer",
      label: () => m.explain_title({ name }),
      shortcuts: ["w"],
      icon: CircleQuestionMark,
      run: () => explain(id),
    },
  ]);
}

export function explain(id: number): void {
  route.go(["customers", id, "explain"], route.place.path[0] === "customers" ? route.place.params : undefined);
}

/** After a change: what became of the customer's live sessions, beneath what else there is to say. */
export function told(customer: Customer, ...also: string[]): { description?: string } {
  const description = [...also, set_off_words(customer, Date.now())].filter(Boolean).join(" · ");
  return description ? { description } : {};
}

export async function activate(id: number, name: string): Promise<void> {
  try {
    succeeded(m.activated({ name }), told(await commands.customerActivate(id)));
    session.data_changed();
  } catch (thrown) {
    report(thrown, () => void activate(id, name));
  }
}
