// Reads RouterOS's `upload/download` for display while somebody types, by the same rules as the backend.
import { ascii_digits } from "./digits";

export type Rates = { upload_bps: number; download_bps: number };
type Both = [upload: number, download: number];
type Read = (text: string) => number | null;

const UNITS: Record<string, number> = { "": 1, k: 1e3, m: 1e6, g: 1e9 };

const within = (value: number, least: number, most: number) => (value >= least && value <= most ? value : null);

function rate(text: string): number | null {
  const match = /^(\d+)([kmg]?)$/i.exec(text);
  return match && within(Number(match[1]) * (UNITS[(match[2] ?? "").toLowerCase()] ?? 1), 1e3, 1e11);
}

function seconds(text: string): number | null {
  const match = /^(\d+)s?$/i.exec(text);
  return match && within(Number(match[1]), 1, 3600);
}

function priority(text: string): number | null {
  return /^\d+$/.test(text) ? within(Number(text), 1, 8) : null;
}

/** One value for both directions, or two with a slash between them. */
function both(part: string, read: Read): Both | null {
  const values = part.split("/");
  if (values.length > 2) return null;
  const [upload, download] = [read(values[0] ?? ""), read(values[1] ?? values[0] ?? "")];
  return upload === null || download === null ? null : [upload, download];
}

/** The two rates of `5M/10M 8M/16M …`, or of `5M` for both; null while the backend would refuse it. */
export function read_rate_limit(text: string): Rates | null {
  // Blanks separate the parts; around a slash they do not.
  const parts = ascii_digits(text).trim().replace(/\s*\/\s*/g, "/").split(/\s+/);
  if (parts.length > 6) return null;
  const reads: Read[] = [rate, rate, rate, seconds, priority, rate];
  const values = parts.map((part, index) => {
    const read = reads[index] ?? rate;
    return read === priority && part.includes("/") ? null : both(part, read);
  });
  if (values.some((value) => value === null)) return null;
  const [limit, burst, threshold, , , minimum] = values;
  if (!limit) return null;
  const at_most = (low: Both | null | undefined, high: Both | null | undefined) =>
    !low || !high || (low[0] <= high[0] && low[1] <= high[1]);
  if (!at_most(limit, burst) || !at_most(threshold, burst) || !at_most(minimum, limit)) return null;
  return { upload_bps: limit[0], download_bps: limit[1] };
}

/** `5 Mbit/s` out of 5000000. */
export function rate_words(bps: number, tag: string): string {
  const [scale, unit] = bps >= 1e9 ? [1e9, "Gbit/s"] : bps >= 1e6 ? [1e6, "Mbit/s"] : bps >= 1e3 ? [1e3, "kbit/s"] : [1, "bit/s"];
  return `${new Intl.NumberFormat(tag, { maximumFractionDigits: 2 }).format(bps / scale)} ${unit}`;
}

/** `50 GB` out of 50000000000, in whichever of the two countings comes out round. */
export function volume_words(bytes: number, tag: string): string {
  const number = new Intl.NumberFormat(tag, { maximumFractionDigits: 2 });
  const decimal = [[1e12, "TB"], [1e9, "GB"], [1e6, "MB"], [1e3, "kB"]] as const;
  const binary = [[2 ** 40, "TiB"], [2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]] as const;
  for (const [scale, unit] of [...decimal, ...binary]) {
    if (bytes >= scale && Number.isInteger((bytes / scale) * 100)) return `${number.format(bytes / scale)} ${unit}`;
  }
  const [scale, unit] = decimal.find(([size]) => bytes >= size) ?? [1, "B"];
  return `${number.format(bytes / scale)} ${unit}`;
}

/** What the form shows for a stored volume, so that saving it unread changes nothing. */
export function volume_text(bytes: number): string {
  return volume_words(bytes, "en-GB").replaceAll(",", "");
}
