// Money and time as this provider counts them, in the language of this person.
import { session } from "../app/session.svelte";
import { m } from "../messages/messages";
import { bits_words, data_words, hours_words, span_words } from "./amounts";
import { language } from "./language.svelte";
import { money_words } from "./money";
import { day_words, iso_day, moment_words, relative_words, short_moment_words, when_words } from "./time";

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

/** For lists of what was lately: no more of the date than is needed. */
export function short_moment(at: string): string {
  return short_moment_words(at, session.now, session.time_zone, language.tag);
}

/** What the clock says, and how far that is from now. */
export function when(at: string): string {
  return when_words(at, session.now, session.time_zone, language.tag);
}

export function data(bytes: number): string {
  return data_words(bytes, language.tag);
}

/** Bits per second, as they move just now; of what was looked at only once nothing is known. */
export function bits(bps: number | null): string {
  return bps === null ? "–" : bits_words(bps, language.tag);
}

/** `14:02` today, with its day else: of when something shown is. */
export function as_of(at: string): string {
  const today = iso_day(at, session.time_zone) === iso_day(session.now, session.time_zone);
  return today ? session.clock(at) : short_moment(at);
}

/** In sentences. */
export function span(seconds: number): string {
  return span_words(seconds, language.tag);
}

/** What a package counts in hours. */
export function hours(seconds: number): string {
  return hours_words(seconds, language.tag);
}

/** In tables. */
export function short_span(seconds: number): string {
  return span_words(seconds, language.tag, "narrow");
}

/** A day of the calendar, `2026-12-03`, which belongs to no time zone. */
export function calendar_day(iso: string): string {
  return day_words(`${iso}T00:00:00Z`, "UTC", language.tag);
}
