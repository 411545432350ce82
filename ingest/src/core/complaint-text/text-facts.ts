/**
 * Facts of a complaint's text (domain C11), computed before the append so that
 * the fold needs neither lexicon nor segmenter. The same text gives the same
 * facts for the same version.
 */
import type { TextFacts, TextMark } from "@riskwall/schemas";
import { findTerms, indexTerms, type Hit } from "./find-terms.ts";
import {
  isTopic,
  meaningOf,
  meanings,
  meaningWeight,
  topics,
  type Lexicon,
  type Topic,
} from "./lexicon.ts";
import { namedAmount } from "./named-amount.ts";
import { normalise, type Normal, type Simplify } from "./normalise.ts";
import { opinionsOf, type Opinion } from "./opinions.ts";
import { languageOf, tokensOf, type Segment, type Token } from "./tokens.ts";

/** UTF-16 units read of a text; the gateway refuses longer ones. */
export const readMaxChars = 8000;
/** Distinct words quoted, and places marked, in a text. */
const spansMax = 8;
const marksMax = 32;
/** A subject counts from this sum of weights on. */
const topicMin = 0.4;

export type TextReader = (text: string) => TextFacts;

export interface ReaderParts {
  readonly lexicon: Lexicon;
  readonly segment: Segment;
  readonly simplify: Simplify;
}

interface Mention {
  readonly topic: Topic;
  readonly weight: number;
  readonly hit: Hit;
}

/** What is said to be so: a negated fault is none. */
function mentionsOf(opinions: readonly Opinion[]): Mention[] {
  return opinions.flatMap(({ hit, weight }) =>
    weight > 0 && isTopic(hit.entry.kind)
      ? { topic: hit.entry.kind, weight, hit }
      : [],
  );
}

/** Subjects found, the heaviest first. */
function topicsOf(mentions: readonly Mention[]): Topic[] {
  const sums = new Map<Topic, number>();
  for (const { topic, weight } of mentions) {
    sums.set(topic, (sums.get(topic) ?? 0) + weight);
  }
  const heavy = [...sums].filter(([, sum]) => sum >= topicMin);
  // Rounded, so that equal sums added in another order stay equal.
  const rank = ([topic, sum]: readonly [Topic, number]): number =>
    Math.round(sum * 1000) * topics.length - topics.indexOf(topic);
  return heavy.sort((x, y) => rank(y) - rank(x)).map(([topic]) => topic);
}

/**
 * tanh(Σ / √tokens), thousandths: below zero where it complains. Praise counts
 * for, every subject against.
 */
function sentimentOf(
  opinions: readonly Opinion[],
  tokens: readonly Token[],
): number {
  const sum = opinions.reduce(
    (total, { hit, weight }) =>
      total + (hit.entry.kind === "praise" ? weight : -weight),
    0,
  );
  const words = tokens.filter(({ word }) => word !== "").length;
  return Math.round(Math.tanh(sum / Math.sqrt(Math.max(1, words))) * 1000);
}

/** The gravest places first when there are too many, else in text order. */
function marksOf(
  mentions: readonly Mention[],
  tokens: readonly Token[],
  normal: Normal,
): TextMark[] {
  const rank = (topic: Topic): number => meanings.indexOf(meaningOf(topic));
  return [...mentions]
    .sort((a, b) => rank(a.topic) - rank(b.topic))
    .slice(0, marksMax)
    .map(({ topic, hit }) => {
      const first = tokens[hit.at[0] ?? 0];
      const last = tokens[hit.at.at(-1) ?? 0];
      return {
        start: normal.start(first?.start ?? 0),
        end: normal.end(last?.end ?? 0),
        topic,
      };
    })
    .sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The sender's own words, gravest first; words left out between are `…`. */
function spansOf(
  mentions: readonly Mention[],
  tokens: readonly Token[],
  normal: Normal,
  raw: string,
): string[] {
  const quote = ({ hit }: Mention): string => {
    let text = "";
    let before = -1;
    for (const i of hit.at) {
      const token = tokens[i];
      if (token === undefined) continue;
      const joint = before < 0 ? "" : i === before + 1 ? " " : "…";
      const word = raw.slice(normal.start(token.start), normal.end(token.end));
      text += joint + word;
      before = i;
    }
    return text;
  };
  const grave = meanings.flatMap((meaning) =>
    mentions.filter(({ topic }) => meaningOf(topic) === meaning),
  );
  return [...new Set(grave.map(quote))].slice(0, spansMax);
}

/** A reader for one lexicon; `version` of it stands in what it says. */
export function createTextReader(parts: ReaderParts): TextReader {
  const { lexicon, segment, simplify } = parts;
  const index = indexTerms(lexicon);
  const isKnown = (word: string): boolean => index.words.has(word);
  return (whole) => {
    const raw = whole.slice(0, readMaxChars);
    const normal = normalise(raw, simplify);
    const tokens = tokensOf(normal.text, segment, isKnown);
    const opinions = opinionsOf(tokens, findTerms(tokens, index));
    const all = mentionsOf(opinions);
    const found = topicsOf(all);
    const mentions = all.filter(({ topic }) => found.includes(topic));
    const categories = meanings.filter((meaning) =>
      found.some((topic) => meaningOf(topic) === meaning),
    );
    const [meaning] = categories;
    const sentiment = sentimentOf(opinions, tokens);
    const category = meaning === undefined ? 0 : meaningWeight[meaning];
    const severity = 200 + 0.25 * Math.max(0, -sentiment) + category;
    return {
      version: lexicon.version,
      language: languageOf(normal.text),
      categories,
      meaning: meaning ?? "none",
      severity: Math.min(1000, Math.round(severity)),
      spans: spansOf(mentions, tokens, normal, raw),
      sentiment,
      topics: found,
      marks: marksOf(mentions, tokens, normal),
      amount: namedAmount(normal.numbers),
    };
  };
}
