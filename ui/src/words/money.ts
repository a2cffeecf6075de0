// Money arrives as a whole number of the currency's smallest unit.
import { ascii_digits } from "./digits";

export type CurrencyOf = { currency: string; currency_exponent: number };

/** `৳1,250.00` out of 125000. */
export function money_words(amount: number, of: CurrencyOf, tag: string): string {
  return new Intl.NumberFormat(tag, {
    style: "currency",
    currency: of.currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: of.currency_exponent,
    maximumFractionDigits: of.currency_exponent,
  }).format(decimal_text(amount, of.currency_exponent) as Intl.StringNumericLiteral);
}

/** `1250.00` out of 125000, for a form. Built from digits, never by dividing: floating point has no half penny. */
export function decimal_text(amount: number, exponent: number): string {
  const digits = Math.abs(amount).toString().padStart(exponent + 1, "0");
  const whole = digits.slice(0, digits.length - exponent);
  const rest = exponent === 0 ? "" : `.${digits.slice(-exponent)}`;
  return `${amount < 0 ? "-" : ""}${whole}${rest}`;
}

/** 125000 out of `1,250` as somebody types it; null while it is no amount. For display: the backend reads for real. */
export function read_amount(text: string, exponent: number): number | null {
  const plain = ascii_digits(text).trim().replaceAll(",", "");
  const match = /^(\d{1,15})(?:\.(\d*))?$/.exec(plain);
  const decimals = match?.[2] ?? "";
  if (!match || decimals.length > exponent) return null;
  return Number(`${match[1]}${decimals.padEnd(exponent, "0")}`);
}
