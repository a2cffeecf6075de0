// The operators within reach: one of them needs no mention, several are told apart everywhere.
import { untrack } from "svelte";
import { commands, type Operator } from "../platform";
import { Loaded } from "./loaded.svelte";
import { session } from "./session.svelte";

class Reach {
  readonly list = new Loaded<Operator[]>();

  get operators(): Operator[] {
    return this.list.data ?? [];
  }

  get several(): boolean {
    return this.operators.length > 1;
  }

  /** Somebody sells beneath the operator that this person works for. */
  get resold(): boolean {
    return this.operators.some(({ parent_id }) => parent_id === session.staff?.operator_id);
  }

  load(): Promise<void> {
    return this.list.load(commands.operatorList);
  }

  /** To be called from an effect: reads them again whenever something changed. */
  follow(): void {
    void session.revision;
    untrack(() => void this.load());
  }
}

export const reach = new Reach();

/** As a choice, in the order of the tree. */
export function operator_items(operators: readonly Operator[]): { value: string; label: string; depth: number }[] {
  return operators.map(({ id, name, depth }) => ({ value: String(id), label: name, depth }));
}
