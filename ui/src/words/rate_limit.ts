// Reads RouterOS's `upload/download` for display while somebody types. The backend decides what is valid.

export type Rates = { upload_bps: number; download_bps: number };

const UNITS: Record<string, number> = { "": 1, k: 1e3, m: 1e6, g: 1e9 };

function bits_per_second(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([kmg]?)$/i.exec(text);
  if (!match) return null;
  return Number(match[1]) * (UNITS[(match[2] ?? "").toLowerCase()] ?? 1);
}

/** The two rates of `5M/10M`, or of `5M` for both; null while it cannot be read. */
export function read_rate_limit(text: string): Rates | null {
  // What follows the first space are bursts: real, but not what a line says at a glance.
  const [first = ""] = text.trim().split(/\s+/);
  const parts = first.split("/");
  if (first === "" || parts.length > 2) return null;
  const upload_bps = bits_per_second(parts[0] ?? "");
  const download_bps = bits_per_second(parts[1] ?? parts[0] ?? "");
  return upload_bps === null || download_bps === null ? null : { upload_bps, download_bps };
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
