// Sessions are told something, one after another; what becomes of each is known as it comes.
import type { SessionSubject } from "../../app/dialogs.svelte";
import { after_refusal } from "../../app/loaded.svelte";
import { session } from "../../app/session.svelte";
import type { Refusal, SessionOutcome } from "../../platform";
import { refusal_of } from "../../words/errors";
import { OUTCOMES, outcome_of } from "../../words/outcomes";
import { key_of } from "./compared";

/** At most so often the screen is drawn anew, however fast they answer. */
const DRAW_MS = 100;

export type Told = { id: number; subject: SessionSubject; outcome: SessionOutcome | null };
export type Tell = (on_outcome: (outcome: SessionOutcome) => void) => Promise<SessionOutcome[]>;

export class Telling {
  rows = $state.raw<Told[]>([]);
  running = $state(false);
  /** It has begun: there is no way back. */
  begun = $state(false);
  refusal = $state.raw<Refusal | null>(null);

  #came = new Map<string, SessionOutcome>();

  async start(subjects: readonly SessionSubject[], tell: Tell): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.refusal = null;
    this.#came.clear();
    this.rows = subjects.map((subject, index) => ({ id: index + 1, subject, outcome: null }));
    const drawing = setInterval(() => this.#draw(), DRAW_MS);
    try {
      const told = tell((outcome) => {
        this.begun = true;
        this.#came.set(key_of(outcome.choice), outcome);
      });
      for (const outcome of await told) this.#came.set(key_of(outcome.choice), outcome);
      this.begun = true;
    } catch (thrown) {
      this.refusal = refusal_of(thrown);
      after_refusal(this.refusal);
    }
    clearInterval(drawing);
    this.#draw();
    this.rows = by_urgency(this.rows);
    this.running = false;
    if (this.begun) session.data_changed();
  }

  get outcomes(): SessionOutcome[] {
    return this.rows.flatMap(({ outcome }) => outcome ?? []);
  }

  #draw(): void {
    if (this.#came.size === this.outcomes.length) return;
    this.rows = this.rows.map((row) => ({ ...row, outcome: this.#came.get(key_of(row.subject.choice)) ?? null }));
  }
}

/** What went wrong first; within that as they were. */
export function by_urgency(rows: readonly Told[]): Told[] {
  const rank = ({ outcome }: Told) => (outcome ? OUTCOMES.indexOf(outcome_of(outcome)) : -1);
  return rows.toSorted((one, other) => rank(one) - rank(other));
}
