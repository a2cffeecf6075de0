// How far a router is from its template, in words.
import { m } from "../messages/messages";
import type { BackupReason, Difference, DriftCause, Router } from "../platform";
import { as_of, number } from "./provider_words";

export const DRIFT_CAUSE: Record<DriftCause, () => string> = {
  router: m.drift_cause_router,
  template: m.drift_cause_template,
  both: m.drift_cause_both,
};

export const BACKUP_REASON: Record<BackupReason, () => string> = {
  schedule: m.backup_reason_schedule,
  hand: m.backup_reason_hand,
  run: m.backup_reason_run,
};

export function drift_words(count: number | null): string {
  if (count === null) return m.drift_never();
  if (count === 0) return m.drift_none();
  return count === 1 ? m.drift_one() : m.drift_count({ count: number(count) });
}

/** `PPPoE · 3 differ` for the list; empty where it was not provisioned. */
export function template_words({ template_title, drift }: Pick<Router, "template_title" | "drift">): string {
  if (!template_title) return "";
  return drift ? `${template_title} · ${m.drift_short({ count: number(drift) })}` : template_title;
}

/** `3 differences, as of 14:02` */
export function drift_as_of({ drift, drift_looked_at }: Pick<Router, "drift" | "drift_looked_at">): string {
  const words = drift_words(drift ?? null);
  return drift_looked_at ? m.drift_as_of({ drift: words, time: as_of(drift_looked_at) }) : words;
}

/** Those that nobody has decided to leave. */
export function unsettled(differences: readonly Difference[]): Difference[] {
  return differences.filter(({ accepted }) => !accepted);
}
