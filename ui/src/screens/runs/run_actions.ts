// What can be done about a run: one list for the page's buttons, the list's menu, the shortcuts and the palette.
import Ban from "@lucide/svelte/icons/ban";
import FileDown from "@lucide/svelte/icons/file-down";
import Play from "@lucide/svelte/icons/play";
import RouterIcon from "@lucide/svelte/icons/router";
import Undo2 from "@lucide/svelte/icons/undo-2";
import { permitted, type Action } from "../../app/actions.svelte";
import { dialogs } from "../../app/dialogs.svelte";
import { succeeded } from "../../app/notices";
import { report } from "../../app/reporting";
import { route } from "../../app/route.svelte";
import { session } from "../../app/session.svelte";
import { m } from "../../messages/messages";
import { commands, type Run } from "../../platform";
import { is_active } from "../../words/runs";

function ask_cancel({ id, state }: Run): void {
  dialogs.show({
    kind: "question",
    title: m.run_cancel_title(),
    words: [state === "waiting" ? m.run_cancel_words_waiting() : m.run_cancel_words()],
    verb: m.run_cancel_verb(),
    keep: m.run_keep_running(),
    run: async () => {
      await commands.runCancel(id);
      session.data_changed();
    },
  });
}

function ask_undo({ id, router_name }: Run): void {
  dialogs.show({
    kind: "question",
    title: m.run_undo_title(),
    words: [m.run_undo_words({ router: router_name }), m.run_undo_others()],
    verb: m.run_undo_verb(),
    keep: m.run_keep_done(),
    run: async () => {
      await commands.runUndo(id);
      session.data_changed();
    },
  });
}

async function go_on(run: Run): Promise<void> {
  try {
    await commands.runContinue(run.id);
    succeeded(m.run_continued());
    session.data_changed();
  } catch (thrown) {
    report(thrown, () => void go_on(run));
  }
}

/** Why it cannot be cancelled now; null when it can. */
export function cancel_off({ state, may_cancel, cancel_asked }: Pick<Run, "state" | "may_cancel" | "cancel_asked">): string | null {
  if (state === "undoing") return m.run_cancel_undoing();
  if (cancel_asked) return m.run_cancel_asked();
  return may_cancel ? null : m.run_cancel_too_late();
}

export function run_actions(run: Run): Action[] {
  const off = () => session.writes_off;
  const { id, router_id } = run;
  const cancel: Action = {
    id: "run-cancel",
    group: "record",
    label: m.run_cancel,
    shortcuts: ["c"],
    icon: Ban,
    needs: "provision",
    off: () => off() ?? cancel_off(run),
    run: () => ask_cancel(run),
  };
  const go: Action = { id: "run-continue", group: "record", label: m.run_continue, shortcuts: ["g"], icon: Play, needs: "provision", off, run: () => void go_on(run) };
  const undo: Action = { id: "run-undo", group: "record", label: m.run_undo, shortcuts: ["u"], icon: Undo2, needs: "provision", off, run: () => ask_undo(run) };
  const open: Action = {
    id: "run-router",
    group: "record",
    label: m.run_router_open,
    shortcuts: ["o"],
    icon: RouterIcon,
    needs: "router_read",
    run: () => router_id !== null && route.go(["routers", router_id]),
  };
  const save: Action = { id: "run-report", group: "record", label: m.run_report, shortcuts: ["e"], icon: FileDown, run: () => dialogs.show({ kind: "run-report", run_id: id }) };
  return permitted([
    ...(is_active(run) ? [cancel] : []),
    ...(run.may_continue ? [go] : []),
    ...(run.may_undo ? [undo] : []),
    save,
    ...(router_id === null ? [] : [open]),
  ]);
}
