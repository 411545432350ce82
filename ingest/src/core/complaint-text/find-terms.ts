/** Where the terms of a lexicon stand among the tokens of a text. */
import type { Entry, Lexicon } from "./lexicon.ts";
import { stem } from "./stem.ts";
import type { Token } from "./tokens.ts";

/** Tokens that may stand between the two parts of `a~b`. */
export const gapTokens = 3;

export interface Hit {
  readonly entry: Entry;
  /** Tokens of the term, in order. */
  readonly at: readonly number[];
}

interface Pattern {
  readonly entry: Entry;
  /** Words after the first, with the tokens that may come before each. */
  readonly rest: readonly { readonly word: string; readonly gap: number }[];
}

export interface TermIndex {
  /** Patterns by their first word, the longest first. */
  readonly byFirst: ReadonlyMap<string, readonly Pattern[]>;
  /** Every word of every term. */
  readonly words: ReadonlySet<string>;
}

function patternOf(entry: Entry): { first: string; pattern: Pattern } {
  const words = entry.term.split("~").flatMap((part, i) =>
    part.split(" ").map((word, k) => ({
      word: stem(word),
      gap: i > 0 && k === 0 ? gapTokens : 0,
    })),
  );
  const [first, ...rest] = words;
  if (first === undefined) throw new Error("a term has at least one word");
  return { first: first.word, pattern: { entry, rest } };
}

export function indexTerms(lexicon: Lexicon): TermIndex {
  const index = new Map<string, Pattern[]>();
  const words = new Set<string>();
  for (const entry of lexicon.entries) {
    const { first, pattern } = patternOf(entry);
    const same = index.get(first) ?? [];
    same.push(pattern);
    index.set(first, same);
    for (const word of [first, ...pattern.rest.map((part) => part.word)]) {
      words.add(word);
    }
  }
  for (const same of index.values()) {
    same.sort((a, b) => b.rest.length - a.rest.length);
  }
  return { byFirst: index, words };
}

/** Tokens of the pattern that begins at `first`; null when it is not there. */
function match(
  pattern: Pattern,
  tokens: readonly Token[],
  first: number,
  taken: readonly boolean[],
): number[] | null {
  const at = [first];
  let from = first + 1;
  for (const { word, gap } of pattern.rest) {
    let found = -1;
    for (let i = from; i <= from + gap; i += 1) {
      const token = tokens[i];
      if (token === undefined || token.word === "") break;
      if (token.word !== word || taken[i] === true) continue;
      found = i;
      break;
    }
    if (found < 0) return null;
    at.push(found);
    from = found + 1;
  }
  return at;
}

/** In order of their first token; a token belongs to one term at most. */
export function findTerms(tokens: readonly Token[], index: TermIndex): Hit[] {
  const hits: Hit[] = [];
  const taken: boolean[] = [];
  tokens.forEach(({ word }, i) => {
    if (word === "" || taken[i] === true) return;
    for (const pattern of index.byFirst.get(word) ?? []) {
      const at = match(pattern, tokens, i, taken);
      if (at === null) continue;
      for (const token of at) taken[token] = true;
      hits.push({ entry: pattern.entry, at });
      return;
    }
  });
  return hits;
}
