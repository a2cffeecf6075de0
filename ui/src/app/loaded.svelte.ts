import type { Refusal } from "../platform";
import { refusal_of } from "../words/errors";
import { session } from "./session.svelte";

/** Data from the backend. What was there stays on the screen until something newer arrives, and when nothing does. */
export class Loaded<T> {
  data = $state.raw<T | undefined>(undefined);
  refusal = $state.raw<Refusal | null>(null);
  loading = $state(false);
  #turn = 0;

  /** Asks; an answer that a later question has overtaken is dropped. */
  async load(ask: () => Promise<T>): Promise<void> {
    const turn = ++this.#turn;
    this.loading = true;
    try {
      const data = await ask();
      if (turn !== this.#turn) return;
      this.data = data;
      this.refusal = null;
      session.data_arrived();
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.refusal = refusal_of(thrown);
      after_refusal(this.refusal);
    }
    this.loading = false;
  }

  /** Asks again behind what stands there: a failure says nothing, and an unchanged answer changes nothing. */
  async load_quietly(ask: () => Promise<T>): Promise<void> {
    if (this.loading) return;
    const turn = this.#turn;
    try {
      const data = await ask();
      if (turn !== this.#turn) return;
      if (JSON.stringify(data) !== JSON.stringify(this.data)) this.data = data;
      this.refusal = null;
      session.data_arrived();
    } catch {
      // The next turn asks again; a lost database tells so by itself.
    }
  }

  /** Forgets everything, and whatever is still on its way. */
  clear(): void {
    this.#turn += 1;
    this.data = undefined;
    this.refusal = null;
    this.loading = false;
  }
}

/** Some refusals say something about the whole application: ask it how it is. */
export function after_refusal(refusal: Refusal): void {
  if (["not_logged_in", "log_in_ended"].includes(refusal.code) || (refusal.code === "database_unreachable" && !session.offline)) {
    void session.refresh();
  }
}
