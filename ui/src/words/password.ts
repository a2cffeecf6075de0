// Without letters and digits that are mistaken for one another when read over the telephone.
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
const LENGTH = 10;

/** For somebody who works here: 79 bits. */
export const STAFF_LENGTH = 16;

/** A password to be told to a customer: 31 signs in ten places are 49 bits. */
export function generate_password(length = LENGTH): string {
  let password = "";
  while (password.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(2 * length))) {
      // Only whole multiples of the alphabet, so that each sign is equally likely.
      if (byte < LETTERS.length * 8 && password.length < length) password += LETTERS[byte % LETTERS.length];
    }
  }
  return password;
}
