/**
 * Sorting beyond memory: events gather until a limit, go to disk as a sorted
 * run, and the runs are merged. The order is total (customer, time, row,
 * event), so that the same input gives the same stream every time.
 */
import { closeSync, createReadStream, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { readLines } from "../body.ts";

/** Events and bytes held before a run is written. */
export const runMaxEvents = 250_000;
export const runMaxBytes = 64 * 1024 * 1024;
const writeBytes = 1024 * 1024;
const entryMaxBytes = 16 * 1024 * 1024;

/** Customer, time in ms, row of the file, event of the row, the event. */
export type Entry = readonly [
  customer: string,
  time: number,
  row: number,
  event: number,
  json: unknown,
];

export function compareEntries(a: Entry, b: Entry): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] - b[1] || a[2] - b[2] || a[3] - b[3];
}

interface Held {
  readonly entry: Entry;
  readonly text: string;
}

export interface RunWriter {
  readonly add: (entry: Entry) => void;
  /** Writes what is held; answers the number of runs. */
  readonly finish: () => number;
}

function runFile(folder: string, run: number): string {
  return join(folder, `run-${String(run).padStart(4, "0")}.ndjson`);
}

export function createRunWriter(
  folder: string,
  maxEvents: number = runMaxEvents,
): RunWriter {
  let held: Held[] = [];
  let bytes = 0;
  let runs = 0;
  const flush = (): void => {
    if (held.length === 0) return;
    held.sort((a, b) => compareEntries(a.entry, b.entry));
    const file = openSync(runFile(folder, runs), "w");
    let block = "";
    for (const { text } of held) {
      block += `${text}\n`;
      if (block.length < writeBytes) continue;
      writeSync(file, block);
      block = "";
    }
    writeSync(file, block);
    closeSync(file);
    runs += 1;
    held = [];
    bytes = 0;
  };
  return {
    add: (entry) => {
      const text = JSON.stringify(entry);
      held.push({ entry, text });
      bytes += text.length;
      if (held.length >= maxEvents || bytes >= runMaxBytes) flush();
    },
    finish: () => {
      flush();
      return runs;
    },
  };
}

interface Head {
  readonly entry: Entry;
  readonly rest: AsyncIterator<Entry>;
}

async function* readRun(file: string): AsyncGenerator<Entry> {
  const stream = createReadStream(file);
  try {
    for await (const lines of readLines(stream, entryMaxBytes)) {
      for (const { bytes } of lines) {
        // Written above, by nobody else.
        yield JSON.parse(bytes.toString("utf8")) as Entry;
      }
    }
  } finally {
    stream.destroy();
  }
}

function siftDown(heap: Head[]): void {
  let at = 0;
  for (;;) {
    let least = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      const a = heap[child];
      const b = heap[least];
      if (a && b && compareEntries(a.entry, b.entry) < 0) least = child;
    }
    const x = heap[at];
    const y = heap[least];
    if (least === at || !x || !y) return;
    heap[at] = y;
    heap[least] = x;
    at = least;
  }
}

/** All entries of the runs in order. */
export async function* mergeRuns(
  folder: string,
  runs: number,
): AsyncGenerator<Entry> {
  const heap: Head[] = [];
  for (let run = 0; run < runs; run += 1) {
    const rest = readRun(runFile(folder, run));
    const first = await rest.next();
    if (first.done !== true) heap.push({ entry: first.value, rest });
  }
  heap.sort((a, b) => compareEntries(a.entry, b.entry));
  for (let top = heap[0]; top; top = heap[0]) {
    yield top.entry;
    const next = await top.rest.next();
    if (next.done === true) {
      const last = heap.pop();
      if (last && heap.length > 0) heap[0] = last;
    } else {
      heap[0] = { entry: next.value, rest: top.rest };
    }
    siftDown(heap);
  }
}
