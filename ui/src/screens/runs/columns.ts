// The columns of the list of runs; what is needed most stands first.
import { m } from "../../messages/messages";
import type { Column } from "../../parts/columns";
import type { Run } from "../../platform";
import { number, short_moment, short_span } from "../../words/provider_words";
import { run_seconds, run_state_words, run_words } from "../../words/runs";

/** While a run is open beside the list. */
const NARROW = ["state", "what", "router", "steps"];

export function run_columns(beside: boolean, now: number): Column<Run>[] {
  const columns: Column<Run>[] = [
    { key: "state", label: m.field_state(), width: 186, text: run_state_words },
    { key: "what", label: m.column_what(), width: beside ? 80 : 150, grows: true, text: run_words },
    { key: "router", label: m.field_router(), width: 96, text: (run) => run.router_name },
    { key: "by", label: m.audit_by(), width: 96, text: (run) => run.started_by },
    { key: "machine", label: m.run_field_machine(), width: 110, text: (run) => run.machine },
    { key: "began", label: m.run_field_began(), width: 116, text: (run) => (run.began_at === null ? "" : short_moment(run.began_at)) },
    {
      key: "duration",
      label: m.column_duration(),
      width: 78,
      end: true,
      text: (run) => {
        const seconds = run_seconds(run, now);
        return seconds === null ? "" : short_span(seconds);
      },
    },
    { key: "steps", label: m.run_steps(), width: 66, end: true, text: ({ done, steps }) => `${number(done)} / ${number(steps)}` },
  ];
  return beside ? columns.filter(({ key }) => NARROW.includes(key)) : columns;
}
