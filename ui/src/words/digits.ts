/** `5` out of `৫`: whoever types Bengali digits means the same number. */
export function ascii_digits(text: string): string {
  return text.replace(/[\u09e6-\u09ef]/g, (digit) => String(digit.charCodeAt(0) - 0x09e6));
}
