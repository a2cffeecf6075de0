// Days and hours are the provider's: a customer expires in Dhaka, wherever the laptop is.

const formats = new Map<string, Intl.DateTimeFormat>();

function format(tag: string, time_zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${tag} ${time_zone} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(tag, { ...options, timeZone: time_zone })));
  return found;
}

/** `3 Dec 2026` */
export function day_words(at: string, time_zone: string, tag: string): string {
  return format(tag, time_zone, { day: "numeric", month: "short", year: "numeric" }).format(new Date(at));
}

/** `3 Dec 2026, 14:02`, or `14:02:30` where a minute is too coarse. */
export function moment_words(at: string, time_zone: string, tag: string, seconds = false): string {
  return format(tag, time_zone, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
    hourCycle: "h23",
  }).format(new Date(at));
}

/** `14:02`, or `14:02:30` where a minute is too coarse. */
export function clock_words(at: string | number, time_zone: string, tag: string, seconds = false): string {
  const parts: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return format(tag, time_zone, seconds ? { ...parts, second: "2-digit" } : parts).format(new Date(at));
}

// From how many seconds on each unit is used: "in 51 days" tells more than "next month".
const STEPS: [Intl.RelativeTimeFormatUnit, number, number][] = [
  ["year", 365 * 86400, 2 * 365 * 86400],
  ["month", 30 * 86400, 90 * 86400],
  ["day", 86400, 86400],
  ["hour", 3600, 3600],
  ["minute", 60, 60],
];

/** `in 3 days`, `2 hours ago` */
export function relative_words(at: string, now: number, tag: string): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: "auto" });
  for (const [unit, size, from] of STEPS) {
    if (Math.abs(seconds) >= from) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(0, "minute");
}

/** `14:02:30 (2 minutes ago)` today, `3 Dec 2026, 14:02 (in 9 days)` else: what the clock says, and how far that is. */
export function when_words(at: string, now: number, time_zone: string, tag: string): string {
  const today = iso_day(at, time_zone) === iso_day(now, time_zone);
  const absolute = today ? clock_words(at, time_zone, tag, true) : moment_words(at, time_zone, tag);
  return `${absolute} (${relative_words(at, now, tag)})`;
}

/** `14:02:30` today, `3 Dec, 14:02` this year, `3 Dec 2025, 14:02` else: for lists of what was lately. */
export function short_moment_words(at: string, now: number, time_zone: string, tag: string): string {
  const [then, today] = [iso_day(at, time_zone), iso_day(now, time_zone)];
  if (then === today) return clock_words(at, time_zone, tag, true);
  if (then.slice(0, 4) !== today.slice(0, 4)) return moment_words(at, time_zone, tag);
  const parts: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return format(tag, time_zone, parts).format(new Date(at));
}

/** `2026-12-03`, the day of a moment there. */
export function iso_day(at: string | number, time_zone: string): string {
  const parts = format("en-GB-u-nu-latn", time_zone, { day: "2-digit", month: "2-digit", year: "numeric" }).formatToParts(new Date(at));
  const part = (type: string) => parts.find((candidate) => candidate.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** Whether `text` is a day of the calendar, written `2026-12-03`. */
export function is_iso_day(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** Every day from one to another, both included; `2026-12-03`. */
export function days_between(from: string, to: string): string[] {
  const days: string[] = [];
  const last = Date.parse(`${to}T00:00:00Z`);
  for (let at = Date.parse(`${from}T00:00:00Z`); at <= last; at += 86_400_000) days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}
