/** Drops repeats of outputs: one last position per topic partition. */

export interface Position {
  readonly offset: number;
  readonly n: number;
}

export interface Positions {
  /** True when the position is new; remembers it then. */
  advance: (topic: string, partition: number, pos: Position) => boolean;
}

export function createPositions(): Positions {
  const last = new Map<string, Position>();
  return {
    advance: (topic, partition, pos) => {
      const key = `${topic}/${String(partition)}`;
      const before = last.get(key);
      if (before && !isAfter(pos, before)) return false;
      last.set(key, { offset: pos.offset, n: pos.n });
      return true;
    },
  };
}

/** True when `a` comes after `b`. */
export function isAfter(a: Position, b: Position): boolean {
  return a.offset > b.offset || (a.offset === b.offset && a.n > b.n);
}
