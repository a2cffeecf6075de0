import { m } from "../messages/messages";
import type { Refusal } from "../platform";
import { refusal_of, words_of } from "../words/errors";
import { language } from "../words/language.svelte";
import { after_refusal } from "./loaded.svelte";
import { failed } from "./notices";

/** A refusal of something that has no place of its own on the screen, with a way to try again. */
export function report(thrown: unknown, again?: () => void): Refusal {
  const refusal = refusal_of(thrown);
  const words = words_of(refusal);
  const specific = language.current === "en" ? refusal.message : words.advice();
  failed(words.title(), {
    description: refusal.trace_id ? `${specific} (${m.trace_id()}: ${refusal.trace_id})` : specific,
    stays_ms: 10_000,
    ...(again && words.next === "retry" ? { action: { label: m.retry(), run: again } } : {}),
  });
  after_refusal(refusal);
  return refusal;
}
