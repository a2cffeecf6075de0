// What can be done with kept configurations: one of them, or two held against each other.
import FileDiff from "@lucide/svelte/icons/file-diff";
import FileDown from "@lucide/svelte/icons/file-down";
import RotateCcw from "@lucide/svelte/icons/rotate-ccw";
import Trash2 from "@lucide/svelte/icons/trash-2";
import type { Action } from "../../app/actions.svelte";
import { dialogs } from "../../app/dialogs.svelte";
import { succeeded } from "../../app/notices";
import { report } from "../../app/reporting";
import { session } from "../../app/session.svelte";
import { m } from "../../messages/messages";
import { commands, type ConfigBackup, type Router } from "../../platform";
import { moment } from "../../words/provider_words";
import { iso_day } from "../../words/time";

/** The older of two comes first: what differs then reads as what happened. */
export function oldest_first(backups: readonly ConfigBackup[]): ConfigBackup[] {
  return backups.toSorted((one, other) => Date.parse(one.made_at) - Date.parse(other.made_at));
}

/** `tower-1-2026-12-03-17.rsc`; nothing that a file's name may not hold. */
export function file_name(router_name: string, { id, made_at }: Pick<ConfigBackup, "id" | "made_at">): string {
  const name = router_name.replaceAll(/[^\p{L}\p{M}\p{N}._-]+/gu, "-");
  return `${name}-${iso_day(made_at, session.time_zone)}-${id}.rsc`;
}

async function save(backup: ConfigBackup, router_name: string): Promise<void> {
  try {
    const path = await commands.fileSave(file_name(router_name, backup), await commands.backupText(backup.id));
    succeeded(m.saved_at({ path }));
  } catch (thrown) {
    report(thrown, () => void save(backup, router_name));
  }
}

function ask_remove({ id, made_at }: ConfigBackup): void {
  dialogs.show({
    kind: "question",
    title: m.backup_remove_title(),
    words: [m.backup_remove_words({ time: moment(made_at) })],
    verb: m.backup_remove_verb(),
    run: async () => {
      await commands.backupRemove(id);
      session.data_changed();
    },
  });
}

export function backup_actions(acting: readonly ConfigBackup[], { name }: Pick<Router, "name">): Action[] {
  const [first, second] = oldest_first(acting);
  const off = () => session.writes_off;
  const one = () => off() ?? (!first ? m.backup_choose() : second ? m.backup_choose_one() : null);
  const with_one = (act: (backup: ConfigBackup) => void) => () => first && act(first);
  return [
    {
      id: "backup-compare",
      group: "record",
      label: () => (second ? m.backup_compare() : m.backup_compare_now()),
      icon: FileDiff,
      off: () => off() ?? (acting.length === 1 || acting.length === 2 ? null : m.backup_choose_two()),
      run: with_one((backup) => dialogs.show({ kind: "config-compare", backup, other: second ?? null, router_name: name })),
    },
    {
      id: "backup-restore",
      group: "record",
      label: m.backup_restore,
      icon: RotateCcw,
      off: one,
      run: with_one((backup) => dialogs.show({ kind: "config-restore", backup, router_name: name })),
    },
    { id: "backup-save", group: "record", label: m.backup_save, icon: FileDown, off: one, run: with_one((backup) => void save(backup, name)) },
    { id: "backup-remove", group: "record", label: m.backup_remove, icon: Trash2, off: one, run: with_one(ask_remove) },
  ];
}
