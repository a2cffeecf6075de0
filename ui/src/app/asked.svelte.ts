import { untrack } from "svelte";
import type { Refusal } from "../platform";
import { refusal_of } from "../words/errors";
import { after_refusal } from "./loaded.svelte";
import { while_seen } from "./repeating";
import { session } from "./session.svelte";

/** Who did not answer is left alone for so long: each try of a dead router lasts seconds. */
const RESTS_MS = 10_000;

/** Something that is asked again and again while it is seen: one question at a time, the last answer stays. */
export class Asked<T> {
  data = $state.raw<T | undefined>(undefined);
  refusal = $state.raw<Refusal | null>(null);
  /** When `data` came, in milliseconds. */
  at = $state<number | null>(null);
  asking = $state(false);
  #rests_until = 0;

  /** To be called as a component is made: at once and then in turn, while the component is there and `askable`. */
  follow(every_ms: number, ask: () => Promise<T>, askable: () => boolean): void {
    const on = $derived(askable() && !session.offline);
    $effect(() => {
      if (!on) return;
      untrack(() => void this.now(ask));
      return while_seen(every_ms, () => void this.again(ask));
    });
  }

  /** In its turn: not while a question is on its way, nor just after a refusal. */
  async again(ask: () => Promise<T>, now = Date.now()): Promise<void> {
    if (now >= this.#rests_until) await this.now(ask);
  }

  /** Because somebody wants it now. */
  async now(ask: () => Promise<T>): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      this.data = await ask();
      this.at = Date.now();
      this.refusal = null;
      this.#rests_until = 0;
    } catch (thrown) {
      this.refusal = refusal_of(thrown);
      this.#rests_until = Date.now() + RESTS_MS;
      after_refusal(this.refusal);
    }
    this.asking = false;
  }
}
