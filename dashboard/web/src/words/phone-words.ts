import type { Words } from "./zh-cn.ts";

/** Groups of words that the phone uses; the build gives it no others. */
const groups = [
  "fresh",
  "span",
  "severity",
  "state",
  "acted",
  "ask",
  "loading",
  "failed",
  "role",
  "phone",
] as const;

export type PhoneWords = Pick<Words, (typeof groups)[number]>;

export function pickPhoneWords(words: Words): PhoneWords {
  const picked = groups.map((group) => [group, words[group]] as const);
  // The same groups that the type picks.
  return Object.fromEntries(picked) as PhoneWords;
}
