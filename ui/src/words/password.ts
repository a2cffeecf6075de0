// Without letters and digits that are mistaken for one another when read over the telephone.
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
const LENGTH = 10;

/** A password to be told to a customer: 31 signs in ten places are 49 bits. */
export function generate_password(): string {
  let password = "";
  while (password.length < LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(2 * LENGTH))) {
      // Only whole multiples of the alphabet, so that each sign is equally likely.
      if (byte < LETTERS.length * 8 && password.length < LENGTH) password += LETTERS[byte % LETTERS.length];
    }
  }
  return password;
}
