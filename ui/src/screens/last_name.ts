const KEY = "demarc.last_name";

/** Who logged in last on this computer. */
export function last_name(): string {
  return localStorage.getItem(KEY) ?? "";
}

export function remember_name(name: string): void {
  localStorage.setItem(KEY, name);
}
