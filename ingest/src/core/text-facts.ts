/**
 * Facts of a complaint's text (domain C11), computed before the append so that
 * the fold needs no lexicon. Pure, and the same for the same text and
 * `textFactsVersion`; a change of words or weights raises the version.
 */
import type { TextFacts } from "@riskwall/schemas";
import {
  chineseIdioms,
  chineseNegation,
  chineseTerms,
  degrees,
  englishNegators,
  englishTerms,
  meanings,
  meaningWeight,
  opinionWeight,
  traditional,
  type Meaning,
} from "./lexicon.ts";

export const textFactsVersion = 1;

const spansMax = 8;
/** Tokens looked back for a negator or a degree word. */
const lookBackTokens = 3;
/** The same for Chinese, in characters. */
const lookBackChars = 8;
const punctuation = /[,.;:!?,。;:!?、\n]/;

/** NFKC, lower case, simplified, ids and phone numbers masked. */
export function normalise(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll("’", "'")
    .replace(/\d{7,}/g, "#")
    .replace(/\p{Script=Han}/gu, (char) => traditional[char] ?? char);
}

/** zh where more than a fifth of the letters are Han. */
export function languageOf(text: string): "zh" | "en" {
  const han = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  return letters > 0 && han / letters > 0.2 ? "zh" : "en";
}

interface Mention {
  readonly meaning: Meaning;
  readonly span: string;
  /** Degree times weight; negative when negated. */
  readonly weight: number;
}

interface Term {
  readonly meaning: Meaning;
  readonly term: string;
}

const longestFirst = (a: Term, b: Term): number =>
  b.term.length - a.term.length || (a.term < b.term ? -1 : 1);

const termsOf = (
  table: Readonly<Record<Meaning, readonly string[]>>,
): readonly Term[] =>
  meanings
    .flatMap((meaning) => table[meaning].map((term) => ({ meaning, term })))
    .sort(longestFirst);

const chinese = termsOf(chineseTerms);
const english = termsOf(englishTerms).map((item) => ({
  ...item,
  stems: item.term.split(" ").map(stem),
}));

/** Light stemming: plural, -ed, -ing and a final e. */
function stem(word: string): string {
  if (word.length < 5) return word;
  return word.replace(/(?:ing|ed|es|s)$/, "").replace(/e$/, "");
}

function degreeOf(before: string): number {
  return degrees.find(([word]) => before.includes(word))?.[1] ?? 1;
}

function mention(
  meaning: Meaning,
  span: string,
  before: string,
  negated: boolean,
): Mention {
  const weight = opinionWeight[meaning] * degreeOf(before);
  return { meaning, span, weight: negated ? -weight : weight };
}

/** What stands before `at` in the same clause. */
function clauseBefore(text: string, at: number): string {
  const before = text.slice(Math.max(0, at - lookBackChars), at);
  return before.split(punctuation).at(-1) ?? "";
}

function chineseMentions(text: string): Mention[] {
  const found: Mention[] = [];
  let rest = text;
  for (const { meaning, term } of chinese) {
    for (let at = rest.indexOf(term); at >= 0; at = rest.indexOf(term, at)) {
      const before = clauseBefore(text, at);
      const plain = before.replace(chineseIdioms, " ");
      found.push(mention(meaning, term, before, chineseNegation.test(plain)));
      // A longer term hides the shorter ones inside it.
      const blank = " ".repeat(term.length);
      rest = rest.slice(0, at) + blank + rest.slice(at + term.length);
    }
  }
  return found;
}

function clauses(text: string): string[][] {
  return text
    .split(/[,.;:!?,。;:!?\n]+/)
    .map((clause) => clause.match(/[a-z][a-z']*/g) ?? [])
    .filter((tokens) => tokens.length > 0);
}

function englishMentions(text: string): Mention[] {
  return clauses(text).flatMap((tokens) => {
    const stems = tokens.map((token) => stem(token));
    const taken = new Set<number>();
    const found: Mention[] = [];
    for (const item of english) {
      const size = item.stems.length;
      for (let i = 0; i + size <= tokens.length; i += 1) {
        const hit = item.stems.every(
          (part, k) => stems[i + k] === part && !taken.has(i + k),
        );
        if (!hit) continue;
        for (let k = 0; k < size; k += 1) taken.add(i + k);
        const before = tokens.slice(Math.max(0, i - lookBackTokens), i);
        const negated =
          before.some((token) => englishNegators.has(token)) &&
          !before.join(" ").endsWith("not only");
        const span = tokens.slice(i, i + size).join(" ");
        found.push(mention(item.meaning, span, before.join(" "), negated));
      }
    }
    return found;
  });
}

/** Facts of a text, with the words they rest on. */
export function textFacts(raw: string): TextFacts {
  const text = normalise(raw);
  const language = languageOf(text);
  const mentions = [...chineseMentions(text), ...englishMentions(text)];
  const meant = mentions.filter((item) => item.weight > 0);
  const categories = meanings.filter((meaning) =>
    meant.some((item) => item.meaning === meaning),
  );
  const [meaning] = categories;
  const sum = mentions.reduce((total, item) => total + item.weight, 0);
  const tokens = language === "zh" ? text.length / 2 : text.split(/\s+/).length;
  const opinion = Math.tanh(sum / Math.sqrt(Math.max(1, tokens)));
  const weight = meaning === undefined ? 0 : meaningWeight[meaning];
  const severity = 0.2 + 0.25 * Math.max(0, opinion) + weight;
  return {
    version: textFactsVersion,
    language,
    categories: [...categories],
    meaning: meaning ?? "none",
    severity: Math.round(Math.min(1, Math.max(0, severity)) * 1000),
    spans: [...new Set(meant.map((item) => item.span))].slice(0, spansMax),
  };
}
