/**
 * Events of the simulator's customers as a live stream: each customer's cycle
 * of order, invoice and payment, now and then a cancellation or a complaint,
 * customers in random turn. Checked by the gateway's own parser.
 */
import { parseEvent } from "../../ingest/src/core/parse-event.ts";
import {
  dayOf,
  dayText,
  introduce,
  orderEvents,
  usualAmount,
  type SimEvent,
} from "../../ingest/src/simulate/behaviour.ts";
import {
  createPopulation,
  type Profile,
} from "../../ingest/src/simulate/population.ts";
import { createRandom } from "../../ingest/src/simulate/random.ts";
import { shippedTextReader } from "../../ingest/src/text-reader.ts";
import type { KeyedRecord } from "./bench-namespace.ts";

const dayMs = 86_400_000;
const readText = shippedTextReader();
/** The same in every run. */
const seed = "riskwall-bench";
const years = 3;
/** An order of the stream was placed so long before its invoice is paid. */
const cycleDays = 5;

/** An event of the contract as a record of the log. */
export function toRecord(event: SimEvent): KeyedRecord {
  // An event of a namespace whose log time runs ahead is none of the future.
  const now = Math.max(Date.now(), Date.parse(event.time));
  const parsed = parseEvent(event, {
    ...{ now, latest: null, historical: false },
    readText,
  });
  if (parsed.kind !== "business") {
    throw new Error(`${event.id} does not pass the gateway: ${parsed.kind}`);
  }
  const { name, value } = parsed;
  return {
    key: value.customerId,
    // Name and value belong together as the parser made them.
    record: { name, value } as KeyedRecord["record"],
  };
}

export interface Traffic {
  /** Master data and limit of every customer. */
  readonly introductions: () => Iterable<KeyedRecord>;
  /** The next event of the stream, at an event time, ms. */
  readonly next: (time: number) => KeyedRecord;
}

export function createTraffic(customers: number): Traffic {
  const random = createRandom(seed);
  const population = createPopulation(random, customers, years);
  const stream = random.fork("stream");
  const waiting = new Map<string, SimEvent[]>();
  const today = dayOf(Date.now());
  let orders = 0;
  const cycle = (profile: Profile): SimEvent[] =>
    orderEvents(profile, stream, {
      n: (orders += 1),
      day: today - cycleDays,
      hour: 10,
      amount: usualAmount(profile, stream, today, today) * 0.8,
    });
  return {
    introductions: function* () {
      const time = new Date(Date.now() - 6 * dayMs).toISOString();
      for (const profile of population) {
        for (const event of introduce(profile, today - profile.tenureDays)) {
          yield toRecord({ ...event, time });
        }
      }
    },
    next: (time) => {
      const profile = stream.pick(population);
      const queue = waiting.get(profile.id) ?? cycle(profile);
      const [event, ...rest] = queue;
      if (event === undefined) throw new Error("a cycle without events");
      if (rest.length > 0) waiting.set(profile.id, rest);
      else waiting.delete(profile.id);
      const { valueDate } = event.data;
      return toRecord({
        ...event,
        time: new Date(time).toISOString(),
        data: {
          ...event.data,
          ...(valueDate === undefined ? {} : { valueDate: dayText(today) }),
        },
      });
    },
  };
}

/** So many events of the stream, placed evenly over the last six days. */
export function* streamOf(
  traffic: Traffic,
  count: number,
): Iterable<KeyedRecord> {
  const last = Date.now();
  const first = last - 6 * dayMs;
  for (let i = 0; i < count; i += 1) {
    yield traffic.next(first + ((last - first) * i) / count);
  }
}

const usualOrders = 10;

function order(
  customerId: string,
  n: number,
  amount: string,
  time: number,
): SimEvent {
  return {
    id: `${customerId}-${String(n)}`,
    source: "bench",
    type: "order.placed",
    time: new Date(time).toISOString(),
    data: {
      ...{ customerId, orderId: `SO-${customerId}-${String(n)}` },
      ...{ amount, currency: "CNY" },
    },
  };
}

/** A customer named as its id, with ten usual orders of about 1,000 CNY. */
export function calmCustomer(customerId: string): SimEvent[] {
  const now = Date.now();
  const first = now - 6 * dayMs;
  const master: SimEvent = {
    id: `${customerId}-master`,
    source: "bench",
    type: "customer.upserted",
    time: new Date(first).toISOString(),
    data: {
      ...{ customerId, name: customerId, segment: "wholesale" },
      ...{ currency: "CNY", creditLimit: "100000.00" },
    },
  };
  const usual = Array.from({ length: usualOrders }, (_, n) =>
    order(customerId, n, `${String(1000 + n)}.00`, first + (n * dayMs) / 2),
  );
  return [master, ...usual];
}

/** The order that is thirty times as large as that customer's usual ones. */
export function suddenOrder(customerId: string): SimEvent {
  return order(customerId, usualOrders, "30000.00", Date.now());
}

/** An order of a usual amount, number `n` of the customer. */
export function usualOrder(customerId: string, n: number): SimEvent {
  return order(customerId, n, "1000.00", Date.now());
}
