import type { Component } from "svelte";

export type Column<Row> = {
  key: string;
  label: string;
  /** Pixels, until somebody drags it. */
  width: number;
  end?: boolean;
  /** It takes what room is left over, instead of the first column. */
  grows?: boolean;
  /** The list can be sorted by it. */
  sort?: string;
  /** What the cell says, and what Ctrl+C copies. */
  text: (row: Row) => string;
  /** What it is sorted by, where that is not its text; nothing stands at the end. */
  by?: (row: Row) => number | null;
  /** It changes by itself: rows keep their places until somebody sorts again. */
  restless?: boolean;
};

export type MenuEntry =
  | { label: string; icon?: Component<{ size?: number | string }>; shortcut?: string; off?: string | null; run: () => void }
  | "line";

export const ROW_HEIGHT = 28;
/** The column of boxes, where rows can be marked. */
export const BOX_WIDTH = 32;
const SMALLEST = 56;

/** The widths that somebody dragged, kept on this computer by the list's name. */
export function remembered_widths(list: string): Record<string, number> {
  try {
    return JSON.parse(localStorage.getItem(`demarc.columns.${list}`) ?? "{}");
  } catch {
    return {};
  }
}

export function remember_widths(list: string, widths: Record<string, number>): void {
  localStorage.setItem(`demarc.columns.${list}`, JSON.stringify(widths));
}

export function dragged_width(start: number, moved: number): number {
  return Math.max(SMALLEST, Math.round(start + moved));
}

/** Which rows to draw: those in sight and a few around them. */
export function window_of(scrolled: number, height: number, rows: number): { first: number; last: number } {
  const spare = 8;
  const first = Math.max(0, Math.floor(scrolled / ROW_HEIGHT) - spare);
  return { first, last: Math.min(rows, Math.ceil((scrolled + height) / ROW_HEIGHT) + spare) };
}
