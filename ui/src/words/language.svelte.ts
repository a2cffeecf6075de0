// Which language the words are in. Paraglide asks here, so that every text on the screen follows a change at once.
import { baseLocale, overwriteGetLocale } from "../messages/runtime";
import type { Language } from "../platform";

class LanguageChoice {
  current = $state<Language>(baseLocale as Language);

  /** The tag for `Intl`: Latin digits everywhere, as in the routers and the receipts. */
  get tag(): string {
    return this.current === "bn" ? "bn-BD-u-nu-latn" : "en-GB-u-nu-latn";
  }
}

export const language = new LanguageChoice();
overwriteGetLocale(() => language.current);
