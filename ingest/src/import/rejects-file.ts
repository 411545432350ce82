/** The rows an import could not take, with line number and reason. */
import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { stringify } from "csv-stringify";

export interface Reject {
  /** Line of the file, from 1, the header counted. */
  readonly line: number;
  readonly eventId: string | null;
  readonly code: string;
  readonly path: string;
  readonly message: string;
  readonly raw: string;
}

export interface RejectsFile {
  readonly add: (reject: Reject) => Promise<void>;
  readonly count: () => number;
  readonly close: () => Promise<void>;
}

/** Begins the file anew, with its header. */
export function createRejectsFile(file: string): RejectsFile {
  const rows = stringify({
    header: true,
    columns: ["line", "eventId", "code", "path", "message", "raw"],
  });
  const out = createWriteStream(file);
  rows.pipe(out);
  let count = 0;
  return {
    count: () => count,
    add: async (reject) => {
      count += 1;
      if (!rows.write(reject)) await once(rows, "drain");
    },
    close: async () => {
      const done = once(out, "finish");
      rows.end();
      await done;
    },
  };
}
