// Bytes and seconds as they are counted, for reading.

type Unit = readonly [size: number, name: string];
const BYTES: readonly Unit[] = [[1e12, "TB"], [1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, "B"]];
const BITS: readonly Unit[] = [[1e9, "Gbit/s"], [1e6, "Mbit/s"], [1e3, "kbit/s"], [1, "bit/s"]];

/** Three figures in the unit that fits. */
function scaled(amount: number, units: readonly Unit[], tag: string): string {
  // What rounds up to a thousand of a unit is one of the next.
  const [size, unit] = units.find(([size]) => amount >= size * 0.9995) ?? (units.at(-1) as Unit);
  const figures = amount / size >= 1000 ? 4 : 3;
  return `${new Intl.NumberFormat(tag, { maximumSignificantDigits: figures }).format(amount / size)} ${unit}`;
}

/** `1.53 GB` out of 1530000000: in the decimal units of the packages' volumes. */
export function data_words(bytes: number, tag: string): string {
  return scaled(bytes, BYTES, tag);
}

/** `12.3 Mbit/s` out of 12345678: what moves just now. */
export function bits_words(bps: number, tag: string): string {
  return scaled(bps, BITS, tag);
}

/** `12.5 hrs`: as packages count them, however many days that is. */
export function hours_words(seconds: number, tag: string): string {
  const format = new Intl.NumberFormat(tag, { style: "unit", unit: "hour", unitDisplay: "short", maximumFractionDigits: 1 });
  return format.format(seconds / 3600);
}

type Span = [unit: "day" | "hour" | "minute" | "second", seconds: number];
const SPANS: Span[] = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** `3 days 4 hrs`, `5 mins`, `40 secs`: the two largest units, or `3d 4h` where there is little room. */
export function span_words(seconds: number, tag: string, display: "short" | "narrow" = "short"): string {
  const whole = Math.max(0, Math.floor(seconds));
  const largest = Math.max(0, SPANS.findIndex(([, size]) => whole >= size));
  const first = SPANS[whole === 0 ? 3 : largest] as Span;
  const second = SPANS[largest + 1];
  const of = ([unit]: Span, amount: number) =>
    new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: display }).format(amount);
  const rest = second ? Math.floor((whole % first[1]) / second[1]) : 0;
  // Seconds beside minutes are more than anybody asks for.
  const both = second && rest > 0 && second[0] !== "second";
  return [of(first, Math.floor(whole / first[1])), ...(both ? [of(second, rest)] : [])].join(" ");
}
