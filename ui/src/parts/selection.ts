// Several rows of a list, marked to be acted on together.

export type Chosen = ReadonlySet<number>;

export function toggled(chosen: Chosen, id: number): Set<number> {
  const next = new Set(chosen);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** With all rows from one to another, both included; `ids` as they stand in the list. */
export function ranged(ids: readonly number[], chosen: Chosen, from: number | null, to: number): Set<number> {
  const [one, other] = [ids.indexOf(from ?? to), ids.indexOf(to)];
  if (other === -1) return new Set(chosen);
  const first = one === -1 ? other : Math.min(one, other);
  return new Set([...chosen, ...ids.slice(first, Math.max(one, other) + 1)]);
}

/** Those that are still in sight: what nobody sees is not acted on. */
export function still_shown<Row extends { id: number }>(rows: readonly Row[], chosen: Chosen): Row[] {
  return rows.filter(({ id }) => chosen.has(id));
}
