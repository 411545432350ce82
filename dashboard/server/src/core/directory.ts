/**
 * Every customer in memory, small: what lists, searches and the risk map sort
 * by. A view of the states in Redis, dropped and rebuilt at will.
 */
import type { RiskClass } from "@riskwall/schemas";
import { riskClass, utilisationOf, type Head } from "./customer-row.ts";

export interface Entry {
  readonly id: string;
  readonly name: string;
  /** Lower case id, name and how it is read, what `q` is looked for in. */
  readonly text: string;
  readonly class: RiskClass;
  /** 0 = not scored */
  readonly score: number;
  readonly exposure: number;
  readonly utilisation: number | null;
  readonly overdue: number;
  /** What it was made of. */
  readonly head: Head;
  /** Days of the oldest overdue item. */
  readonly daysPastDue: number;
  readonly openAlerts: number;
}

export const sortKeys = [
  "score",
  "exposure",
  "utilisation",
  "overdue",
  "daysPastDue",
  "openAlerts",
  "name",
] as const;
export type SortKey = (typeof sortKeys)[number];

/** Place of an entry in an order: its value (null = none), then its id. */
export interface Place {
  readonly value: number | string | null;
  readonly id: string;
}

export interface DirectoryQuery {
  readonly q?: string | undefined;
  readonly classes?: ReadonlySet<string> | undefined;
  readonly sort: SortKey;
  readonly descending: boolean;
  /** Only entries after this place. */
  readonly after?: Place | undefined;
  readonly limit: number;
}

export interface Directory {
  put: (head: Head) => void;
  remove: (id: string) => void;
  size: () => number;
  ids: () => Iterable<string>;
  /** At most `limit` entries in order. */
  query: (query: DirectoryQuery) => Entry[];
  placeOf: (entry: Entry, sort: SortKey) => Place;
  entries: () => Iterable<Entry>;
  /** How many fit a text, by class; the same words as `query`. */
  counts: (q: string) => Readonly<Record<RiskClass, number>>;
}

/** `read` gives the ways to type a name on a keyboard, lower case. */
export function createDirectory(
  read: (name: string) => readonly string[] = () => [],
): Directory {
  const entries = new Map<string, Entry>();
  return {
    put: (head) => {
      const known = entries.get(head.id);
      const text =
        known?.name === head.name
          ? known.text
          : [head.id, head.name, ...read(head.name)].join("\n").toLowerCase();
      entries.set(head.id, toEntry(head, text));
    },
    remove: (id) => {
      entries.delete(id);
    },
    size: () => entries.size,
    ids: () => entries.keys(),
    entries: () => entries.values(),
    placeOf,
    counts: (q) => {
      const words = wordsOf(q);
      const counts = { A: 0, B: 0, C: 0, D: 0, E: 0 };
      for (const entry of entries.values()) {
        if (hasAll(entry, words)) counts[entry.class] += 1;
      }
      return counts;
    },
    query: (query) => {
      const order = orderOf(query);
      const words = wordsOf(query.q ?? "");
      const best: Entry[] = [];
      for (const entry of entries.values()) {
        if (!hasAll(entry, words)) continue;
        if (query.classes && !query.classes.has(entry.class)) continue;
        const place = placeOf(entry, query.sort);
        if (query.after && order(place, query.after) <= 0) continue;
        keepBest(best, entry, query, order);
      }
      return best;
    },
  };
}

function wordsOf(q: string): readonly string[] {
  return q
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
}

function hasAll(entry: Entry, words: readonly string[]): boolean {
  return words.every((word) => entry.text.includes(word));
}

function toEntry(head: Head, text: string): Entry {
  const { summary } = head;
  return {
    id: head.id,
    name: head.name,
    text,
    class: riskClass(head.class),
    score: head.score,
    exposure: summary.exposure,
    utilisation: utilisationOf(summary.exposure, summary.limit),
    overdue: summary.overdue,
    head,
    daysPastDue: summary.dpdMax,
    openAlerts: summary.alerts.reduce((sum, n) => sum + n, 0),
  };
}

/** An entry that has no score or utilisation comes last in either order. */
function placeOf(entry: Entry, sort: SortKey): Place {
  const value = entry[sort];
  const none = value === null || (sort === "score" && value === 0);
  return { value: none ? null : value, id: entry.id };
}

type Order = (a: Place, b: Place) => number;

function orderOf(query: DirectoryQuery): Order {
  const sign = query.descending ? -1 : 1;
  return (a, b) => {
    if (a.value === null || b.value === null) {
      if (a.value !== b.value) return a.value === null ? 1 : -1;
    } else if (a.value !== b.value) {
      return (a.value < b.value ? -1 : 1) * sign;
    }
    return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
  };
}

/** Inserts into the sorted list of at most `limit` entries. */
function keepBest(
  best: Entry[],
  entry: Entry,
  query: DirectoryQuery,
  order: Order,
): void {
  const place = placeOf(entry, query.sort);
  const last = best.at(-1);
  const full = best.length >= query.limit;
  if (full && last && order(place, placeOf(last, query.sort)) >= 0) return;
  let low = 0;
  let high = best.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = best[middle];
    if (at && order(placeOf(at, query.sort), place) < 0) low = middle + 1;
    else high = middle;
  }
  best.splice(low, 0, entry);
  if (best.length > query.limit) best.pop();
}
