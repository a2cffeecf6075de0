/** The backend writes clauses; where they stand alone they begin with a capital. */
export function capitalised(clause: string): string {
  return clause.charAt(0).toUpperCase() + clause.slice(1);
}

/** With the stop at its end, too. */
export function sentence(clause: string): string {
  const text = capitalised(clause);
  return /[.!?।…]$/.test(text) ? text : `${text}.`;
}
