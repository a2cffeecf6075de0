// Short messages that come and go by themselves.
import { toast, type ExternalToast } from "svelte-sonner";

export type Notice = { description?: string; action?: { label: string; run: () => void }; stays_ms?: number };

const STAYS_MS = 6_000;
const HELD_MS = 1_000;

export function succeeded(title: string, notice: Notice = {}): void {
  show(toast.success, title, notice);
}

export function failed(title: string, notice: Notice = {}): void {
  show(toast.error, title, notice);
}

function show(kind: (title: string, options: ExternalToast) => string | number, title: string, notice: Notice): void {
  const { description, action, stays_ms = STAYS_MS } = notice;
  const id = kind(title, {
    // The clock is ours: the library's own stands still while the window is hidden or its list unfolded.
    duration: Number.POSITIVE_INFINITY,
    ...(description ? { description } : {}),
    ...(action ? { action: { label: action.label, onClick: () => done(action.run) } } : {}),
  });

  function done(run: () => void): void {
    toast.dismiss(id);
    run();
  }

  function go(): void {
    // Somebody who points at it is reading it.
    if (document.querySelector("[data-sonner-toast]:hover")) setTimeout(go, HELD_MS);
    else toast.dismiss(id);
  }
  setTimeout(go, stays_ms);
}
