/** Every term of the shipped lexicon by its own sentence. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import {
  readerParts,
  shippedLexicon,
  type LexiconLine,
} from "../../text-reader.ts";
import { isTopic, meaningOf, topics, type Kind } from "./lexicon.ts";
import { createTextReader, type TextReader } from "./text-facts.ts";

const lexicon = shippedLexicon();
const parts = readerParts(lexicon);
const read = createTextReader(parts);

/** The same reader with one line left out, or of another kind. */
function readWith(line: LexiconLine, kind: Kind | null): TextReader {
  const entries = lexicon.entries.flatMap((item) =>
    item !== line ? item : kind === null ? [] : { ...item, kind },
  );
  return createTextReader({ ...parts, lexicon: { ...lexicon, entries } });
}

const lines = (wanted: (kind: Kind) => boolean): LexiconLine[] =>
  lexicon.entries.filter(({ kind }) => wanted(kind));

describe("subjects", () => {
  it.each(lines(isTopic))("$kind $term: $sentence", (line) => {
    const facts = read(line.sentence);
    expect(facts.topics).toContain(line.kind);
    expect(facts.categories).toContain(
      isTopic(line.kind) ? meaningOf(line.kind) : "",
    );
    expect(facts.sentiment).toBeLessThan(0);
    expect(readWith(line, null)(line.sentence)).not.toEqual(facts);
  });
});

describe("praise", () => {
  it.each(lines((kind) => kind === "praise"))("$term: $sentence", (line) => {
    const facts = read(line.sentence);
    expect(facts).toMatchObject({ meaning: "none", marks: [] });
    expect(facts.sentiment).toBeGreaterThan(0);
    const without = readWith(line, null)(line.sentence);
    expect(without.sentiment).not.toBe(facts.sentiment);
  });
});

describe("negators turn an opinion around, idioms only look like it", () => {
  const sign = (reader: TextReader, text: string): number =>
    Math.sign(reader(text).sentiment);
  it.each(lines((kind) => kind === "negator"))("$term: $sentence", (line) => {
    const plain = sign(readWith(line, "idiom"), line.sentence);
    expect(plain).not.toBe(0);
    expect(sign(read, line.sentence)).toBe(-plain);
  });
  it.each(lines((kind) => kind === "idiom"))("$term: $sentence", (line) => {
    const turned = sign(readWith(line, "negator"), line.sentence);
    expect(turned).not.toBe(0);
    expect(sign(read, line.sentence)).toBe(-turned);
  });
});

describe("degree words", () => {
  it.each(lines((kind) => kind === "degree"))("$term: $sentence", (line) => {
    const plain = readWith(line, "idiom")(line.sentence).sentiment;
    const { sentiment } = read(line.sentence);
    expect(plain).not.toBe(0);
    const ratio = Math.atanh(sentiment / 1000) / Math.atanh(plain / 1000);
    expect(ratio).toBeCloseTo(line.weight, 1);
  });
});

describe("joiners", () => {
  it.each(lines((kind) => kind === "joiner"))("$term: $sentence", (line) => {
    expect(read(line.sentence)).toMatchObject({ meaning: "none" });
    expect(readWith(line, null)(line.sentence).meaning).toBe("fault");
  });
});

test("every subject has terms in both languages", () => {
  for (const topic of topics) {
    const terms = lines((kind) => kind === topic).map(({ term }) => term);
    expect(terms.filter((term) => /\p{Script=Han}/u.test(term))).not.toEqual(
      [],
    );
    expect(terms.filter((term) => /^[a-z]/.test(term))).not.toEqual([]);
  }
});

test("a change of the lexicon raises its version", () => {
  const file = new URL("../../../lexicon/complaints.tsv", import.meta.url);
  const words = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split("\t").slice(0, 3).join("\t"));
  const digest = createHash("sha256").update(words.join("\n")).digest("hex");
  // Another digest needs another version: facts of a version never change.
  expect([lexicon.version, digest.slice(0, 16)]).toEqual([
    2,
    "7e66f38ade89b13b",
  ]);
});
