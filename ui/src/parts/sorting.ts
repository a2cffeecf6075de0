// The order of a list that is read whole.
import type { Column } from "./columns";

/** The rows' ids in the order of a column. */
export function sorted_ids<Row extends { id: number }>(rows: readonly Row[], column: Column<Row>, descending: boolean, tag: string): number[] {
  const collator = new Intl.Collator(tag, { numeric: true });
  const { by, text } = column;
  const compare = by
    ? (one: Row, other: Row) => numbers(by(one), by(other), descending)
    : (one: Row, other: Row) => collator.compare(text(one), text(other)) * (descending ? -1 : 1);
  return rows.toSorted(compare).map(({ id }) => id);
}

function numbers(one: number | null, other: number | null, descending: boolean): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  return descending ? other - one : one - other;
}

/** The rows in the order of those ids; what is new stands at the end. */
export function in_order<Row extends { id: number }>(rows: readonly Row[], ids: readonly number[]): Row[] {
  const places = new Map(ids.map((id, place) => [id, place]));
  const place = ({ id }: Row) => places.get(id) ?? ids.length;
  return rows.toSorted((one, other) => place(one) - place(other));
}
