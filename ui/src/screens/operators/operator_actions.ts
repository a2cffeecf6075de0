// What can be done to an operator: one list for the page's buttons, the list's menu, the shortcuts and the palette.
import ArrowRightLeft from "@lucide/svelte/icons/arrow-right-left";
import CircleX from "@lucide/svelte/icons/circle-x";
import Pencil from "@lucide/svelte/icons/pencil";
import Plus from "@lucide/svelte/icons/plus";
import Users from "@lucide/svelte/icons/users";
import { permitted, type Action } from "../../app/actions.svelte";
import { dialogs } from "../../app/dialogs.svelte";
import { reach } from "../../app/reach.svelte";
import { route } from "../../app/route.svelte";
import { session } from "../../app/session.svelte";
import { m } from "../../messages/messages";
import type { CustomerCount, Operator } from "../../platform";
import { number } from "../../words/provider_words";
import { places } from "./tree";

const off = () => session.writes_off;

export function count_words({ count, more }: CustomerCount): string {
  return `${number(count)}${more ? "+" : ""}`;
}

export function operator_actions(operator: Operator): Action[] {
  const { id, depth, manageable } = operator;
  const look: Action = {
    id: "operator-customers",
    group: "record",
    label: m.operator_customers,
    shortcuts: ["c"],
    icon: Users,
    needs: "customer_read",
    run: () => route.go(["customers"], new URLSearchParams({ operator: String(id) })),
  };
  const add: Action = {
    id: "operator-add-beneath",
    group: "record",
    label: m.operator_add_beneath,
    icon: Plus,
    needs: "operator_manage",
    off,
    run: () => route.go(["operators", "new"], new URLSearchParams({ under: String(id) })),
  };
  const change: Action[] = [
    { id: "operator-edit", group: "record", label: m.operator_rename, shortcuts: ["e"], icon: Pencil, off, run: () => route.go(["operators", id, "edit"]) },
    {
      id: "operator-move",
      group: "record",
      label: m.operator_move_ask,
      icon: ArrowRightLeft,
      off: () => off() ?? (places(operator, reach.operators).length === 0 ? m.operator_move_nowhere() : null),
      run: () => dialogs.show({ kind: "move-operator", operator }),
    },
    {
      id: "operator-close",
      group: "record",
      label: m.operator_close_ask,
      icon: CircleX,
      off,
      run: () => dialogs.show({ kind: "close-operator", operator }),
    },
  ];
  return permitted([look, ...(depth === 1 ? [add] : []), ...(manageable ? change : [])]);
}
