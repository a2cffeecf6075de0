// The columns of the list of routers; what is needed most stands first, as what opens beside the list hides the rest.
import { m } from "../../messages/messages";
import type { Column } from "../../parts/columns";
import type { Router } from "../../platform";
import { template_words } from "../../words/drift";
import { number, relative, short_span } from "../../words/provider_words";
import { memory_used, release_words, router_state_words, sessions_on } from "../../words/routers";
import { operator_column } from "../operators/column";
import { STATUSES } from "./query";

const per_cent = (value: number | null) => (value === null ? "" : `${number(value)} %`);
/** While a page is open beside the list. */
const NARROW = ["name", "state", "cpu", "sessions"];

export function router_columns(beside: boolean): Column<Router>[] {
  const columns: Column<Router>[] = [
    { key: "name", label: m.field_name(), width: 112, grows: true, sort: "name", text: (row) => row.name },
    {
      key: "state",
      label: m.field_state(),
      width: 202,
      sort: "state",
      restless: true,
      by: ({ seen }) => STATUSES.indexOf(seen.status),
      text: (row) => router_state_words(row.seen),
    },
    { key: "address", label: m.field_address(), width: 100, sort: "address", text: (row) => row.address },
    { key: "release", label: m.field_release(), width: 68, sort: "release", text: (row) => release_words(row.seen) },
    {
      key: "template",
      label: m.field_template(),
      width: 132,
      sort: "template",
      text: template_words,
    },
    { key: "board", label: m.field_board(), width: 84, sort: "board", text: (row) => row.seen.board ?? "" },
    {
      key: "uptime",
      label: m.field_uptime(),
      width: 68,
      end: true,
      sort: "uptime",
      restless: true,
      by: (row) => row.seen.uptime_seconds,
      text: (row) => (row.seen.uptime_seconds === null ? "" : short_span(row.seen.uptime_seconds)),
    },
    { key: "cpu", label: m.field_cpu(), width: 58, end: true, sort: "cpu", restless: true, by: (row) => row.seen.cpu_load, text: (row) => per_cent(row.seen.cpu_load) },
    {
      key: "memory",
      label: m.field_memory(),
      width: 70,
      end: true,
      sort: "memory",
      restless: true,
      by: (row) => memory_used(row.seen),
      text: (row) => per_cent(memory_used(row.seen)),
    },
    {
      key: "sessions",
      label: m.sessions(),
      width: 74,
      end: true,
      sort: "sessions",
      restless: true,
      by: (row) => sessions_on(row.seen),
      text: (row) => (sessions_on(row.seen) === null ? "" : number(sessions_on(row.seen) ?? 0)),
    },
    {
      key: "seen",
      label: m.field_last_seen(),
      width: 92,
      sort: "seen",
      restless: true,
      by: (row) => (row.seen.seen_at === null ? null : Date.parse(row.seen.seen_at)),
      text: (row) => (row.seen.seen_at === null ? m.never() : relative(row.seen.seen_at)),
    },
    ...operator_column<Router>(),
  ];
  return beside ? columns.filter(({ key }) => NARROW.includes(key)) : columns;
}
