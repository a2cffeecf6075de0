// A rotation goes on while somebody looks at something else.
import { key_notice } from "../../app/key_notice.svelte";
import { after_refusal } from "../../app/loaded.svelte";
import { succeeded } from "../../app/notices";
import { report } from "../../app/reporting";
import { session } from "../../app/session.svelte";
import { m } from "../../messages/messages";
import { commands, rotate_key, type Refusal, type RotationProgress } from "../../platform";
import { refusal_of } from "../../words/errors";

class Rotation {
  running = $state(false);
  progress = $state.raw<RotationProgress | null>(null);
  refusal = $state.raw<Refusal | null>(null);
  /** Asked for: it stops after the batch that it is at. */
  stopping = $state(false);
  /** The last one was stopped here, not cut off by something else. */
  stopped = $state(false);

  async start(): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.progress = null;
    this.refusal = null;
    this.stopping = false;
    this.stopped = false;
    try {
      const key = await rotate_key((progress) => (this.progress = progress));
      if (key.remaining === 0) succeeded(m.key_rotated());
      else this.stopped = this.stopping;
    } catch (thrown) {
      this.refusal = refusal_of(thrown);
      after_refusal(this.refusal);
    }
    this.running = false;
    this.stopping = false;
    session.data_changed();
    key_notice.ask();
  }

  async stop(): Promise<void> {
    if (!this.running || this.stopping) return;
    this.stopping = true;
    try {
      await commands.keyStop();
    } catch (thrown) {
      this.stopping = false;
      report(thrown, () => this.stop());
    }
  }
}

export const rotation = new Rotation();
