import type { Action } from "../app/actions.svelte";
import type { MenuEntry } from "./columns";

/** Actions as the lines of a context menu. */
export function as_menu(offered: readonly Action[]): MenuEntry[] {
  return offered.map((action) => ({
    label: action.label(),
    ...(action.icon ? { icon: action.icon } : {}),
    ...(action.shortcuts?.[0] ? { shortcut: action.shortcuts[0] } : {}),
    off: action.off?.() ?? null,
    run: action.run,
  }));
}
