/**
 * From the moment an order was due to be sent until its alert is in the topic,
 * by the broker's append time, while 2,000 events a second arrive. Its limit:
 * the acknowledgement of the same appends.
 */
import { cpus } from "node:os";
import {
  withNamespace,
  withProduct,
  type BenchNamespace,
  type KeyedRecord,
} from "./bench-namespace.ts";
import type { Benchmark } from "./benchmark.ts";
import type { Figure } from "./figure.ts";
import {
  createLatencies,
  percentileFigure,
  type Latencies,
} from "./latencies.ts";
import { nowMs, runPaced } from "./paced.ts";
import { cpuBetween, ownProcesses, productShares } from "./processes.ts";
import {
  calmCustomer,
  createTraffic,
  suddenOrder,
  toRecord,
} from "./traffic.ts";

const eventsPerSecond = 2000;
/** Events that are due at one moment and go in one request. */
const eventsPerSend = 10;
/** Every so many sends carry one sudden large order. */
const sendsPerSudden = 10;
const customers = 10_000;
const warmSeconds = 20;

interface Sent {
  /** CPUs in use meanwhile, by role. */
  readonly inUse: ReadonlyMap<string, number>;
  /** Due time of each sudden order by the customer it is of. */
  readonly dueMs: ReadonlyMap<string, number>;
  readonly acknowledged: Latencies;
}

async function sendLoad(
  space: BenchNamespace,
  traffic: ReturnType<typeof createTraffic>,
  calm: readonly string[],
  seconds: number,
): Promise<Sent> {
  const dueMs = new Map<string, number>();
  const acknowledged = createLatencies();
  const before = ownProcesses();
  await runPaced({
    rate: eventsPerSecond / eventsPerSend,
    seconds,
    send: async (i, due) => {
      const records: KeyedRecord[] = [];
      const sudden =
        i % sendsPerSudden === 0 ? calm[i / sendsPerSudden] : undefined;
      if (sudden !== undefined) {
        dueMs.set(sudden, due);
        records.push(toRecord(suddenOrder(sudden)));
      }
      while (records.length < eventsPerSend) {
        records.push(traffic.next(Date.now()));
      }
      await space.append(records);
      acknowledged.add(nowMs() - due);
    },
  });
  const used = [...cpuBetween(before, ownProcesses())];
  const inUse = new Map(used.map(([role, cpu]) => [role, cpu / seconds]));
  return { dueMs, acknowledged, inUse };
}

/** Broker's append time of the first alert on each customer's large order. */
async function alertTimes(
  space: BenchNamespace,
  wanted: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  await space.read(space.topics.alerts, ({ batch }) => {
    for (const { value, timestamp } of batch.messages) {
      if (value === null) continue;
      const decoded = space.codec.decode(value);
      if (decoded.kind !== "record" || decoded.record.name !== "Alert")
        continue;
      const { customerId, ruleId, version } = decoded.record.value;
      if (ruleId !== "ORD-01" || version !== 1) continue;
      if (wanted.has(customerId)) found.set(customerId, Number(timestamp));
    }
  });
  return found;
}

function latencyFigures(sent: Sent, times: Latencies): Figure[] {
  const note = `${String(eventsPerSecond)} events/s, ${String(eventsPerSend)} due at a time, ${String(customers)} customers; ${String(warmSeconds)} s of warm-up left out`;
  const { total, text } = productShares(sent.inUse, 2);
  const limit = { what: "acknowledged append", times: sent.acknowledged };
  const name = "append to alert in topic";
  return [
    percentileFigure(name, 50, times, { target: { atMost: 20 }, limit, note }),
    percentileFigure(name, 99, times, { target: { atMost: 100 }, limit }),
    {
      name: "CPUs in use meanwhile",
      ...{ value: total, unit: "", note: text },
      limit: { what: "CPUs of this machine", value: cpus().length },
    },
  ];
}

export const alertLatency: Benchmark = {
  name: "alert",
  run: async ({ full }) => {
    const seconds = full ? 60 : 20;
    const sends = (eventsPerSecond / eventsPerSend) * seconds;
    const calm = Array.from(
      { length: Math.ceil(sends / sendsPerSudden) },
      (_, i) => `CALM-${String(i)}`,
    );
    return withNamespace(async (space) => {
      const traffic = createTraffic(customers);
      await space.fill(traffic.introductions());
      await space.fill(calm.flatMap(calmCustomer).map(toRecord));
      return withProduct(space, async () => {
        await space.settled();
        await sendLoad(space, traffic, [], warmSeconds);
        await space.settled();
        const sent = await sendLoad(space, traffic, calm, seconds);
        await space.settled();
        const appended = await alertTimes(space, sent.dueMs);
        const times = createLatencies();
        for (const [customer, due] of sent.dueMs) {
          const at = appended.get(customer);
          if (at === undefined) throw new Error(`no alert for ${customer}`);
          times.add(at - due);
        }
        return latencyFigures(sent, times);
      });
    });
  },
};
