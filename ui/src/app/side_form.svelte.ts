import { untrack } from "svelte";
import { Loaded } from "./loaded.svelte";
import { only, route } from "./route.svelte";
import { session } from "./session.svelte";

/**
 * A list with a form beside it: what the URL opens, and the list behind it, read again whenever something changed.
 * `kept` are the parameters of the URL that stay whatever is opened: the list's filters.
 */
export function side_form<Row extends { id: number }>(area: string, ask: () => Promise<Row[]>, kept: readonly string[] = []) {
  const list = new Loaded<Row[]>();
  $effect(() => {
    void session.revision;
    untrack(() => void list.load(ask));
  });
  const what = $derived(route.place.path[1]);
  // Only asking for it begins the form anew: a list that is read again must not take away what somebody types.
  let round = $state(0);
  const id = $derived(what && /^\d+$/.test(what) ? Number(what) : null);
  const go = (...path: (string | number)[]) => route.go([area, ...path], only(route.place.params, kept));
  return {
    list,
    go,
    get id() {
      return id;
    },
    /** The opened record, once the list is there. */
    get row() {
      return list.data?.find((row) => row.id === id);
    },
    get open() {
      return what === "new" || (id !== null && list.data?.some((row) => row.id === id) === true);
    },
    close: () => go(),
    get key() {
      return `${what} ${round}`;
    },
    async reload() {
      await list.load(ask);
      round += 1;
    },
    /** Opens what was just added, once the list knows it. */
    async added(added_id: number) {
      await list.load(ask);
      go(added_id);
    },
  };
}
