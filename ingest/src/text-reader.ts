/** What reads complaints: lexicon file, segmenter and table of characters. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Jieba } from "@node-rs/jieba";
import { dict } from "@node-rs/jieba/dict.js";
import { Converter } from "opencc-js/t2cn";
import {
  kinds,
  type Entry,
  type Kind,
  type Lexicon,
} from "./core/complaint-text/lexicon.ts";
import type { Simplify } from "./core/complaint-text/normalise.ts";
import {
  createTextReader,
  type ReaderParts,
  type TextReader,
} from "./core/complaint-text/text-facts.ts";
import type { Segment } from "./core/complaint-text/tokens.ts";

const lexiconFile = fileURLToPath(
  new URL("../lexicon/complaints.tsv", import.meta.url),
);
/** Occurrences of an own term, so that it wins over the words inside it. */
const termFrequency = 100_000;

/** A line of the file: an entry with the sentence that tests it. */
export interface LexiconLine extends Entry {
  readonly sentence: string;
}

export interface LexiconFile extends Lexicon {
  readonly entries: readonly LexiconLine[];
}

function isKind(word: string): word is Kind {
  return kinds.some((kind) => kind === word);
}

/** The lexicon shipped with the product; a line it cannot use is an error. */
export function shippedLexicon(): LexiconFile {
  const [first = [], ...lines] = readFileSync(lexiconFile, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split("\t"));
  const version = Number(first[1]);
  if (first[0] !== "version" || !Number.isInteger(version)) {
    throw new Error("complaints.tsv begins with its version");
  }
  const seen = new Set<string>();
  const entries = lines.map((fields): LexiconLine => {
    const [kind = "", weight = "", term = "", sentence = ""] = fields;
    const isWhole = fields.length === 4 && term !== "" && sentence !== "";
    if (!isWhole || !isKind(kind) || !(Number(weight) >= 0) || seen.has(term)) {
      throw new Error(`complaints.tsv: ${fields.join(" ")}`);
    }
    seen.add(term);
    return { kind, weight: Number(weight), term, sentence };
  });
  return { version, entries };
}

const [firstHan, lastHan] = [0x4e00, 0x9fff];

/** Character by character: its own phrases would move the offsets. */
function simplifyTable(): Simplify {
  const units = Array.from(
    { length: lastHan - firstHan + 1 },
    (_, i) => firstHan + i,
  );
  const toSimplified = Converter({ from: "t", to: "cn" });
  const lines = units.map((unit) => String.fromCharCode(unit)).join("\n");
  const simple = toSimplified(lines).split("\n");
  const table = new Uint16Array(0x10000);
  units.forEach((unit, i) => {
    table[unit] = simple[i]?.charCodeAt(0) ?? unit;
  });
  return table;
}

/** jieba with its own dictionary and the Chinese terms of the lexicon. */
function createSegment(lexicon: Lexicon): Segment {
  const jieba = Jieba.withDict(dict);
  const words = lexicon.entries
    .flatMap(({ term }) => term.split("~"))
    .filter((word) => word.length > 1 && /\p{Script=Han}/u.test(word));
  const lines = [...new Set(words)].map(
    (word) => `${word} ${String(termFrequency)} n\n`,
  );
  jieba.loadDict(Buffer.from(lines.join("")));
  // Without its hidden Markov model: unknown names stay single characters, and
  // a negator is never glued to what it negates.
  return (text) => jieba.cut(text, false);
}

/** Takes a fifth of a second and 40 MiB; one per process. */
export function readerParts(lexicon: Lexicon): ReaderParts {
  const segment = createSegment(lexicon);
  return { lexicon, segment, simplify: simplifyTable() };
}

export function shippedTextReader(): TextReader {
  return createTextReader(readerParts(shippedLexicon()));
}
