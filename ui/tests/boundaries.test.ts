import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../src");
const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.(ts|svelte)$/.test(path) && !path.startsWith("messages"))
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

test("only the platform folder knows the desktop shell", () => {
  const outside = sources.filter(({ path, text }) => !path.startsWith("platform") && text.includes("@tauri-apps"));
  expect(outside.map(({ path }) => path)).toEqual([]);
});

test("no file is a drawer", () => {
  const long = sources.filter(({ path, text }) => path !== "platform/bindings.ts" && text.split("\n").length > 400);
  expect(long.map(({ path }) => path)).toEqual([]);
});

test("every message is used", () => {
  const messages = Object.keys(JSON.parse(readFileSync(join(root, "../messages/en.json"), "utf8")));
  const used = new Set(sources.flatMap(({ text }) => [...text.matchAll(/\bm\.(\w+)/g)].map((match) => match[1])));
  expect(messages.filter((key) => !used.has(key))).toEqual([]);
});
