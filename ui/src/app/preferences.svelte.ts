// How this person likes it. The backend keeps it; a copy here serves the screens before the log-in.
import { commands, type Language, type Preferences, type Theme } from "../platform";
import { language } from "../words/language.svelte";

const KEY = "demarc.preferences";
export const PAGE_SIZES = [25, 50, 100, 200] as const;

function from_this_computer(): Preferences {
  const spoken: Language = navigator.language.startsWith("bn") ? "bn" : "en";
  const usual: Preferences = { page_size: 50, theme: "system", language: spoken };
  try {
    return { ...usual, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return usual;
  }
}

class Chosen {
  current = $state.raw<Preferences>(from_this_computer());
  /** Chosen before anybody was logged in, so not yet kept by the backend. */
  #unsent = false;

  start(): void {
    this.#apply();
  }

  /** After the log-in: what the backend remembers wins, unless something was chosen just before. */
  async load(): Promise<void> {
    try {
      const kept = await commands.preferencesShow();
      // Where somebody works was not chosen before the log-in, and is not this computer's to say.
      const tenant_id = kept.tenant_id ?? null;
      this.#adopt(this.#unsent ? await commands.preferencesEdit({ ...this.current, tenant_id }) : kept);
      this.#unsent = false;
    } catch {
      // The copy of this computer serves until the backend answers.
    }
  }

  edit(change: Partial<{ page_size: number; theme: Theme; language: Language }>): void {
    const wanted = { ...this.current, ...change } as Preferences;
    this.#adopt(wanted);
    // Before the log-in, and offline, the choice still holds for this computer.
    commands.preferencesEdit(wanted).catch(() => (this.#unsent = true));
  }

  /** After the first start: the backend knows nothing yet, so what this computer uses is the choice. */
  keep(): void {
    this.#unsent = true;
  }

  #adopt(preferences: Preferences): void {
    this.current = preferences;
    localStorage.setItem(KEY, JSON.stringify(preferences));
    this.#apply();
  }

  #apply(): void {
    const { theme } = this.current;
    language.current = this.current.language;
    document.documentElement.lang = this.current.language;
    document.documentElement.style.colorScheme = theme === "system" ? "light dark" : theme;
  }
}

export const preferences = new Chosen();
