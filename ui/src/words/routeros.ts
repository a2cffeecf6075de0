/** A value as RouterOS's console takes it: quoted, with what it would read as its own escaped. */
export function quoted(value: string): string {
  const bare = /^[A-Za-z0-9._:-]+$|^<[a-z ]+>$/;
  return bare.test(value) ? value : `"${value.replace(/["\\$]/g, "\\$&")}"`;
}
