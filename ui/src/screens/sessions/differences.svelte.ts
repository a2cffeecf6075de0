// Where routers and their reports differ: every router is read, which takes a while and goes on meanwhile.
import { after_refusal } from "../../app/loaded.svelte";
import { commands, session_differences, type Refusal, type RouterSessions } from "../../platform";
import { refusal_of } from "../../words/errors";

/** At most so often the screen is drawn anew. */
const DRAW_MS = 200;

class Differences {
  /** Those that were read or tried, by name; null while nobody has asked. */
  read = $state.raw<RouterSessions[] | null>(null);
  running = $state(false);
  done = $state(0);
  /** How many there are to read. */
  all = $state(0);
  /** When the last reading ended, in milliseconds. */
  at = $state<number | null>(null);
  refusal = $state.raw<Refusal | null>(null);
  #turn = 0;

  async start(): Promise<void> {
    if (this.running) return;
    const turn = ++this.#turn;
    this.running = true;
    this.refusal = null;
    this.done = 0;
    const came: RouterSessions[] = [];
    const draw = () => {
      if (turn !== this.#turn) return;
      this.done = came.length;
      // What was read before stays until there is something newer.
      if (this.at === null) this.read = by_name(came);
    };
    const drawing = setInterval(draw, DRAW_MS);
    try {
      const routers = await commands.routerList();
      if (turn === this.#turn) this.all = routers.filter(({ seen }) => seen.status !== "no_log_in").length;
      const read = await session_differences((of_router) => came.push(of_router));
      if (turn === this.#turn) {
        this.read = by_name(read);
        this.at = Date.now();
      }
    } catch (thrown) {
      if (turn === this.#turn) {
        this.refusal = refusal_of(thrown);
        after_refusal(this.refusal);
      }
    }
    clearInterval(drawing);
    if (turn === this.#turn) this.running = false;
  }

  /** Somebody else logs in, or works elsewhere. */
  clear(): void {
    this.#turn += 1;
    Object.assign(this, { read: null, running: false, done: 0, all: 0, at: null, refusal: null });
  }
}

function by_name(read: readonly RouterSessions[]): RouterSessions[] {
  return read.toSorted((one, other) => one.router_name.localeCompare(other.router_name));
}

export const differences = new Differences();
