// What a plan says as a whole.
import { m } from "../../messages/messages";
import type { ArmedBy, Plan } from "../../platform";
import { changes_words } from "../../words/plans";
import { number } from "../../words/provider_words";
import { wanting } from "./blanks";

const ARMED: Record<ArmedBy, () => string> = { safe_mode: m.plan_armed_safe_mode, scheduler: m.plan_armed_scheduler };

/** `3 changes in 2 steps · 14 already as they should be · Undoes itself by safe mode …` */
export function header_words({ steps, same, armed }: Plan): string {
  const changes = steps.reduce((sum, { changes }) => sum + changes.length, 0);
  if (changes === 0) return m.plan_header_same({ same: number(same) });
  return [
    m.plan_header({ changes: changes_words(changes), steps: steps.length === 1 ? m.plan_steps_one() : m.plan_steps({ count: number(steps.length) }) }),
    m.plan_header_same({ same: number(same) }),
    armed ? ARMED[armed]() : m.plan_armed_none(),
  ].join(" · ");
}

export function is_empty({ steps, conflicts }: Pick<Plan, "steps" | "conflicts">): boolean {
  return steps.length === 0 && conflicts.length === 0;
}

/** Why it cannot be started; null when it can. */
export function start_off(plan: Plan | null): string | null {
  if (plan === null) return m.provision_planning();
  const missing = wanting(plan.blanks).length;
  if (missing > 0) return m.plan_blanks_wanting({ count: number(missing) });
  if (plan.checks.some(({ state }) => state === "failed")) return m.plan_check_failed();
  const undecided = plan.conflicts.filter(({ choice }) => choice === null).length;
  if (undecided > 0) return m.plan_conflicts_undecided({ count: number(undecided) });
  if (plan.warnings.some(({ forbids }) => forbids)) return m.plan_forbidden();
  // Where nothing changes there may still be something to write down.
  if (plan.ready) return null;
  return is_empty(plan) ? m.plan_empty() : m.plan_not_ready();
}
