/**
 * Puts text on the clipboard; false where the system refuses.
 * The text may still be on its way: WebKit forgets the click that allowed the copy unless it is handed the promise.
 */
export async function copy_text(text: string | Promise<string>): Promise<boolean> {
  const waited = Promise.resolve(text);
  try {
    if (typeof ClipboardItem !== "undefined" && typeof text !== "string") {
      const blob = waited.then((ready) => new Blob([ready], { type: "text/plain" }));
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    } else {
      await navigator.clipboard.writeText(await waited);
    }
    return true;
  } catch {
    return copy_by_selection(await waited);
  }
}

/** The old way, for web views that keep the clipboard interface closed. */
function copy_by_selection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
