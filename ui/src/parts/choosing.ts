import type { Action } from "../app/actions.svelte";
import { m } from "../messages/messages";
import { toggled, type Chosen } from "./selection";

/** Marking rows, for hands that are not in the list itself. */
export function choosing(ids: readonly number[], selected: number | null, chosen: Chosen, choose: (chosen: Set<number>) => void): Action[] {
  const here = selected !== null && ids.includes(selected) ? selected : null;
  const none = () => (ids.length === 0 ? m.nothing_there() : null);
  return [
    {
      id: "row-choose",
      group: "list",
      label: m.row_choose,
      shortcuts: ["Space"],
      keys_only: true,
      off: () => (here === null ? m.nothing_there() : null),
      run: () => here !== null && choose(toggled(chosen, here)),
    },
    { id: "rows-choose-all", group: "list", label: m.choose_all_shown, off: none, run: () => choose(new Set(ids)) },
    { id: "rows-choose-none", group: "list", label: m.choose_none, off: () => (chosen.size === 0 ? m.nothing_there() : null), run: () => choose(new Set()) },
  ];
}
