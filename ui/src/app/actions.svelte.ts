// The one registry of actions. Menus, buttons, shortcuts, the palette and the help all read it.
import { untrack, type Component } from "svelte";
import type { Permission } from "../platform";
import { session } from "./session.svelte";

export type ActionGroup = "go" | "list" | "customer" | "record" | "form" | "app";
export type Action = {
  id: string;
  group: ActionGroup;
  label: () => string;
  /** `Ctrl+K`, `/`, `?`: as it is written in the help. */
  shortcuts?: readonly string[];
  icon?: Component;
  /** Whoever lacks it does not see the action at all. */
  needs?: Permission;
  /** Why it cannot be done now; null when it can. */
  off?: () => string | null;
  /** A shortcut for hands that are in the list; not worth a line in the palette. */
  keys_only?: boolean;
  run: () => void;
};

/** Those that the person may do. */
export function permitted<Offered extends { needs?: Permission }>(offered: readonly Offered[]): Offered[] {
  return offered.filter(({ needs }) => needs === undefined || session.may(needs));
}

class Actions {
  #sources = $state.raw<(() => Action[])[]>([]);

  /** What can be done here and now; the screen on top comes first. */
  all = $derived(permitted(this.#sources.toReversed().flatMap((source) => source())));

  /** Adds a screen's actions for as long as the screen is there. */
  offer(source: () => Action[]): () => void {
    // Called from effects: what is there already must not call them again.
    untrack(() => (this.#sources = [...this.#sources, source]));
    return () => {
      this.#sources = this.#sources.filter((other) => other !== source);
    };
  }

  run(id: string): void {
    const action = this.all.find((candidate) => candidate.id === id);
    if (action && !action.off?.()) action.run();
  }

  /** Does what a key asks for; true when it did. */
  press(event: KeyboardEvent): boolean {
    const shortcut = shortcut_of(event);
    // While somebody types, every key is theirs but Escape and those with Ctrl.
    if (is_typing(event.target) && shortcut !== "Escape" && !event.ctrlKey && !event.metaKey) return false;
    // Enter and the space bar on a button press that button.
    const presses = shortcut === "Enter" || shortcut === "Space";
    if (presses && event.target instanceof Element && event.target.closest("button, a, summary, input")) return false;
    const action = this.all.find((candidate) => candidate.shortcuts?.includes(shortcut));
    if (!action) return false;
    // One that is off is still ours: the web view must not take F5 for itself.
    if (!action.off?.()) action.run();
    return true;
  }
}

export function shortcut_of(event: KeyboardEvent): string {
  const key = letter_of(event);
  const held = [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : ""].filter(Boolean);
  return held.length === 0 ? key : [...held, key.length === 1 ? key.toUpperCase() : key].join("+");
}

/** The sign on the key; on a Bengali layout the Latin one of the same place, so that `j` and Ctrl+S stay where they are. */
function letter_of(event: KeyboardEvent): string {
  if (event.key === " ") return "Space";
  if (event.key.length > 1) return event.key.replace("Arrow", "");
  const latin = /^[ -~]$/.test(event.key);
  return latin ? event.key : event.code.replace(/^(Key|Digit)/, "").toLowerCase();
}

export function is_typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["radio", "checkbox", "button"].includes(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

export const actions = new Actions();
