import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { en } from "./en.ts";

type Tree = Readonly<Record<string, unknown>>;

function keysOf(tree: Tree, path = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "object" && value !== null
      ? keysOf(Object.fromEntries(Object.entries(value)), `${path}${key}.`)
      : [`${path}${key}`],
  );
}

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = globSync("**/*.{ts,vue}", { cwd: root })
  .filter((file) => !file.endsWith(".test.ts") && !file.startsWith("words/"))
  .map((file) => readFileSync(`${root}${file}`, "utf8"));
const keys = keysOf(en);

/** Keys written out, and the beginnings of those made at run time. */
const asked = sources.flatMap((text) => [
  ...text.matchAll(/\bte?\(\s*(["'`])([\w.-]+)\1/g),
]);
const begun = sources.flatMap((text) => [
  ...text.matchAll(/\bte?\(\s*`([\w.-]+)\$\{/g),
]);

/** Beginnings of any text made at run time: keys are handed on, too. */
const texts = sources.flatMap((text) => [
  ...text.matchAll(/`([\w-]+\.[\w.-]*)\$\{/g),
]);

describe("words that are used", () => {
  it("exist, each of them", () => {
    const known = new Set(keys);
    const missing = asked.map(([, , key]) => key ?? "");
    expect(missing.length).toBeGreaterThan(200);
    expect(missing.filter((key) => !known.has(key))).toEqual([]);
  });

  it("begin as some word does where they are made at run time", () => {
    const beginnings = begun.map(([, start]) => start ?? "");
    expect(
      beginnings.filter((start) => !keys.some((key) => key.startsWith(start))),
    ).toEqual([]);
  });

  it("are all the words there are", () => {
    const all = sources.join("\n");
    // A key may be written out as a value, too: titles of actions.
    const unused = keys.filter(
      (key) =>
        !all.includes(`"${key}"`) &&
        !all.includes(`'${key}'`) &&
        ![...begun, ...texts].some(
          ([, start]) => start !== undefined && key.startsWith(start),
        ),
    );
    expect(unused).toEqual([]);
  });
});
