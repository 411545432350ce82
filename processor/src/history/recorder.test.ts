import type { NamedRecord } from "@riskwall/schemas";
import { describe, expect, test } from "vitest";
import type { HistoryStore } from "./history-store.ts";
import type { Row, SourceRecord } from "./log-rows.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { markTopic, planSeqGap } from "./start.ts";
import { rangeTo, trackOf, type StoredPlan } from "./tracks.ts";

const events = "t.events.v1";
const decisions = "t.decisions.v1";
const topics = [events, decisions] as const;
const partitions = 2;

class Crash extends Error {}

interface MemoryStore extends Pick<HistoryStore, "savePlan" | "insert"> {
  readonly plans: Map<string, StoredPlan & { readonly seq: number }>;
  readonly tables: Map<string, Row[]>;
  /** Calls left before the process dies; after = with its effect, unseen. */
  fuse: { left: number; after: boolean } | null;
}

/** Plans replaced by sequence, a token of a table taken once: as ClickHouse. */
function memoryStore(): MemoryStore {
  const tokens = new Set<string>();
  const burn = async (effect: () => void): Promise<void> => {
    const { fuse } = store;
    if (fuse !== null && (fuse.left -= 1) < 0) {
      if (fuse.after) effect();
      throw new Crash();
    }
    effect();
    return Promise.resolve();
  };
  const store: MemoryStore = {
    plans: new Map(),
    tables: new Map(),
    fuse: null,
    savePlan: async (ranges, token, done, seq) =>
      burn(() => {
        for (const range of ranges) {
          const key = `${range.topic}/${String(range.partition)}`;
          const known = store.plans.get(key);
          if (known && known.seq > seq) continue;
          store.plans.set(key, { ...range, token, done, seq });
        }
      }),
    insert: async (table, rows, token) =>
      burn(() => {
        if (tokens.has(`${table}/${token}`)) return;
        tokens.add(`${table}/${token}`);
        store.tables.set(table, [...(store.tables.get(table) ?? []), ...rows]);
      }),
  };
  return store;
}

const at = Date.UTC(2026, 10, 20);

function order(i: number, time = at): NamedRecord {
  return {
    name: "OrderPlaced",
    value: {
      eventId: `e${String(i)}`,
      source: "erp",
      time,
      historical: true,
      customerId: `C-${String(i % 7)}`,
      orderId: `SO-${String(i)}`,
      amount: 100 + i,
      currency: "CNY",
      dueDate: null,
      termsDays: null,
      channel: null,
      shipTo: null,
      lines: null,
      insured: false,
      buyer: null,
    },
  };
}

function decision(i: number, offset: number, n: number): NamedRecord {
  return {
    name: "Decision",
    value: {
      partition: 0,
      offset,
      n,
      id: `0-${String(offset)}-${String(n)}`,
      eventId: `e${String(i)}`,
      source: "erp",
      actionId: null,
      appendedAt: at,
      orderId: `SO-${String(i)}`,
      customerId: "C-1",
      name: "恒远",
      amount: 100,
      currency: "CNY",
      amountBase: 100,
      outcome: "allow",
      codes: [],
      hits: [],
      trigger: "order",
      releaseCode: null,
      score: 600,
      class: "B",
      exposureBefore: 0,
      exposureAfter: 100,
      limit: null,
      reportingCurrency: "CNY",
      clearsZh: "",
      clearsEn: "",
      actor: null,
      reason: null,
      muted: false,
      rulesetVersion: 1,
      decidedAt: at,
      group: null,
    },
  };
}

type Log = Map<string, SourceRecord[]>;

function source(
  partition: number,
  offset: number,
  record: NamedRecord,
): SourceRecord {
  const value = Buffer.from(JSON.stringify(record));
  return { partition, offset, appendedAt: at, key: "k", value, record };
}

/** Sixty events, and decisions of which each batch was sent twice. */
function sampleLog(): Log {
  const log: Log = new Map();
  for (let p = 0; p < partitions; p += 1) {
    const own = Array.from({ length: 30 }, (_, i) =>
      source(p, i, order(i + p * 100)),
    );
    log.set(`${events}/${String(p)}`, own);
    const sent = Array.from({ length: 20 }, (_, i) =>
      decision(i, i >> 1, i & 1),
    );
    const repeated = [
      ...sent.slice(0, 8),
      ...sent.slice(4, 14),
      ...sent.slice(10),
    ];
    log.set(
      `${decisions}/${String(p)}`,
      repeated.map((record, i) => source(p, i, record)),
    );
  }
  return log;
}

let tokens = 0;
function newRecorder(store: MemoryStore, log: Log): Recorder {
  const recorder = createRecorder({
    store,
    eventsTopic: events,
    newToken: () => `token-${String((tokens += 1))}`,
    flushMaxRecords: 25,
  });
  const stored = (table: string): Row[] => store.tables.get(table) ?? [];
  const newest = Math.max(0, ...[...store.plans.values()].map((p) => p.seq));
  const planSeq = newest + planSeqGap;
  store.plans.set(markTopic, {
    ...rangeTo(trackOf(markTopic, 0, 0, null), 0),
    token: "",
    done: true,
    seq: planSeq,
  });
  recorder.assign({
    tracks: topics.flatMap((topic) =>
      Array.from({ length: partitions }, (_, p) =>
        trackOf(topic, p, 0, store.plans.get(`${topic}/${String(p)}`) ?? null),
      ),
    ),
    planSeq,
    clocks: new Map(),
    recent: stored("events").map((row) => ({
      customerId: String(row["customer_id"]),
      source: String(row["source"]),
      eventId: String(row["event_id"]),
      partition: Number(row["partition"]),
      offset: Number(row["offset"]),
    })),
  });
  expect(log.size).toBe(topics.length * partitions);
  return recorder;
}

/** Offers up to `step` further records of every partition that is read. */
function feed(recorder: Recorder, log: Log, step: number): boolean {
  let some = false;
  for (const topic of topics) {
    for (let p = 0; p < partitions; p += 1) {
      for (let i = 0; i < step && recorder.reads(topic, p); i += 1) {
        const wanted = recorder.wanted(topic, p) ?? 0;
        const record = log.get(`${topic}/${String(p)}`)?.[wanted];
        if (!record) break;
        expect(recorder.add(topic, record)).toBe("taken");
        some = true;
      }
    }
  }
  return some;
}

async function drain(
  recorder: Recorder,
  log: Log,
  step: number,
): Promise<void> {
  for (;;) {
    const fed = feed(recorder, log, step);
    const flushed = await recorder.flush();
    if (!fed && flushed === null) return;
  }
}

function check(store: MemoryStore): void {
  const places = (table: string): string[] =>
    (store.tables.get(table) ?? []).map(
      (row) =>
        `${String(row["partition"])}/${String(row["offset"])}/${String(row["n"] ?? "")}`,
    );
  for (const [table, count] of [
    ["log", 60],
    ["events", 60],
  ] as const) {
    expect(places(table)).toHaveLength(count);
    expect(new Set(places(table)).size).toBe(count);
  }
  const ids = (store.tables.get("decisions") ?? []).map((row) => row["id"]);
  expect(ids).toHaveLength(40);
}

describe("recorder", () => {
  test("stores every record once, repeats of outputs dropped", async () => {
    const store = memoryStore();
    const log = sampleLog();
    await drain(newRecorder(store, log), log, 7);
    check(store);
    expect([...store.plans.values()].every((plan) => plan.done)).toBe(true);
  });

  // A crash at every store call of the run, before and after its effect.
  const crashes = [true, false].flatMap((after) =>
    Array.from({ length: 40 }, (_, left) => ({ left, after })),
  );
  test.each(crashes)("a crash at call $left, effect $after", async (crash) => {
    const store = memoryStore();
    const log = sampleLog();
    store.fuse = { ...crash };
    let crashed = false;
    try {
      await drain(newRecorder(store, log), log, 7);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      crashed = true;
    }
    store.fuse = null;
    // More is there by now than when the plan was made.
    if (crashed) await drain(newRecorder(store, log), log, 11);
    check(store);
  });

  test("two crashes in a row, the second while repeating", async () => {
    for (let second = 0; second < 6; second += 1) {
      const store = memoryStore();
      const log = sampleLog();
      for (const left of [5, second]) {
        store.fuse = { left, after: left % 2 === 0 };
        await expect(drain(newRecorder(store, log), log, 5)).rejects.toThrow(
          Crash,
        );
      }
      store.fuse = null;
      await drain(newRecorder(store, log), log, 30);
      check(store);
    }
  });

  // The plan that a killed writer had sent reaches the store later: after the
  // next writer read the plans, at each of its calls, before a third takes over.
  test.each(Array.from({ length: 12 }, (_, left) => left))(
    "a plan that lands late loses, %i calls on",
    async (left) => {
      const store = memoryStore();
      const log = sampleLog();
      const late: Parameters<MemoryStore["savePlan"]>[] = [];
      const killed = newRecorder(
        {
          ...store,
          savePlan: (...plan) => {
            late.push(plan);
            return Promise.reject(new Crash());
          },
        },
        log,
      );
      await expect(drain(killed, log, 3)).rejects.toThrow(Crash);
      const second = newRecorder(store, log);
      store.fuse = { left, after: true };
      await expect(drain(second, log, 7)).rejects.toThrow(Crash);
      store.fuse = null;
      for (const plan of late) await store.savePlan(...plan);
      await drain(newRecorder(store, log), log, 11);
      check(store);
    },
  );

  test("while a plan is repeated nothing else is read", () => {
    const store = memoryStore();
    const recorder = createRecorder({
      store,
      eventsTopic: events,
      newToken: () => "t",
    });
    const pending: StoredPlan = {
      topic: events,
      partition: 0,
      from: 3,
      to: 5,
      posOffset: -1,
      posN: -1,
      token: "t",
      done: false,
    };
    recorder.assign({
      tracks: [trackOf(events, 0, 0, pending), trackOf(events, 1, 0, null)],
      planSeq: 1,
      clocks: new Map(),
      recent: [],
    });
    expect(recorder.wanted(events, 0)).toBe(3);
    expect(recorder.reads(events, 1)).toBe(false);
    expect(recorder.add(events, source(1, 0, order(1)))).toBe("refused");
    expect(recorder.add(events, source(0, 3, order(3)))).toBe("taken");
    expect(recorder.add(events, source(0, 4, order(4)))).toBe("taken");
    expect(recorder.reads(events, 0)).toBe(false);
  });

  test("an event sent twice makes one row, the log keeps both", async () => {
    const store = memoryStore();
    const recorder = newRecorder(store, sampleLog());
    const first = order(1);
    for (const [offset, record] of [first, order(2), first].entries()) {
      recorder.add(events, source(0, offset, record));
    }
    await recorder.flush();
    expect(store.tables.get("log")).toHaveLength(3);
    expect(store.tables.get("events")).toHaveLength(2);
  });

  test("a hole is told, and taken only when it is said to be final", () => {
    const recorder = newRecorder(memoryStore(), sampleLog());
    expect(recorder.add(events, source(0, 4, order(4)))).toBe("gap");
    expect(recorder.add(events, source(0, 4, order(4)), true)).toBe("taken");
    expect(recorder.add(events, source(0, 4, order(4)))).toBe("known");
  });

  test("rows over more than fifty months go in several inserts", async () => {
    const store = memoryStore();
    const tokensOf: string[] = [];
    const recorder = createRecorder({
      store: {
        ...store,
        insert: async (table, rows, token) => {
          if (table === "events") tokensOf.push(token);
          await store.insert(table, rows, token);
        },
      },
      eventsTopic: events,
      newToken: () => "t",
    });
    recorder.assign({
      tracks: [trackOf(events, 0, 0, null)],
      planSeq: 0,
      clocks: new Map(),
      recent: [],
    });
    for (let i = 0; i < 120; i += 1) {
      recorder.add(events, source(0, i, order(i, Date.UTC(2015, i, 3))));
    }
    await recorder.flush();
    expect(store.tables.get("events")).toHaveLength(120);
    expect(new Set(tokensOf).size).toBe(tokensOf.length);
    expect(tokensOf.length).toBeGreaterThanOrEqual(3);
  });

  test("a simulated clock moves the window that events are judged by", async () => {
    const store = memoryStore();
    const recorder = newRecorder(store, sampleLog());
    const ahead = at + 30 * 86_400_000;
    const clock: NamedRecord = {
      name: "Clock",
      value: {
        version: 1,
        effectiveAt: 0,
        anchorAppend: at,
        anchorTime: ahead,
        speed: 60,
      },
    };
    recorder.add(events, source(0, 0, order(0, ahead)));
    recorder.add(events, source(0, 1, clock));
    recorder.add(events, source(0, 2, order(2, ahead)));
    await recorder.flush();
    expect(store.tables.get("log")).toHaveLength(3);
    expect(store.tables.get("events")?.map((row) => row["offset"])).toEqual([
      2,
    ]);
  });
});
