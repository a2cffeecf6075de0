// Routers that announce themselves on this computer's networks, found while somebody waits.
import { after_refusal } from "../../app/loaded.svelte";
import { discover_routers, type NearbyRouter, type Refusal } from "../../platform";
import { refusal_of } from "../../words/errors";

export const LISTENS_SECONDS = 5;
const TICK_MS = 100;

export class Nearby {
  found = $state.raw<NearbyRouter[]>([]);
  refusal = $state.raw<Refusal | null>(null);
  listening = $state(false);
  /** Seconds that it has listened. */
  elapsed = $state(0);

  async listen(): Promise<void> {
    if (this.listening) return;
    this.listening = true;
    this.refusal = null;
    this.found = [];
    this.elapsed = 0;
    const began = performance.now();
    const ticking = setInterval(() => (this.elapsed = Math.min(LISTENS_SECONDS, (performance.now() - began) / 1000)), TICK_MS);
    try {
      this.found = await discover_routers(LISTENS_SECONDS, (found) => (this.found = found));
    } catch (thrown) {
      this.refusal = refusal_of(thrown);
      after_refusal(this.refusal);
    }
    clearInterval(ticking);
    this.listening = false;
  }
}

/** What its record begins with. */
export function params_of({ identity, address }: NearbyRouter): URLSearchParams {
  return new URLSearchParams({ name: identity, ...(address === null ? {} : { address }) });
}
