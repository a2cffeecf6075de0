import { m } from "../messages/messages";
import { copy_text } from "../platform";
import { failed } from "./notices";
import { report } from "./reporting";

/** Copies, and says so only when it did not work. */
export async function copied(text: string | Promise<string>): Promise<boolean> {
  try {
    const done = await copy_text(text);
    if (!done) failed(m.copy_refused());
    return done;
  } catch (thrown) {
    report(thrown);
    return false;
  }
}
