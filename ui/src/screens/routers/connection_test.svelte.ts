// One test of how a router is reached, and what somebody may decide about its outcome.
import { after_refusal } from "../../app/loaded.svelte";
import { session } from "../../app/session.svelte";
import { commands, test_router, type Refusal, type RouterTest, type TestStep, type TestStepKey } from "../../platform";
import { refusal_of } from "../../words/errors";
import { allow_plain } from "./draft";

const KEYS: readonly TestStepKey[] = ["reach", "encryption", "log_in", "permissions", "release", "clock"];

/** All of them, before the first has begun. */
export function waiting_steps(): TestStep[] {
  return KEYS.map((key) => ({ key, state: "waiting", elapsed_ms: 0, message: "", hint: "" }));
}

/** The certificate's fingerprint, where a step tells one. */
export function fingerprint_in(steps: readonly TestStep[]): string | null {
  const told = steps.find(({ key }) => key === "encryption")?.message ?? "";
  return /(?:[0-9A-F]{2}:){31}[0-9A-F]{2}/.exec(told)?.[0] ?? null;
}

export class ConnectionTest {
  steps = $state.raw<TestStep[]>(waiting_steps());
  result = $state.raw<RouterTest | null>(null);
  refusal = $state.raw<Refusal | null>(null);
  running = $state(false);
  readonly #id: number;

  constructor(id: number) {
    this.#id = id;
  }

  run(): Promise<void> {
    return this.#after(async () => {});
  }

  /** Another certificate than the one that is kept: a person says that it is right. */
  trust(fingerprint: string): Promise<void> {
    return this.#after(() => commands.routerTrust(this.#id, fingerprint));
  }

  /** Its log-in may cross the network as it is: a person says so. */
  allow_plain(): Promise<void> {
    return this.#after(() => allow_plain(this.#id));
  }

  async #after(decide: () => Promise<unknown>): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.refusal = null;
    try {
      await decide();
      this.result = null;
      this.steps = waiting_steps();
      this.result = await test_router(this.#id, (steps) => (this.steps = steps));
      this.steps = this.result.steps;
    } catch (thrown) {
      this.refusal = refusal_of(thrown);
      after_refusal(this.refusal);
    }
    this.running = false;
    session.data_changed();
  }
}
