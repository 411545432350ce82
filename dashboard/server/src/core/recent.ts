/** The latest N things by time, as rows of a live topic. */
import type { Json, LiveOp } from "@riskwall/schemas/live";

export interface Recent<Item> {
  /** Takes items in any order; answers the ops that make the rows so. */
  add: (items: readonly Item[]) => LiveOp[];
  /** Latest first. */
  list: () => Item[];
  find: (test: (item: Item) => boolean) => Item | undefined;
}

export interface RecentOptions<Item> {
  readonly max: number;
  readonly key: (item: Item) => string;
  readonly at: (item: Item) => number;
  readonly row: (item: Item) => Json;
}

export function createRecent<Item>(options: RecentOptions<Item>): Recent<Item> {
  const { max, key, at, row } = options;
  let items: Item[] = [];
  return {
    add: (added) => {
      if (added.length === 0) return [];
      const before = new Set(items.map(key));
      const merged = new Map(items.map((item) => [key(item), item]));
      for (const item of added) merged.set(key(item), item);
      items = [...merged.values()].sort((a, b) => at(b) - at(a)).slice(0, max);
      const after = new Set(items.map(key));
      const ops: LiveOp[] = [];
      for (const gone of before) {
        if (!after.has(gone)) ops.push({ op: "del", key: gone });
      }
      for (const item of items) {
        const name = key(item);
        if (before.has(name)) continue;
        ops.push({ op: "set", key: name, value: row(item) });
      }
      return ops;
    },
    list: () => items,
    find: (test) => items.find(test),
  };
}
