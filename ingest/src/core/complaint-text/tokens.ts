/** Words of a normalised text: Chinese by a segmenter, English by letters. */
import { stem } from "./stem.ts";

/** Cuts Chinese text; the parts in a row are the text again. */
export type Segment = (text: string) => readonly string[];

/** True for a word that some term is made of. */
export type IsKnown = (word: string) => boolean;

export interface Token {
  /** As the lexicon has it: a Chinese word, an English stem; empty = a stop. */
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

const hasHan = /[\u3400-\u9fff\uf900-\ufaff\ud840-\ud888]/;
/** An English word, a number or a masked run; ends where Chinese begins. */
const run = /[a-z]+(?:'[a-z]+)*|\d+(?:[.,]\d+)*|#+/y;
/** These hold a clause together; other signs end it. */
const inside = /^[\s\-–—_/"“”()]+$/;

/** Han of the basic plane, or a surrogate of the planes above. */
function isHanUnit(unit: number): boolean {
  return (
    (unit >= 0x3400 && unit <= 0x9fff) ||
    (unit >= 0xf900 && unit <= 0xfaff) ||
    (unit >= 0xd840 && unit <= 0xd888)
  );
}

function isHan(word: string): boolean {
  return isHanUnit(word.charCodeAt(0));
}

function pushOther(text: string, from: number, to: number, out: Token[]): void {
  for (let at = from; at < to;) {
    run.lastIndex = at;
    const found = run.exec(text)?.[0];
    const end = at + (found?.length ?? 1);
    if (found !== undefined) {
      out.push({ word: stem(found), start: at, end });
    } else if (!inside.test(text.slice(at, end))) {
      out.push({ word: "", start: at, end });
    } else if (/\s/.test(text.charAt(at)) && isBetweenHan(text, at)) {
      // Chinese has no spaces: one between two words is a comma left out.
      out.push({ word: "", start: at, end });
    }
    at = end;
  }
}

function isBetweenHan(text: string, at: number): boolean {
  return isHan(text.charAt(at - 1)) && isHan(text.charAt(at + 1));
}

/**
 * A word of the segmenter's dictionary that no term has, made of two that
 * terms have: 很脏, 真棒. Its first known way of parting.
 */
function parted(word: string, isKnown: IsKnown): readonly string[] {
  if (word.length > 1 && word.length < 5 && !isKnown(word)) {
    for (let at = 1; at < word.length; at += 1) {
      const parts = [word.slice(0, at), word.slice(at)];
      if (parts.every(isKnown)) return parts;
    }
  }
  return [word];
}

/** Words and stops in order; spaces, hyphens and brackets are neither. */
export function tokensOf(
  text: string,
  segment: Segment,
  isKnown: IsKnown,
): Token[] {
  const out: Token[] = [];
  if (!hasHan.test(text)) {
    pushOther(text, 0, text.length, out);
    return out;
  }
  let at = 0;
  let other = 0;
  for (const word of segment(text)) {
    const end = at + word.length;
    if (isHan(word)) {
      pushOther(text, other, at, out);
      let start = at;
      for (const part of parted(word, isKnown)) {
        out.push({ word: part, start, end: start + part.length });
        start += part.length;
      }
      other = end;
    }
    at = end;
  }
  pushOther(text, other, text.length, out);
  return out;
}

/** Share of Han among the letters above which a text is Chinese (C11). */
const chineseShare = 0.2;

/** zh where more than a fifth of the letters are Han. */
export function languageOf(text: string): "zh" | "en" {
  let hans = 0;
  let letters = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (isHanUnit(unit)) hans += 1;
    else if (unit < 0x80) letters += unit >= 0x61 && unit <= 0x7a ? 1 : 0;
    else if (/\p{L}/u.test(text.charAt(at))) letters += 1;
  }
  return hans > (hans + letters) * chineseShare ? "zh" : "en";
}
