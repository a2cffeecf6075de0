// What can be done with a template: one list for the page's buttons, the list's menu, the shortcuts and the palette.
import CopyPlus from "@lucide/svelte/icons/copy-plus";
import Pencil from "@lucide/svelte/icons/pencil";
import Trash2 from "@lucide/svelte/icons/trash-2";
import Undo2 from "@lucide/svelte/icons/undo-2";
import { permitted, type Action } from "../../app/actions.svelte";
import { dialogs } from "../../app/dialogs.svelte";
import { succeeded } from "../../app/notices";
import { route } from "../../app/route.svelte";
import { session } from "../../app/session.svelte";
import { m } from "../../messages/messages";
import { commands, type TemplateSummary } from "../../platform";

function ask_drop({ name, title, shipped }: TemplateSummary): void {
  dialogs.show({
    kind: "question",
    title: shipped ? m.template_drop_title({ title }) : m.template_remove_title({ title }),
    words: [shipped ? m.template_drop_words() : m.template_remove_words()],
    verb: shipped ? m.template_drop_verb() : m.backup_remove_verb(),
    run: async () => {
      await commands.templateDrop(name);
      succeeded(shipped ? m.template_dropped({ title }) : m.template_removed({ title }));
      session.data_changed();
      if (!shipped) route.go(["templates"]);
    },
  });
}

/** `version` is the one that is looked at; null is the newest. */
export function template_actions(template: TemplateSummary, version: number | null = null): Action[] {
  const { name, shipped, changed, routers } = template;
  const off = () => session.writes_off;
  const params = version === null ? undefined : new URLSearchParams({ version: String(version) });
  const edit: Action = {
    id: "template-edit",
    group: "record",
    label: m.edit,
    shortcuts: ["e"],
    icon: Pencil,
    needs: "template_write",
    off,
    run: () => route.go(["templates", name, "edit"], params),
  };
  const copy: Action = {
    id: "template-copy",
    group: "record",
    label: m.template_copy,
    shortcuts: ["c"],
    icon: CopyPlus,
    needs: "template_write",
    off,
    run: () => route.go(["templates", "new"], new URLSearchParams({ from: name, ...(version === null ? {} : { version: String(version) }) })),
  };
  const drop: Action = { id: "template-drop", group: "record", label: m.template_drop, icon: Undo2, needs: "template_write", off, run: () => ask_drop(template) };
  const remove: Action = {
    id: "template-remove",
    group: "record",
    label: m.template_remove,
    icon: Trash2,
    needs: "template_write",
    off: () => off() ?? (routers > 0 ? m.template_remove_used() : null),
    run: () => ask_drop(template),
  };
  return permitted([edit, copy, ...(shipped ? (changed ? [drop] : []) : [remove])]);
}
