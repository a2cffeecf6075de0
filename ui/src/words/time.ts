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
