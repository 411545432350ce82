/**
 * The words behind the facts of a complaint (domain C11), as values. The data
 * stands in `ingest/lexicon/complaints.tsv`; reading it is the shell's part.
 */

/** What a complaint means for credit; most urgent first. */
export const meanings = ["refusal", "liquidity", "fault"] as const;
export type Meaning = (typeof meanings)[number];

/** Subjects of a complaint; all but the first two are the seller's fault. */
export const topics = [
  "refusal",
  "liquidity",
  "quality",
  "delivery",
  "billing",
  "service",
  "general",
] as const;
export type Topic = (typeof topics)[number];

export function meaningOf(topic: Topic): Meaning {
  return topic === "refusal" || topic === "liquidity" ? topic : "fault";
}

/** Category weight in the severity (C11), thousandths. */
export const meaningWeight: Readonly<Record<Meaning, number>> = {
  fault: 100,
  liquidity: 400,
  refusal: 550,
};

/**
 * What an entry of the lexicon does. `praise` is an opinion without a topic;
 * `negator` turns the next opinion around, `degree` multiplies it by its
 * weight; `idiom` only looks like a negator (不得不, not only); `joiner` lets
 * negation pass on to the opinion after it (没有破损和延误).
 */
export type Kind = Topic | "praise" | "negator" | "degree" | "idiom" | "joiner";

export const kinds: readonly Kind[] = [
  ...topics,
  ...(["praise", "negator", "degree", "idiom", "joiner"] as const),
];

export interface Entry {
  readonly kind: Kind;
  /** Strength of an opinion, factor of a degree word, else 0. */
  readonly weight: number;
  /**
   * `a b`: English words in a row; `a~b`: both in one clause, at most
   * `gapTokens` tokens between them.
   */
  readonly term: string;
}

export interface Lexicon {
  /** Travels in the record; raised by every change of words or weights. */
  readonly version: number;
  readonly entries: readonly Entry[];
}

export function isTopic(kind: Kind): kind is Topic {
  return topics.some((topic) => topic === kind);
}

/** True where the entry itself says something good or bad. */
export function isOpinion(kind: Kind): boolean {
  return kind === "praise" || isTopic(kind);
}
