// A rotation goes on while somebody looks at something else.
import { key_notice } from "../../app/key_notice.svelte";
import { after_refusal } from "../../app/loaded.svelte";
import { succeeded } from "../../app/notices";
import { session } from "../../app/session.svelte";
import { m } from "../../messages/messages";
import { rotate_key, type Refusal, type RotationProgress } from "../../platform";
import { refusal_of } from "../../words/errors";

class Rotation {
  running = $state(false);
  progress = $state.raw<RotationProgress | null>(null);
  refusal = $state.raw<Refusal | null>(null);

  async start(): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.progress = null;
    this.refusal = null;
    try {
      await rotate_key((progress) => (this.progress = progress));
      succeeded(m.key_rotated());
    } catch (thrown) {
      this.refusal = refusal_of(thrown);
      after_refusal(this.refusal);
    }
    this.running = false;
    session.data_changed();
    key_notice.ask();
  }
}

export const rotation = new Rotation();
