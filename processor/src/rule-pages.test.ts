import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ruleTexts } from "./core/texts.ts";
import { shippedRules } from "./rule-file.ts";
import { fillProse, readProse, rulePages } from "./rule-pages.ts";

const folder = fileURLToPath(new URL("../../docs/rules/", import.meta.url));

describe("the pages of the rules", () => {
  const pages = rulePages(JSON.parse(shippedRules().body), readProse());

  test("stand in docs/rules as the data says: `./riskwall rules docs`", () => {
    const found = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const files = found.filter((name) => name.endsWith(".md")).sort();
    expect(files).toEqual([...pages.keys()].sort());
    for (const [path, text] of pages) {
      expect(readFileSync(folder + path, "utf8"), path).toBe(text);
    }
  });

  test("prose is of rules that there are", () => {
    const known = Object.keys(ruleTexts);
    expect(
      Object.keys(readProse()).filter((id) => !known.includes(id)),
    ).toEqual([]);
  });

  test("numbers in the prose are those of the rule set", () => {
    const values = new Map([
      ["rules.ord01.z", "3.5"],
      ["holds.limitShare.B", "0.6"],
    ]);
    const fill = (text: string): string => fillProse(text, "ORD-01", values);
    expect(fill("z > {z}, cap {holds.limitShare.B%}")).toBe(
      "z > 3.5, cap 60 %",
    );
    expect(() => fill("{sigma}")).toThrow("ORD-01: no setting sigma");
  });
});
