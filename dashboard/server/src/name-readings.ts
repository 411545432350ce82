/** How a Chinese name is typed where no Chinese can be: in pinyin. */
import { pinyin } from "pinyin-pro";

/** Names are read up to this many characters. */
const readMax = 60;

/**
 * The readings of a name, lower case: whole (`hengyuanjidian`) and initials
 * (`hyjd`). None for a name without Chinese characters.
 */
export function nameReadings(name: string): readonly string[] {
  if (!/\p{Script=Han}/u.test(name)) return [];
  const options = { toneType: "none", type: "array" } as const;
  const syllables = pinyin(name.slice(0, readMax), { ...options, v: true });
  return [
    syllables.join(""),
    syllables.map((syllable) => syllable.charAt(0)).join(""),
  ].map((reading) => reading.toLowerCase());
}
