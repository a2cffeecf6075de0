import type { Refusal } from "../platform";

/** Puts the focus on the first refused field, as one reads; false where none of them is in the form. */
export function focus_refused(form: HTMLElement | undefined, refusal: Refusal): boolean {
  const refused = new Set(refusal.fields.map(({ field }) => field));
  const named = [...(form?.querySelectorAll<HTMLElement>("[name]") ?? [])];
  const first = named.find((element) => refused.has(element.getAttribute("name") ?? ""));
  first?.focus();
  return first !== undefined;
}

/** Puts the focus on a choice whose text means nothing; false where all of them mean something. */
export function focus_unmatched(form: HTMLElement | undefined): boolean {
  const unmatched = form?.querySelector<HTMLElement>("[data-unmatched]");
  unmatched?.focus();
  return Boolean(unmatched);
}
