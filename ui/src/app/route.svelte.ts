// Where we are is the URL's hash: `#/customers/42?status=active`. Filters and sort live in it, so that back works.

export type Place = { path: string[]; params: URLSearchParams };

export function read_hash(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter(Boolean).map(decodeURIComponent), params: new URLSearchParams(query) };
}

export function write_hash(path: readonly (string | number)[], params?: URLSearchParams): string {
  const query = params?.toString() ?? "";
  return `#/${path.map((part) => encodeURIComponent(part)).join("/")}${query ? `?${query}` : ""}`;
}

/** Of the parameters only those: a list's filters stay while something is opened from it. */
export function only(params: URLSearchParams, names: readonly string[]): URLSearchParams {
  return new URLSearchParams([...params].filter(([name]) => names.includes(name)));
}

class Route {
  #hash = $state(location.hash);
  place = $derived(read_hash(this.#hash));

  /** Says whether there is something unsaved; set by the form that has it. */
  #guard: (() => boolean) | null = null;
  /** What somebody wanted to do while there was something unsaved: it waits for the answer. */
  waiting = $state.raw<(() => void) | null>(null);

  start(): () => void {
    const moved = () => {
      if (location.hash === this.#hash) return;
      const wanted = location.hash;
      if (this.#guard?.()) {
        history.replaceState(null, "", this.#hash);
        this.waiting = () => this.#move(wanted);
      } else {
        this.#hash = wanted;
      }
    };
    const closing = (event: BeforeUnloadEvent) => {
      if (this.#guard?.()) event.preventDefault();
    };
    window.addEventListener("hashchange", moved);
    window.addEventListener("beforeunload", closing);
    return () => {
      window.removeEventListener("hashchange", moved);
      window.removeEventListener("beforeunload", closing);
    };
  }

  /** Goes there, unless something unsaved makes us ask first. */
  go(path: readonly (string | number)[], params?: URLSearchParams): void {
    const hash = write_hash(path, params);
    if (hash === this.#hash) return;
    const move = () => this.#move(hash);
    if (!this.asks_before(move)) move();
  }

  /** The same, leaving no entry to go back to: for a pane that follows the selection. */
  follow(path: readonly (string | number)[], params?: URLSearchParams): void {
    const hash = write_hash(path, params);
    if (hash === this.#hash) return;
    const replace = () => this.#replace(hash);
    if (!this.asks_before(replace)) replace();
  }

  /** Keeps what somebody wanted to do for after the question about what is unsaved; false where nothing is. */
  asks_before(action: () => void): boolean {
    if (!this.#guard?.()) return false;
    this.waiting = action;
    return true;
  }

  /** The same place seen otherwise (a filter, a sort): no new entry to go back to, nothing unsaved is lost. */
  adjust(params: URLSearchParams): void {
    this.#replace(write_hash(this.place.path, params));
  }

  guard(unsaved: () => boolean): () => void {
    this.#guard = unsaved;
    return () => {
      if (this.#guard === unsaved) this.#guard = null;
    };
  }

  leave(): void {
    const wanted = this.waiting;
    this.waiting = null;
    this.#guard = null;
    wanted?.();
  }

  /** Whoever had something unsaved is gone: nothing is asked, nothing waits. */
  leave_all(): void {
    this.waiting = null;
    this.#guard = null;
  }

  /** Back to where everybody begins, without a question. */
  begin(): void {
    this.leave_all();
    this.#replace("#/");
  }

  stay(): void {
    this.waiting = null;
  }

  #move(hash: string): void {
    this.#hash = hash;
    location.hash = hash;
  }

  #replace(hash: string): void {
    this.#hash = hash;
    history.replaceState(null, "", hash);
  }
}

export const route = new Route();
