// Plans in words and signs.
import { m } from "../messages/messages";
import type { ChangeKind, PlanChange, PropertyChange } from "../platform";
import { number } from "./provider_words";

/** As in a difference of two texts; a thing that is done has none of its own. */
export const SIGN: Record<ChangeKind, string> = { add: "+", change: "~", move: "↕", remove: "−", action: "›" };

export const CHANGE: Record<ChangeKind, () => string> = {
  add: m.plan_change_add,
  change: m.plan_change_change,
  move: m.plan_change_move,
  remove: m.plan_change_remove,
  action: m.plan_change_action,
};

/** `ranges: 10.0.0.2-10.0.0.9 → 10.0.0.2-10.0.0.99` */
export function property_words({ name, old, new: next }: PropertyChange): string {
  return `${name}: ${old ?? m.plan_absent()} → ${next ?? m.plan_absent()}`;
}

/** `3 changes` */
export function changes_words(count: number): string {
  return count === 1 ? m.plan_step_changes_one() : m.plan_step_changes({ count: number(count) });
}

/** What changes from one value to another; of an item that is added, everything is in its command. */
export function told_properties({ kind, properties }: PlanChange): PropertyChange[] {
  return kind === "change" ? properties : [];
}
