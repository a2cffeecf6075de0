// Templates in words.
import { m } from "../../messages/messages";
import type { TemplateSummary } from "../../platform";

/** `PPPoE, walled garden`: sections are called as in the template. */
export function sections_words(sections: readonly string[]): string {
  return sections.map((section) => section.replaceAll("_", " ")).join(", ");
}

/** Where it comes from. */
export function origin_words({ shipped, changed }: Pick<TemplateSummary, "shipped" | "changed">): string {
  if (!shipped) return m.template_own();
  return changed ? m.template_changed() : m.template_shipped();
}
