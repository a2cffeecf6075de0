import { expect, test } from "vitest";
import bn from "../messages/bn.json";
import en from "../messages/en.json";
import { field_problem, problem_words, refusal_of, words_of } from "../src/words/errors";
import { language } from "../src/words/language.svelte";

const blanks = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

test("both languages say the same things", () => {
  expect(Object.keys(bn)).toEqual(Object.keys(en));
});

test("both languages fill in the same blanks", () => {
  for (const [key, text] of Object.entries(en)) {
    expect(blanks((bn as Record<string, string>)[key] ?? ""), key).toEqual(blanks(text));
  }
});

test("nothing is left empty", () => {
  for (const text of [...Object.values(en), ...Object.values(bn)]) expect(text.trim()).not.toBe("");
});

test("a refusal has a title in the chosen language", () => {
  const refusal = refusal_of({ code: "changed", message: "this zone was changed" });
  expect(words_of(refusal)).toMatchObject({ next: "reload", severity: "mistake" });
  language.current = "bn";
  expect(words_of(refusal).title()).toBe(bn.error_changed);
  language.current = "en";
  expect(words_of(refusal).title()).toBe(en.error_changed);
});

test("whatever is thrown becomes a refusal", () => {
  expect(refusal_of("command not allowed")).toMatchObject({ code: "internal", message: "command not allowed" });
  expect(refusal_of(new TypeError("broken"))).toMatchObject({ code: "internal", message: "broken" });
});

test("a refused field is told with its numbers", () => {
  expect(problem_words({ code: "out_of_range", min: 1, max: 365 })).toBe("Must be from 1 to 365");
  const refusal = refusal_of({
    code: "invalid_input",
    message: "",
    fields: [{ field: "mac", problem: { code: "not_a_mac" }, message: "" }],
  });
  expect(field_problem(refusal, "mac")).toBe(en.problem_not_a_mac);
  expect(field_problem(refusal, "name")).toBeNull();
});
