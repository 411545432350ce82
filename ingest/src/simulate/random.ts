/** Seeded randomness: the same seed gives the same stream (sfc32). */
export interface Random {
  /** Uniform in [0, 1). */
  next: () => number;
  /** Whole number in [low, high]. */
  whole: (low: number, high: number) => number;
  pick: <T>(list: readonly T[]) => T;
  /** Standard normal (Box-Muller). */
  normal: () => number;
  chance: (p: number) => boolean;
  /** An independent stream for a part, by name. */
  fork: (name: string) => Random;
}

function seedWords(text: string): [number, number, number, number] {
  let h = 1779033703 ^ text.length;
  const words: number[] = [];
  for (let w = 0; w < 4; w += 1) {
    for (let i = 0; i < text.length; i += 1) {
      h = Math.imul(h ^ (text.charCodeAt(i) + w * 131), 3432918353);
      h = (h << 13) | (h >>> 19);
    }
    h = Math.imul(h ^ (h >>> 16), 2246822507);
    h = Math.imul(h ^ (h >>> 13), 3266489909);
    words.push((h ^ (h >>> 16)) >>> 0);
  }
  const [a = 1, b = 2, c = 3, d = 4] = words;
  return [a, b, c, d];
}

export function createRandom(seed: string): Random {
  let [a, b, c, d] = seedWords(seed);
  const next = (): number => {
    const t = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i += 1) next();
  const random: Random = {
    next,
    whole: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (list) => {
      const item = list[Math.floor(next() * list.length)];
      if (item === undefined) throw new Error("nothing to pick from");
      return item;
    },
    normal: () => {
      const u = Math.max(next(), 1e-12);
      return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * next());
    },
    chance: (p) => next() < p,
    fork: (name) => createRandom(`${seed}/${name}`),
  };
  return random;
}
