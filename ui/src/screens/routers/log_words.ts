import type { RouterLogLine } from "../../platform";

export type LogTone = "bad" | "warn" | "plain";

/** How loud a line is: by its topics, as RouterOS does. */
export function tone_of({ topics }: RouterLogLine): LogTone {
  const named = topics.split(",");
  if (named.includes("critical") || named.includes("error")) return "bad";
  return named.includes("warning") ? "warn" : "plain";
}

/** Those that say it, in their topics or words. */
export function lines_with(lines: readonly RouterLogLine[], text: string): RouterLogLine[] {
  const wanted = text.trim().toLowerCase();
  return lines.filter((line) => line_text(line).toLowerCase().includes(wanted));
}

/** As it is copied. */
export function line_text({ time, topics, message }: RouterLogLine): string {
  return [time, topics, message].join("  ");
}
