import type { ConfigLine } from "../../platform";

/** What differs, menu by menu, in the order in which the menus come first. */
export function by_menu(lines: readonly ConfigLine[]): { menu: string; lines: ConfigLine[] }[] {
  const menus = new Map<string, ConfigLine[]>();
  for (const line of lines) menus.set(line.menu, [...(menus.get(line.menu) ?? []), line]);
  return [...menus].map(([menu, lines]) => ({ menu, lines }));
}
