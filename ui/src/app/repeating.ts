import { dialogs } from "./dialogs.svelte";
import { session } from "./session.svelte";

/** Does it again and again while somebody can see it, nothing floats above it, and the database is there. */
export function while_seen(every_ms: number, ask: () => void): () => void {
  const repeating = setInterval(() => {
    const covered = dialogs.open !== null || document.querySelector("[role=dialog], [role=menu]") !== null;
    if (!covered && !session.offline && !document.hidden) ask();
  }, every_ms);
  return () => clearInterval(repeating);
}
