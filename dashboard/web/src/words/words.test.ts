import { describe, expect, it } from "vitest";
import { en } from "./en.ts";
import { zhCn } from "./zh-cn.ts";

type Tree = Readonly<Record<string, unknown>>;

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null;
}

/** Path of each leaf and its text. */
function leaves(tree: Tree, path = ""): readonly (readonly [string, string])[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    isTree(value)
      ? leaves(value, `${path}${key}.`)
      : [[`${path}${key}`, String(value)] as const],
  );
}

const places = (text: string): string[] =>
  [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

describe("words", () => {
  const zh = new Map(leaves(zhCn));
  const english = new Map(leaves(en));

  it("has the same keys in both languages", () => {
    expect([...english.keys()]).toEqual([...zh.keys()]);
  });

  it("uses no sign that vue-i18n reads as syntax", () => {
    for (const [key, text] of [...zh, ...english]) {
      expect([key, /[@|]/.exec(text)?.[0]]).toEqual([key, undefined]);
    }
  });

  it("has the same placeholders in both languages", () => {
    for (const [key, text] of zh) {
      expect([key, places(english.get(key) ?? "")]).toEqual([
        key,
        places(text),
      ]);
    }
  });
});
