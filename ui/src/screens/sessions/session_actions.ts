// What can be done to live sessions, wherever they are shown.
import Gauge from "@lucide/svelte/icons/gauge";
import Unplug from "@lucide/svelte/icons/unplug";
import Zap from "@lucide/svelte/icons/zap";
import { permitted, type Action } from "../../app/actions.svelte";
import { dialogs, type SessionSubject } from "../../app/dialogs.svelte";
import { failed, succeeded } from "../../app/notices";
import { report } from "../../app/reporting";
import { session as app } from "../../app/session.svelte";
import { m } from "../../messages/messages";
import { commands, type LiveChange, type SessionRow } from "../../platform";
import { live_line } from "../../words/live";
import { number } from "../../words/provider_words";

export function subject_of(row: SessionRow): SessionSubject {
  return {
    choice: { kind: "reported", session_id: row.id },
    router_name: row.router_name,
    name: row.customer_name ?? row.user_name,
    device: row.mac,
  };
}

function tell(change: LiveChange): void {
  const show = change.state === "refused" || change.state === "no_answer" ? failed : succeeded;
  show(live_line(change));
  app.data_changed();
}

export function ask_disconnect(subjects: SessionSubject[]): void {
  dialogs.show({ kind: "disconnect", subjects });
}

/** `Disconnect 12…`; of one that is only pointed at, without its number. */
export function disconnect_label(marked: number): string {
  return marked > 0 ? m.disconnect_marked({ count: number(marked) }) : m.disconnect_ask();
}

export async function apply_now(id: number): Promise<void> {
  try {
    tell(await commands.sessionApply(id));
  } catch (thrown) {
    report(thrown, () => void apply_now(id));
  }
}

/** For the marked rows, or the selected one; with none the buttons say so. */
export function session_actions(rows: readonly SessionRow[], marked = 0): Action[] {
  const open = rows.filter(({ state }) => state !== "ended");
  const off = () => app.writes_off ?? (rows.length === 0 ? m.session_choose() : open.length === 0 ? m.session_over() : null);
  const [one] = open;
  return permitted<Action>([
    {
      id: "session-disconnect",
      needs: "session_change",
      group: "list",
      label: () => disconnect_label(marked),
      shortcuts: ["d"],
      icon: Unplug,
      off,
      run: () => ask_disconnect(open.map(subject_of)),
    },
    {
      id: "session-speed",
      needs: "session_change",
      group: "list",
      label: m.speed_ask,
      shortcuts: ["v"],
      icon: Gauge,
      off,
      run: () => dialogs.show({ kind: "speed", subjects: open.map(subject_of) }),
    },
    {
      id: "session-apply",
      needs: "session_change",
      group: "list",
      label: m.apply_now,
      shortcuts: ["a"],
      icon: Zap,
      off: () => off() ?? (open.length > 1 ? m.session_choose_one() : null),
      run: () => one && void apply_now(one.id),
    },
  ]);
}
