/**
 * Routes the alerts topic: one process at a time, by a lease that fences every
 * write. Positions, groups and deliveries of a step are stored together, so an
 * alert makes its deliveries exactly once, whenever a process dies.
 */
import { randomUUID } from "node:crypto";
import { groupName, topicNames } from "@riskwall/schemas/names";
import type { Codec } from "@riskwall/schemas/codec";
import type { EachBatchPayload } from "kafkajs";
import type { Logger } from "pino";
import type { Plan } from "./core/plan.ts";
import { nextDue, stepRouter, type Seen } from "./core/router.ts";
import type { Change, RouterState } from "./core/router-state.ts";
import type { ZoneOffset } from "./core/time-intervals.ts";
import { chainKey, rowsOf } from "./delivery-rows.ts";
import {
  createConsumer,
  topicBounds,
  type Admin,
  type Kafka,
} from "./io/kafka.ts";
import { newItems, readItem, type Item } from "./read-alert.ts";
import { leaseMs } from "./outbox/limits.ts";
import { createRepeats } from "./repeat.ts";
import type {
  RouterStore,
  StepWork,
  TopicPosition,
} from "./outbox/router-store.ts";

const tickMs = 100;
const renewEveryMs = leaseMs / 3;
const leadEveryMs = 200;
const commitAgainMs = 200;

export interface RouteDeps {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly codec: Codec;
  readonly namespace: string;
  readonly store: RouterStore;
  readonly plan: () => Plan;
  readonly zoneOffset: ZoneOffset;
  /** Host and port of this instance: nobody else has them. */
  readonly owner: string;
  readonly now: () => number;
  readonly log: Logger;
  /** Deliveries were written. */
  readonly onRows: () => void;
  /** Somebody else routes, or the state is not to be trusted any more. */
  readonly onLost: (why: string) => void;
}

export interface Routing {
  /** True once this instance routes and reads. */
  readonly leads: () => boolean;
  readonly state: () => RouterState | null;
  readonly stop: () => Promise<void>;
}

const wait = async (ms: number): Promise<void> =>
  new Promise((done) => setTimeout(done, ms));

interface Leading {
  readonly lease: string;
  readonly state: RouterState;
  readonly positions: Map<number, TopicPosition>;
  step: number;
}

/** Waits for the lease in the background, then reads and routes. */
export function startRouting(deps: RouteDeps): Routing {
  const { store, log } = deps;
  let leading: Leading | null = null;
  let stopping = false;
  let reading = false;
  let queue: Promise<unknown> = Promise.resolve();
  const stops: (() => Promise<void>)[] = [];

  /** Steps never overlap; each begins from the stored outcome of the last. */
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };

  const lose = (why: string): void => {
    if (leading === null) return;
    leading = null;
    if (!stopping) deps.onLost(why);
  };

  /** The same step again until it is stored; lost when another routes. */
  const commit = async (mine: Leading, work: StepWork): Promise<boolean> => {
    while (!stopping) {
      try {
        if (await store.commit(mine.lease, mine.step, work)) {
          mine.step += 1;
          return true;
        }
        lose("FENCED: another instance routes");
        return false;
      } catch (error) {
        log.warn({ error: String(error) }, "step not stored; again");
        await wait(commitAgainMs);
      }
    }
    return false;
  };

  const step = async (
    mine: Leading,
    seen: readonly Seen[],
    positions: StepWork["positions"],
  ): Promise<void> => {
    const plan = deps.plan();
    const { zoneOffset } = deps;
    const moment = { plan, now: deps.now(), zoneOffset };
    const change = stepRouter(mine.state, seen, moment);
    const rows = change.notices.flatMap((told) => rowsOf(told, plan));
    const work = workOf(mine.state, change, rows, positions);
    if (!(await commit(mine, work))) return;
    for (const [partition, at] of positions) mine.positions.set(partition, at);
    for (const missed of change.missed) {
      log.error(missed, "an escalation step reaches nobody");
    }
    if (rows.length > 0) deps.onRows();
  };

  const takeItems = async (
    mine: Leading,
    partition: number,
    items: readonly Item[],
  ): Promise<void> => {
    const from = mine.positions.get(partition);
    if (!from) return;
    const [first] = items;
    if (first && first.offset > from.next) {
      const { next } = from;
      log.error(
        { partition, next, offset: first.offset },
        "alerts are missing",
      );
    }
    const { to, seen } = newItems(from, items);
    await step(mine, seen, [[partition, to]]);
  };

  const takeBatch = async (payload: EachBatchPayload): Promise<void> => {
    const { batch, resolveOffset, heartbeat } = payload;
    const items: Item[] = [];
    for (const { offset, value } of batch.messages) {
      items.push(await readItem(deps.codec, Number(offset), value));
    }
    await inTurn(async () => {
      if (leading) await takeItems(leading, batch.partition, items);
    });
    resolveOffset(batch.lastOffset());
    await heartbeat();
  };

  const read = async (mine: Leading): Promise<void> => {
    const topic = topicNames(deps.namespace).alerts;
    const bounds = await topicBounds(deps.admin, topic);
    // Partitions met for the first time begin at their ends.
    const fresh: (readonly [number, TopicPosition])[] = [];
    for (const [partition, { high }] of bounds) {
      if (mine.positions.has(partition)) continue;
      fresh.push([partition, { next: high, posOffset: -1, posN: -1 }]);
    }
    if (fresh.length > 0) await inTurn(async () => step(mine, [], fresh));
    const group = groupName(deps.namespace, `notify.${randomUUID()}`);
    const consumer = createConsumer(deps.kafka, group);
    stops.push(async () => consumer.disconnect());
    consumer.on(consumer.events.GROUP_JOIN, () => {
      for (const [partition, { next }] of mine.positions) {
        consumer.seek({ topic, partition, offset: String(next) });
      }
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      log.error({ error: String(payload.error) }, "alerts consumer crashed");
      if (!payload.restart) lose("the alerts consumer ended");
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: takeBatch,
    });
  };

  const tick = async (): Promise<void> => {
    if (!leading) return;
    const due = nextDue(leading.state);
    if (due !== null && due <= deps.now()) await step(leading, [], []);
  };

  const renew = async (): Promise<void> => {
    if (leading && !(await store.renew(leading.lease))) {
      lose("the lease is another's");
    }
  };

  const lead = async (): Promise<void> => {
    const token = randomUUID();
    while (!stopping) {
      try {
        if (await store.lead(deps.owner, token)) break;
      } catch (error) {
        log.debug({ error: String(error) }, "no lease yet");
      }
      await wait(leadEveryMs);
    }
    if (stopping) return;
    const lease = `${deps.owner} ${token}`;
    const { state, positions, step: stored } = await store.load();
    leading = { lease, state, positions, step: stored };
    const repeats = createRepeats(log);
    repeats.every(renewEveryMs, "lease", renew);
    repeats.every(tickMs, "routing", async () => inTurn(tick));
    stops.push(repeats.stop);
    await read(leading);
    reading = true;
    log.info({ groups: state.groups.size }, "routing");
  };

  lead().catch((error: unknown) => {
    deps.onLost(String(error));
  });
  return {
    leads: () => leading !== null && reading,
    state: () => leading?.state ?? null,
    stop: async () => {
      stopping = true;
      for (const stop of stops.reverse()) await stop();
      await queue;
    },
  };
}

function workOf(
  state: RouterState,
  change: Change,
  rows: StepWork["rows"],
  positions: StepWork["positions"],
): StepWork {
  const { acknowledged } = change;
  return {
    ...{ positions, rows },
    groups: [...change.groups].map((id) => [id, state.groups.get(id) ?? null]),
    storms: [...change.storms].flatMap((key) => {
      const storm = state.storms.get(key);
      return storm ? [[key, storm] as const] : [];
    }),
    acknowledged: acknowledged.map((one) => [one.alertId, one.updatedAt]),
    stopped: change.stopped.map(({ groupId, bornAt, alertIds: alerts }) => {
      return { chain: chainKey(groupId, bornAt), alerts };
    }),
  };
}
