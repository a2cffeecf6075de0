// Runs that somebody looks at. One watch for each, however many look: the backend ends it with the run.
import { watch_run, type RunDetail } from "../../platform";
import { is_active } from "../../words/runs";

const AGAIN_MS = 2_000;
type Listener = (detail: RunDetail) => void;

const watched = new Map<number, Set<Listener>>();

/** Tells whatever becomes of a run, until the returned function is called. */
export function follow_run(id: number, listener: Listener): () => void {
  const there = watched.get(id);
  const listeners = there ?? new Set<Listener>();
  listeners.add(listener);
  if (!there) {
    watched.set(id, listeners);
    void watch(id, listeners);
  }
  return () => listeners.delete(listener);
}

async function watch(id: number, listeners: Set<Listener>): Promise<void> {
  const tell = (detail: RunDetail) => listeners.forEach((listener) => listener(detail));
  while (listeners.size > 0) {
    try {
      const last = await watch_run(id, tell);
      tell(last);
      if (!is_active(last.run)) break;
    } catch {
      // The page says why it cannot be read; here it is tried again until nobody looks.
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  watched.delete(id);
}
