// Keyset pages know only what comes next: the way back is the list of cursors that were used.

export type Pager = { cursors: readonly (string | null)[] };

export const FIRST_PAGE: Pager = { cursors: [null] };

/** The cursor of the page that is shown; null is the first. */
export function cursor_of(pager: Pager): string | null {
  return pager.cursors.at(-1) ?? null;
}

/** Counted from 1. */
export function page_number(pager: Pager): number {
  return pager.cursors.length;
}

export function forward(pager: Pager, next: string | null): Pager {
  return next === null ? pager : { cursors: [...pager.cursors, next] };
}

export function back(pager: Pager): Pager {
  return pager.cursors.length > 1 ? { cursors: pager.cursors.slice(0, -1) } : pager;
}
