/** The global criteria (reliability 3), once the fault is over and lag is 0. */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createClient } from "@clickhouse/client";
import { databaseName, logPartitions } from "@riskwall/schemas/names";
import { hasReached, type BenchNamespace } from "../bench/bench-namespace.ts";
import type { RawRecord } from "../../processor/src/pipeline.ts";
import { stack, waitFor } from "../support/stack.ts";
import {
  digestOf,
  judgedTopics,
  placeOf,
  undisturbed,
  type Outputs,
} from "./undisturbed.ts";

const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const run = promisify(execFile);
const historyMaxMs = 180_000;

export interface Findings {
  /** Acknowledged events that the log does not hold (G1). */
  readonly lost: number;
  /** Customers compared with the oracle, and those that differ (G2). */
  readonly compared: number;
  readonly differing: number;
  /** True when every partition's `next` is the log's end (G3). */
  readonly atEnd: boolean;
  /** Outputs sent again, and those of them that are not the same bytes (G4). */
  readonly repeats: number;
  readonly changed: number;
  /** Outputs a run without faults makes and nobody sent; the reverse (G4). */
  readonly unmade: number;
  readonly invented: number;
  /** Events that ClickHouse holds more than once, or not at all (G5). */
  readonly doubled: number;
  readonly missing: number;
}

type Log = readonly (readonly RawRecord[])[];

/** The log by partition, up to its present end. */
async function readLog(space: BenchNamespace): Promise<Log> {
  const log: RawRecord[][] = Array.from({ length: logPartitions }, () => []);
  await space.read(space.topics.events, ({ batch }) => {
    for (const { offset, timestamp, value } of batch.messages) {
      log[batch.partition]?.push({
        offset: Number(offset),
        appendedAt: Number(timestamp),
        value,
      });
    }
  });
  return log;
}

function idsOf(space: BenchNamespace, log: Log): Set<string> {
  const ids = new Set<string>();
  for (const { value } of log.flat()) {
    const decoded = space.codec.decode(value ?? Buffer.alloc(0));
    if (decoded.kind !== "record") continue;
    const record = decoded.record.value;
    if ("eventId" in record && record.eventId !== null) ids.add(record.eventId);
  }
  return ids;
}

interface OutputFindings {
  readonly repeats: number;
  readonly changed: number;
  readonly unmade: number;
  readonly invented: number;
}

/** What the topics hold, against a run without faults of the same log. */
async function judgeOutputs(
  space: BenchNamespace,
  log: Log,
): Promise<OutputFindings> {
  const wanted = undisturbed(space, log);
  const seen: Outputs = new Map();
  const found = { repeats: 0, changed: 0, invented: 0 };
  for (const topic of judgedTopics(space)) {
    await space.read(topic, ({ batch }) => {
      for (const { value } of batch.messages) {
        const wire = value ?? Buffer.alloc(0);
        const place = placeOf(space, wire);
        const [partition = 0, offset = 0] = place.split("-").map(Number);
        // Ticks go on: this one belongs to a record after those read.
        if (offset > (log[partition]?.at(-1)?.offset ?? -1)) continue;
        const key = `${topic}/${place}`;
        const digest = digestOf(wire);
        if (seen.has(key)) found.repeats += 1;
        const first = seen.get(key) ?? wanted.get(key);
        if (first === undefined) found.invented += 1;
        else if (first !== digest) found.changed += 1;
        seen.set(key, first ?? digest);
      }
    });
  }
  const unmade = [...wanted.keys()].filter((key) => !seen.has(key)).length;
  return { ...found, unmade };
}

async function verify(
  namespace: string,
): Promise<{ readonly compared: number; readonly differing: number }> {
  const env = { ...process.env, RISKWALL_NAMESPACE: namespace };
  const args = ["test/oracle/cli.ts", "state", "verify", "-o", "json"];
  const options = { cwd: root, env, maxBuffer: 64 * 1024 * 1024 };
  const text = await run(process.execPath, args, options).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      // Differences end the verb with 1, and are printed all the same.
      const { stdout } = error as { readonly stdout?: string };
      if (stdout === undefined || stdout === "") throw error;
      return stdout;
    },
  );
  return JSON.parse(text) as { compared: number; differing: number };
}

/** Rows of the raw log, events, and distinct events that ClickHouse holds. */
async function countsOf(namespace: string): Promise<{
  readonly log: number;
  readonly events: number;
  readonly distinct: number;
}> {
  const client = createClient({
    url: stack().clickhouseUrl,
    database: databaseName(namespace),
  });
  try {
    const reply = await client.query({
      query:
        "SELECT (SELECT count() FROM log) AS log, count() AS events, uniqExact(partition, offset) AS distinct FROM events",
      format: "JSONEachRow",
    });
    const [row] = await reply.json<Record<string, string>>();
    const at = (name: string): number => Number(row?.[name] ?? 0);
    return {
      ...{ log: at("log"), events: at("events") },
      distinct: at("distinct"),
    };
  } finally {
    await client.close();
  }
}

/** Judges a namespace whose load has ended. */
export async function findingsOf(
  space: BenchNamespace,
  acknowledged: ReadonlySet<string>,
): Promise<Findings> {
  await space.settled();
  const ends = await space.ends(space.topics.events);
  const log = await readLog(space);
  const inLog = idsOf(space, log);
  const lost = [...acknowledged].filter((id) => !inLog.has(id)).length;
  const records = ends.reduce((sum, end) => sum + end, 0);
  // Ticks go on, so the history may hold more by now than was asked for.
  await waitFor(async () => (await countsOf(space.namespace)).log >= records, {
    timeoutMs: historyMaxMs,
    everyMs: 500,
  });
  const counts = await countsOf(space.namespace);
  const { compared, differing } = await verify(space.namespace);
  return {
    ...{ lost, compared, differing },
    atEnd: hasReached(await space.committed(), ends),
    ...(await judgeOutputs(space, log)),
    doubled: counts.events - counts.distinct,
    missing: Math.max(0, records - counts.log),
  };
}
