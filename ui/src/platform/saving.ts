/** Saves text as a file among the person's downloads. */
export function save_text(name: string, text: string, type: "text/html" | "application/json" | "text/plain"): void {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The web view reads it after the click: gone at once, there would be nothing to read.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
