// What can be done to a live session, wherever one is shown.
import Unplug from "@lucide/svelte/icons/unplug";
import Zap from "@lucide/svelte/icons/zap";
import { permitted, type Action } from "../../app/actions.svelte";
import { dialogs } from "../../app/dialogs.svelte";
import { failed, succeeded } from "../../app/notices";
import { report } from "../../app/reporting";
import { session as app } from "../../app/session.svelte";
import { m } from "../../messages/messages";
import { commands, type LiveChange, type SessionRow } from "../../platform";
import { live_line } from "../../words/live";

/** A session, as far as ending it has to name it. */
export type SessionSubject = { id: number; router_name: string; name: string; device: string | null };

export function subject_of(row: SessionRow): SessionSubject {
  return { id: row.id, router_name: row.router_name, name: row.customer_name ?? row.user_name, device: row.mac };
}

function tell(change: LiveChange): void {
  const show = change.state === "refused" || change.state === "no_answer" ? failed : succeeded;
  show(live_line(change));
  app.data_changed();
}

export function ask_disconnect({ id, router_name, name, device }: SessionSubject): void {
  const where = device
    ? m.disconnect_words_device({ device, router: router_name })
    : m.disconnect_words({ router: router_name });
  dialogs.show({
    kind: "question",
    title: m.disconnect_title({ name }),
    words: [where, m.disconnect_again()],
    verb: m.disconnect(),
    run: async () => tell(await commands.sessionDisconnect(id)),
  });
}

export async function apply_now(id: number): Promise<void> {
  try {
    tell(await commands.sessionApply(id));
  } catch (thrown) {
    report(thrown, () => void apply_now(id));
  }
}

/** For the selected row; none is selected: the buttons say so. */
export function session_actions(row: SessionRow | null): Action[] {
  const off = () => app.writes_off ?? (row === null ? m.session_choose() : row.state === "ended" ? m.session_over() : null);
  return permitted<Action>([
    {
      id: "session-disconnect",
      needs: "session_change",
      group: "list",
      label: m.disconnect_ask,
      shortcuts: ["d"],
      icon: Unplug,
      off,
      run: () => row && ask_disconnect(subject_of(row)),
    },
    {
      id: "session-apply",
      needs: "session_change",
      group: "list",
      label: m.apply_now,
      shortcuts: ["a"],
      icon: Zap,
      off,
      run: () => row && void apply_now(row.id),
    },
  ]);
}
