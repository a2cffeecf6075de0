import { reach } from "../../app/reach.svelte";
import { m } from "../../messages/messages";
import type { Column } from "../../parts/columns";

/** Whose it is: worth a column once there are several. A list that the database sorts may not know how to sort by it. */
export function operator_column<Row extends { operator_name: string | null }>(sorts = true): Column<Row>[] {
  if (!reach.several) return [];
  return [{ key: "operator", label: m.field_operator(), width: 132, ...(sorts && { sort: "operator" }), text: (row) => row.operator_name ?? "" }];
}
