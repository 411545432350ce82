import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEncoder } from "../io/kafka.ts";
import { memoryCodec, memoryDoor, memoryLog } from "../io/in-memory.ts";
import { shippedTextReader } from "../text-reader.ts";
import { importKey, openImportState } from "./import-state.ts";
import { parseMapping } from "./mapping.ts";
import {
  pieceMaxEvents,
  runImport,
  type ImportDeps,
  type ImportResult,
} from "./run-import.ts";
import {
  compareEntries,
  createRunWriter,
  mergeRuns,
  type Entry,
} from "./sorted-runs.ts";

const now = Date.UTC(2026, 10, 20);
const codec = memoryCodec();
const readText = shippedTextReader();
const yaml = `
source: old
decimals: 2
timezone: UTC
events:
  - type: payment.received
    id: "p-{row}"
    time: "{DAY}"
    data: { customerId: "{C}", paymentId: "P-{row}", amount: "{A}", currency: CNY, valueDate: "{DAY}" }
`;

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "riskwall-import-"));
  onTestFinished(() => {
    rmSync(made, { recursive: true });
  });
  return made;
}

function world() {
  const log = memoryLog();
  const deps: ImportDeps = {
    appender: log,
    encoder: createEncoder(codec, "test"),
    door: memoryDoor(),
    count: () => undefined,
    context: () => ({ now, latest: now, historical: true, readText }),
    pace: async () => Promise.resolve(),
    watcher: {
      onBytes: () => undefined,
      onPlan: () => undefined,
      onSent: () => undefined,
      stopping: () => false,
    },
  };
  return { log, deps, home: folder() };
}

type World = ReturnType<typeof world>;

async function run(
  { deps, home }: World,
  text: string | Buffer,
  mapping = yaml,
): Promise<ImportResult | null> {
  const file = join(home, "in");
  writeFileSync(file, text);
  const state = openImportState(home, await importKey(file, [mapping]));
  try {
    return await runImport(file, parseMapping(mapping), state, deps);
  } finally {
    state.unlock();
  }
}

const rows = (count: number): string =>
  `C,A,DAY\n${Array.from(
    { length: count },
    (_, i) =>
      `C-${String((i * 7) % 11)},${String(i)}.10,2020-01-${String(1 + ((i * 5) % 28)).padStart(2, "0")}`,
  ).join("\n")}\n`;

interface Payment {
  readonly customerId: string;
  readonly time: number;
  readonly eventId: string;
}

const payments = ({ log }: World): Payment[] =>
  log.decoded(codec).map(({ value }) => value as unknown as Payment);

describe("import", () => {
  it("takes every row, sorted by customer and time", async () => {
    const w = world();
    const result = await run(w, rows(5000));
    expect(result).toMatchObject({
      accepted: 5000,
      duplicates: 0,
      rejected: 0,
      rows: 5000,
      finished: true,
    });
    const sent = payments(w);
    const order = sent.map(({ customerId, time, eventId }): Entry => [
      customerId,
      time,
      Number(eventId.slice(2)),
      0,
      null,
    ]);
    expect([...order].sort(compareEntries)).toEqual(order);
    expect(new Set(sent.map(({ eventId }) => eventId)).size).toBe(5000);
  });

  it("reads gzip and NDJSON", async () => {
    const zipped = await run(world(), gzipSync(rows(10)));
    expect(zipped).toMatchObject({ accepted: 10 });
    const lines = [{ C: "C-1", A: 1.1, DAY: "2020-01-01" }, 5, "x"]
      .map((item) => (item === "x" ? "{" : JSON.stringify(item)))
      .join("\n");
    const json = await run(world(), lines, `format: ndjson${yaml}`);
    expect(json).toMatchObject({ accepted: 1, rejected: 2, rows: 1 });
  });

  it("reads an encoding other than UTF-8", async () => {
    const w = world();
    const gbk = Buffer.concat([
      Buffer.from("C,A,DAY\n"),
      Buffer.from([0xd2, 0xf8, 0xd0, 0xd0]),
      Buffer.from(",1.00,2020-01-01\n"),
    ]);
    await run(w, gbk, `encoding: gbk${yaml}`);
    expect(payments(w)[0]?.customerId).toBe("银行");
    expect(await run(world(), gbk)).toMatchObject({ rejected: 1 });
  });

  it("names line and reason of each row it cannot take", async () => {
    const text = [
      "C,A,DAY",
      'C-1,1.00,2020-01-01,"two',
      'lines"',
      "C-1,x,2020-01-01",
      "",
      "C-1,1.00",
      "C-1,-1,2020-01-01",
      "C-1,1.00,2030-01-01",
      "C-1,1.00,2020-01-01",
    ].join("\n");
    const result = await run(world(), text);
    expect(result).toMatchObject({ accepted: 1, rejected: 6 });
    const file = readFileSync(result?.rejects ?? "", "utf8");
    const rejects: unknown = parse(file, { columns: true });
    expect(rejects).toMatchObject([
      { line: "2", code: "column_count" },
      { line: "4", code: "amount_malformed", path: "data.amount" },
      { line: "5", code: "empty_row" },
      { line: "6", code: "column_count" },
      { line: "7", code: "amount_negative", eventId: "p-4" },
      { line: "8", code: "time_in_future" },
    ]);
  });

  it("counts repeated ids as duplicates and sends them once", async () => {
    const w = world();
    const same = yaml.replace("p-{row}", "p-{C}");
    const result = await run(w, rows(100), same);
    expect(result).toMatchObject({ accepted: 11, duplicates: 89 });
    expect(w.log.records).toHaveLength(11);
  });

  it("run again when it is done, sends nothing and says duplicates", async () => {
    const w = world();
    await run(w, rows(100));
    const again = await run(w, rows(100));
    expect(again).toMatchObject({ accepted: 0, duplicates: 100 });
    expect(w.log.records).toHaveLength(100);
  });

  it("goes on after a stop at any piece, with exact counts", async () => {
    const total = pieceMaxEvents * 3 + 10;
    for (const stopAt of [0, 1, 2, 3]) {
      const w = world();
      let pieces = 0;
      w.log.onAppend = () => {
        pieces += 1;
        // The piece is in the log, and the process dies before it knows.
        if (pieces === stopAt + 1) throw new Error("killed");
      };
      await expect(run(w, rows(total))).rejects.toThrow("killed");
      const result = await run(w, rows(total));
      expect(result).toMatchObject({ accepted: total, duplicates: 0 });
      const ids = payments(w).map(({ eventId }) => eventId);
      expect(new Set(ids).size).toBe(total);
      // Only the piece cut short went twice; the fold drops repeats.
      expect(ids.length - total).toBeLessThanOrEqual(pieceMaxEvents);
    }
  });

  it("keeps the verdict of a piece cut short, duplicates and all", async () => {
    const w = world();
    const same = yaml.replace("p-{row}", "p-{C}");
    let first = true;
    w.log.onAppend = () => {
      if (first) {
        first = false;
        throw new Error("killed");
      }
    };
    await expect(run(w, rows(100), same)).rejects.toThrow("killed");
    const result = await run(w, rows(100), same);
    expect(result).toMatchObject({ accepted: 11, duplicates: 89 });
  });

  it("stops when asked to, and says that it is not finished", async () => {
    const w = world();
    let stop = false;
    const watcher = { ...w.deps.watcher, stopping: () => stop };
    w.log.onAppend = () => {
      stop = true;
    };
    const asked = { ...w, deps: { ...w.deps, watcher } };
    const part = await run(asked, rows(pieceMaxEvents * 2));
    expect(part).toMatchObject({ finished: false, accepted: pieceMaxEvents });
    stop = false;
    w.log.onAppend = () => undefined;
    const rest = await run(asked, rows(pieceMaxEvents * 2));
    expect(rest).toMatchObject({ accepted: pieceMaxEvents * 2 });
  });

  it("refuses to run twice at once", async () => {
    const home = folder();
    const state = openImportState(home, "k");
    // The lock of a process that is alive, other than this one.
    writeFileSync(join(state.folder, "lock"), String(process.ppid));
    expect(() => openImportState(home, "k")).toThrow(/is importing/);
    state.unlock();
    openImportState(home, "k").unlock();
  });

  it("says what is wrong with a file that is cut", async () => {
    const cut = gzipSync(rows(1000)).subarray(0, 200);
    await expect(run(world(), cut)).rejects.toThrow(/unexpected end/);
    await expect(run(world(), "")).rejects.toThrow(/empty/);
  });
});

describe("sorted runs", () => {
  it("merge into the order that one sort would give", async () => {
    const home = folder();
    const writer = createRunWriter(home, 7);
    const entries = Array.from({ length: 100 }, (_, i): Entry => [
      `C${String((i * 13) % 9)}`,
      (i * 31) % 17,
      i,
      i % 2,
      { i },
    ]);
    for (const entry of entries) writer.add(entry);
    const runs = writer.finish();
    expect(runs).toBe(15);
    const merged: Entry[] = [];
    for await (const entry of mergeRuns(home, runs)) merged.push(entry);
    expect(merged).toEqual([...entries].sort(compareEntries));
  });
});
