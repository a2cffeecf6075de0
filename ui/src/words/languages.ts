import type { Language } from "../platform";

/** Each in its own words, whichever is chosen. */
export const LANGUAGES: { value: Language; label: string }[] = [
  { value: "en", label: "English" },
  { value: "bn", label: "বাংলা" },
];
