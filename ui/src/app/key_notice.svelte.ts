// Whether the organisation's key should be rotated: a dot beside the settings, for whoever can do it.
import { commands } from "../platform";
import { session } from "./session.svelte";

class KeyNotice {
  due = $state(false);

  /** A failure says nothing: the page of the key tells it. */
  ask(): void {
    if (!session.may("key_rotate")) {
      this.due = false;
      return;
    }
    commands.keyShow().then(
      (key) => (this.due = key.due_since !== null || key.remaining > 0),
      () => {},
    );
  }
}

export const key_notice = new KeyNotice();
