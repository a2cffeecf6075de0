// The one table that turns a code into words, a severity and the next step.
import { m } from "../messages/messages";
import type { ErrorCode, Problem, Refusal } from "../platform";

export type Severity = "mistake" | "waiting" | "trouble";
export type NextStep = "retry" | "reload" | "log_in" | null;
type Words = { title: () => string; advice: () => string; severity: Severity; next: NextStep };

const TABLE: Record<ErrorCode, Words> = {
  invalid_input: { title: m.error_invalid_input, advice: m.advice_invalid_input, severity: "mistake", next: null },
  not_found: { title: m.error_not_found, advice: m.advice_not_found, severity: "mistake", next: "reload" },
  changed: { title: m.error_changed, advice: m.advice_changed, severity: "mistake", next: "reload" },
  not_allowed: { title: m.error_not_allowed, advice: m.advice_not_allowed, severity: "mistake", next: null },
  log_in_refused: { title: m.error_log_in_refused, advice: m.advice_log_in_refused, severity: "mistake", next: null },
  not_logged_in: { title: m.error_not_logged_in, advice: m.advice_not_logged_in, severity: "mistake", next: "log_in" },
  log_in_switched_off: { title: m.error_log_in_switched_off, advice: m.advice_log_in_switched_off, severity: "mistake", next: null },
  log_in_ended: { title: m.error_log_in_ended, advice: m.advice_log_in_ended, severity: "waiting", next: "log_in" },
  not_set_up: { title: m.error_not_set_up, advice: m.advice_not_set_up, severity: "trouble", next: "log_in" },
  already_set_up: { title: m.error_already_set_up, advice: m.advice_already_set_up, severity: "mistake", next: "log_in" },
  database_unreachable: {
    title: m.error_database_unreachable,
    advice: m.advice_database_unreachable,
    severity: "waiting",
    next: "retry",
  },
  busy: { title: m.error_busy, advice: m.advice_busy, severity: "trouble", next: "retry" },
  database_not_started: {
    title: m.error_database_not_started,
    advice: m.advice_database_not_started,
    severity: "trouble",
    next: "retry",
  },
  outcome_unknown: { title: m.error_outcome_unknown, advice: m.advice_outcome_unknown, severity: "trouble", next: "reload" },
  router_unreachable: { title: m.error_router_unreachable, advice: m.advice_router_unreachable, severity: "waiting", next: "retry" },
  router_refused: { title: m.error_router_refused, advice: m.advice_router_refused, severity: "trouble", next: "retry" },
  file: { title: m.error_file, advice: m.advice_file, severity: "trouble", next: "retry" },
  program: { title: m.error_program, advice: m.advice_program, severity: "trouble", next: "retry" },
  internal: { title: m.error_internal, advice: m.advice_internal, severity: "trouble", next: "retry" },
};

/** The words for a refusal. An unknown code (an older interface, a newer backend) reads as a mistake of ours. */
export function words_of(refusal: Refusal): Words {
  return TABLE[refusal.code] ?? TABLE.internal;
}

/** Whatever was thrown, as a refusal: the shell itself rejects with plain text. */
export function refusal_of(thrown: unknown): Refusal {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown) {
    return { fields: [], hint: null, retryable: false, trace_id: "", ...thrown } as Refusal;
  }
  const message = thrown instanceof globalThis.Error ? thrown.message : String(thrown);
  return { code: "internal", message, hint: null, fields: [], retryable: false, trace_id: "" };
}

/** Why a field was refused, to stand beneath it. */
export function problem_words(problem: Problem): string {
  switch (problem.code) {
    case "required":
      return m.problem_required();
    case "too_long":
      return m.problem_too_long({ max: problem.max });
    case "too_short":
      return m.problem_too_short({ min: problem.min });
    case "bad_characters":
      return m.problem_bad_characters({ allowed: problem.allowed });
    case "not_a_mac":
      return m.problem_not_a_mac();
    case "not_a_mobile":
      return m.problem_not_a_mobile({ country: problem.country });
    case "not_an_address":
      return m.problem_not_an_address();
    case "not_a_rate_limit":
      return m.problem_not_a_rate_limit({ part: problem.part });
    case "not_money":
      return m.problem_not_money({ currency: problem.currency });
    case "not_a_volume":
      return m.problem_not_a_volume();
    case "not_a_number":
      return m.problem_not_a_number();
    case "out_of_range":
      return m.problem_out_of_range({ min: problem.min, max: problem.max });
    case "nothing":
      return m.problem_nothing();
    case "before_the_beginning":
      return m.problem_before_the_beginning();
    case "taken":
      return m.problem_taken();
    case "wrong_password":
      return m.problem_wrong_password();
    case "unknown_choice":
      return m.problem_unknown_choice();
    case "not_a_network":
      return m.problem_not_a_network();
    case "not_a_range":
      return m.problem_not_a_range();
    case "not_a_host":
      return m.problem_not_a_host();
    case "not_a_duration":
      return m.problem_not_a_duration();
    case "overlaps":
      return m.problem_overlaps({ with: problem.with });
    case "unknown_blank":
      return m.problem_unknown_blank();
  }
}

/** The words beneath the field `field`, if it was refused. */
export function field_problem(refusal: Refusal | null, field: string): string | null {
  const found = refusal?.fields.find((candidate) => candidate.field === field);
  if (!found) return null;
  return problem_words(found.problem) ?? found.message;
}
