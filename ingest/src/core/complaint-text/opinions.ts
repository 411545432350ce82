/** Opinions of a text with what stands before them: degree and negation. */
import type { Hit } from "./find-terms.ts";
import { isOpinion } from "./lexicon.ts";
import type { Token } from "./tokens.ts";

/** Tokens looked back for degree words and negators (C11). */
export const lookBackTokens = 3;

export interface Opinion {
  readonly hit: Hit;
  /** Weight times degree, negated by an odd number of negators. */
  readonly weight: number;
}

/** Product of the degree words times −1 for each negator (C11). */
function factorOf(hit: Hit): number {
  if (hit.entry.kind === "negator") return -1;
  return hit.entry.kind === "degree" ? hit.entry.weight : 1;
}

/**
 * Looks back up to three tokens, to the punctuation or to the opinion before,
 * whose own words these are: in 不好吃又贵 the 不 is not said of 贵. After a
 * joiner the words before count for both: 没有破损和延误.
 */
function factorBefore(
  first: number,
  tokens: readonly Token[],
  owner: readonly (Hit | undefined)[],
): number {
  let factor = 1;
  let joined = false;
  let last: Hit | undefined;
  for (let i = first - 1; i >= 0 && i >= first - lookBackTokens; i -= 1) {
    const isComma = tokens[i]?.word === "";
    const hit = owner[i];
    if (isComma) break;
    if (hit === undefined || hit === last) continue;
    last = hit;
    if (hit.entry.kind === "joiner") joined = true;
    else if (isOpinion(hit.entry.kind)) {
      if (!joined) break;
      joined = false;
    } else factor *= factorOf(hit);
  }
  return factor;
}

/** Modifiers between the parts of a term count as well: 资金并不紧张. */
function factorWithin(hit: Hit, owner: readonly (Hit | undefined)[]): number {
  const [first = 0] = hit.at;
  let factor = 1;
  let last: Hit | undefined;
  for (let i = first + 1; i < (hit.at.at(-1) ?? first); i += 1) {
    const inner = owner[i];
    if (inner === undefined || inner === hit || inner === last) continue;
    last = inner;
    if (!isOpinion(inner.entry.kind)) factor *= factorOf(inner);
  }
  return factor;
}

export function opinionsOf(
  tokens: readonly Token[],
  hits: readonly Hit[],
): Opinion[] {
  const owner: (Hit | undefined)[] = [];
  for (const hit of hits) for (const i of hit.at) owner[i] = hit;
  return hits
    .filter(({ entry }) => isOpinion(entry.kind))
    .map((hit) => {
      const [first = 0] = hit.at;
      const factor =
        factorBefore(first, tokens, owner) * factorWithin(hit, owner);
      return { hit, weight: hit.entry.weight * factor };
    });
}
