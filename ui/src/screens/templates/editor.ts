// The text of a template as it is typed.

/** Where a line and a column, both counted from 1, stand in the text. */
export function offset_of(text: string, line: number, column: number): number {
  const lines = text.split("\n");
  const at = Math.min(Math.max(line, 1), lines.length) - 1;
  const before = lines.slice(0, at).reduce((sum, one) => sum + one.length + 1, 0);
  return before + Math.min(Math.max(column, 1) - 1, lines[at]?.length ?? 0);
}

/** The line, counted from 1, that an offset is in. */
export function line_at(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** The name that the text gives itself; null while it cannot be read. */
export function name_in(text: string): string | null {
  try {
    const name: unknown = JSON.parse(text)?.name;
    return typeof name === "string" && name !== "" ? name : null;
  } catch {
    return null;
  }
}

/** A name that none of the others has: `pppoe-copy`, `pppoe-copy-2` … */
export function free_name(name: string, taken: readonly string[]): string {
  const wanted = `${name}-copy`;
  let number = 1;
  const tried = () => (number === 1 ? wanted : `${wanted}-${number}`);
  while (taken.includes(tried())) number += 1;
  return tried();
}

/** The same text under another name; everything else stays as somebody wrote it. */
export function renamed(text: string, name: string): string {
  return text.replace(/("name"\s*:\s*)"(?:[^"\\]|\\.)*"/, (_, key: string) => `${key}${JSON.stringify(name)}`);
}
