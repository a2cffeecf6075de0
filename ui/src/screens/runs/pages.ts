// Pages of runs, the newest first.
import { commands, type Run, type RunPage, type RunQuery } from "../../platform";
import { ACTIVE_STATES } from "../../words/runs";
import { in_order } from "./query";

export type Listed = { rows: Run[]; /** Where the older ones begin; null: there are none. */ next: string | null };

function next_of({ runs, more }: RunPage): string | null {
  const last = runs.at(-1);
  return more && last ? String(last.id) : null;
}

/** A page; on the first one stands whatever is at work, however long ago it began. */
export async function page_of(query: RunQuery, cursor: string | null): Promise<Listed> {
  const first = cursor === null && (query.states ?? []).length === 0;
  const [page, active] = await Promise.all([
    commands.runList({ ...query, before: cursor === null ? null : Number(cursor) }),
    first ? commands.runList({ ...query, states: [...ACTIVE_STATES] }) : null,
  ]);
  return { rows: in_order([...page.runs, ...(active?.runs ?? [])]), next: next_of(page) };
}

/** Those runs, however many pages they fill. */
export async function runs_together(ids: readonly number[]): Promise<Listed> {
  const wanted = new Set(ids);
  const oldest = Math.min(...ids);
  const rows: Run[] = [];
  let before: number | null = Math.max(...ids) + 1;
  while (before !== null && before > oldest) {
    const page: RunPage = await commands.runList({ before });
    rows.push(...page.runs.filter(({ id }) => wanted.has(id)));
    const next = next_of(page);
    before = next === null ? null : Number(next);
  }
  return { rows: in_order(rows), next: null };
}
