// Money and time as this provider counts them, in the language of this person.
import { session } from "../app/session.svelte";
import { m } from "../messages/messages";
import { language } from "./language.svelte";
import { money_words } from "./money";
import { day_words, moment_words, relative_words } from "./time";

export function money(amount: number): string {
  return session.provider ? money_words(amount, session.provider, language.tag) : "";
}

/** For a page: who owes whom. */
export function balance_sentence(balance: number): string {
  if (balance === 0) return m.balance_even();
  return balance < 0 ? m.balance_owed({ amount: money(-balance) }) : m.balance_credit({ amount: money(balance) });
}

export function day(at: string | null): string {
  return at === null ? "" : day_words(at, session.time_zone, language.tag);
}

export function moment(at: string | null, seconds = false): string {
  return at === null ? "" : moment_words(at, session.time_zone, language.tag, seconds);
}

export function relative(at: string): string {
  return relative_words(at, session.now, language.tag);
}

export function number(value: number): string {
  return new Intl.NumberFormat(language.tag).format(value);
}
