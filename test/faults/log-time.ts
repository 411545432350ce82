/** Log time of a namespace, moved by records of its own log. */
import type { NamedRecord } from "@riskwall/schemas";
import { logPartitions, partitionKeys } from "@riskwall/schemas/names";
import type { BenchNamespace, KeyedRecord } from "../bench/bench-namespace.ts";
import { toRecord } from "../bench/traffic.ts";
import { dayOf, isQuietDay } from "../../ingest/src/simulate/behaviour.ts";

const dayMs = 86_400_000;
const zoneMs = 8 * 3_600_000;
/** Day rolls are spread over half an hour after midnight. */
const rollSpreadMs = 1_800_000;

export interface Midnight {
  /** Local day that ends there, as a date. */
  readonly day: string;
  readonly at: number;
  /** When the last customer's day has rolled. */
  readonly rolled: number;
}

/** The midnight that ends a working day next: what is due on others waits. */
export function nextMidnight(now: number): Midnight {
  let day = dayOf(now);
  while (isQuietDay(day)) day += 1;
  const at = (day + 1) * dayMs - zoneMs;
  return {
    day: new Date(day * dayMs).toISOString().slice(0, 10),
    at,
    rolled: at + rollSpreadMs + 60_000,
  };
}

/** Appends a control record to every partition; answers its offsets. */
export async function control(
  space: BenchNamespace,
  record: NamedRecord,
): Promise<readonly number[]> {
  const before = await space.ends(space.topics.events);
  await space.append(
    Array.from({ length: logPartitions }, (_, partition) => ({
      ...{ key: "#control", record, partition },
    })),
  );
  return before;
}

/**
 * From now on log time runs from `anchorTime`. Answers, by partition, an
 * offset at or before which log time was another.
 */
export async function setLogTime(
  space: BenchNamespace,
  version: number,
  anchorTime: number,
): Promise<readonly number[]> {
  const anchorAppend = Date.now();
  const value = { version, effectiveAt: 0, anchorAppend, anchorTime, speed: 1 };
  return control(space, { name: "Clock", value });
}

/** Log time that each partition has committed. */
export async function logTimes(
  space: BenchNamespace,
): Promise<readonly number[]> {
  const metas = Array.from(
    { length: logPartitions },
    (_, p) => partitionKeys(space.namespace, p).meta,
  );
  const found = await Promise.all(
    metas.map(async (meta) => space.redis.hget(meta, "T")),
  );
  return found.map((text) => Number(text ?? 0));
}

export interface DueRun {
  readonly customers: number;
  /** Invoices of each. */
  readonly each: number;
  /** Due date. */
  readonly due: string;
  /** When they are told of, log time. */
  readonly now: number;
}

/** Invoices of customers of their own, all due on one day. */
export function* dueInvoices(run: DueRun): Iterable<KeyedRecord> {
  const time = new Date(run.now).toISOString();
  const issueDate = new Date(run.now - 5 * dayMs).toISOString().slice(0, 10);
  for (let n = 0; n < run.customers * run.each; n += 1) {
    const customerId = `DUE-${String(n % run.customers)}`;
    yield toRecord({
      ...{
        id: `due-${String(n)}`,
        source: "due",
        type: "invoice.issued",
        time,
      },
      data: {
        ...{ customerId, invoiceId: `DUE-${String(n)}`, currency: "CNY" },
        ...{ amount: "5000.00", issueDate, dueDate: run.due },
      },
    });
  }
}
