/**
 * Records of one partition between the consumer and the fold, so that fetching
 * goes on while a batch is folded, sent and committed: kafkajs asks the broker
 * again only when every partition has given its batch back.
 */
import type { RawRecord } from "./pipeline.ts";

/** Records waiting at which the partition is no longer fetched. */
export const queueHigh = 2000;
/** Records left at which it is fetched again. */
export const queueLow = 1000;

export interface RowQueue {
  /** Adds a batch as it was fetched. */
  push: (rows: RawRecord[]) => void;
  /**
   * Takes the records up to the first gap in their offsets: what the broker
   * skipped is looked into where a run begins.
   */
  take: () => RawRecord[];
  size: () => number;
  clear: () => void;
}

export function createRowQueue(): RowQueue {
  let batches: RawRecord[][] = [];
  let size = 0;
  return {
    push: (rows) => {
      if (rows.length === 0) return;
      batches.push(rows);
      size += rows.length;
    },
    take: () => {
      const run = batches.shift() ?? [];
      let last = run.at(-1);
      for (;;) {
        const after = batches[0];
        if (!after || !last || after[0]?.offset !== last.offset + 1) break;
        for (const row of after) run.push(row);
        last = run.at(-1);
        batches.shift();
      }
      size -= run.length;
      return run;
    },
    size: () => size,
    clear: () => {
      batches = [];
      size = 0;
    },
  };
}
