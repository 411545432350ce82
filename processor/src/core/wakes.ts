/**
 * Earliest due instant per subject, in (due, subject) order: a binary heap
 * with lazy deletion over the current due of each subject.
 */
import { compareText } from "./sorted.ts";

interface Entry {
  readonly due: number;
  readonly subject: string;
}

export interface Wakes {
  /** Sets the due of a subject; 0 removes it. */
  set: (subject: string, due: number) => void;
  /** The next subjects due at or before `until`, in order, not removed. */
  due: (until: number, atMost: number, except: string | null) => string[];
  /** Earliest due of all, or 0. */
  first: () => number;
  readonly size: () => number;
}

export function createWakes(
  entries: Iterable<readonly [string, number]>,
): Wakes {
  const current = new Map<string, number>();
  let heap: Entry[] = [];

  const less = (a: Entry, b: Entry): boolean =>
    a.due < b.due || (a.due === b.due && compareText(a.subject, b.subject) < 0);

  const push = (entry: Entry): void => {
    heap.push(entry);
    let i = heap.length - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = heap[up];
      if (!parent || !less(entry, parent)) break;
      heap[i] = parent;
      i = up;
    }
    heap[i] = entry;
  };

  const pop = (): void => {
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      const left = heap[child];
      if (!left) break;
      const right = heap[child + 1];
      if (right && less(right, left)) child += 1;
      const smaller = heap[child];
      if (!smaller || !less(smaller, last)) break;
      heap[i] = smaller;
      i = child;
    }
    heap[i] = last;
  };

  const isCurrent = (entry: Entry): boolean =>
    current.get(entry.subject) === entry.due;

  /** Rebuilds when stale entries outnumber live ones two to one. */
  const tidy = (): void => {
    if (heap.length < 64 || heap.length < current.size * 3) return;
    heap = [];
    for (const [subject, due] of current) push({ due, subject });
  };

  const top = (): Entry | undefined => {
    for (;;) {
      const entry = heap[0];
      if (!entry || isCurrent(entry)) return entry;
      pop();
    }
  };

  const set = (subject: string, due: number): void => {
    if ((current.get(subject) ?? 0) === due) return;
    if (due === 0) {
      current.delete(subject);
      return;
    }
    current.set(subject, due);
    push({ due, subject });
    tidy();
  };

  for (const [subject, due] of entries) set(subject, due);

  return {
    set,
    due: (until, atMost, except) => {
      const taken: Entry[] = [];
      const out: string[] = [];
      while (out.length < atMost) {
        const entry = top();
        if (!entry || entry.due > until) break;
        pop();
        taken.push(entry);
        if (entry.subject !== except && out.at(-1) !== entry.subject) {
          out.push(entry.subject);
        }
      }
      for (const entry of taken) push(entry);
      return out;
    },
    first: () => top()?.due ?? 0,
    size: () => current.size,
  };
}
