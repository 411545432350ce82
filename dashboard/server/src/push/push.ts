/**
 * Pushes each new alert to the webhooks that want it. Reads the alerts topic by
 * a position of its own that moves together with the outbox, so an alert is
 * sent at least once across restarts, always under the same delivery id.
 */
import type { Alert } from "@riskwall/schemas";
import type { Codec } from "@riskwall/schemas/codec";
import { groupName, topicNames } from "@riskwall/schemas/names";
import type { EachBatchPayload } from "kafkajs";
import type { Logger } from "pino";
import type { Counter } from "prom-client";
import { isAfter } from "../core/positions.ts";
import {
  topicBounds,
  type Admin,
  type Kafka,
  type LogWriter,
} from "../io/kafka.ts";
import { decodeWire, positionOf } from "../io/outputs.ts";
import type { Settings, Webhook } from "../io/settings.ts";
import { createRepeats } from "../live/repeat.ts";
import { firing, firingBody, isWanted } from "./message.ts";
import type { Delivery, Outbox, PushPosition } from "./outbox.ts";
import { postDelivery, timeoutMs } from "./post.ts";
import { attemptsMax, pauseMs, type Outcome } from "./retry.ts";
import { deliveryId } from "./sign.ts";

/** Deliveries sent side by side at most. */
export const sideMax = 8;
const workEveryMs = 250;
/** A delivery taken by an instance that died is due again after this. */
const takenMs = 4 * timeoutMs;

export interface PushDeps {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly codec: Codec;
  readonly namespace: string;
  readonly settings: Pick<Settings, "webhook" | "webhooks">;
  readonly writer: Pick<LogWriter, "setting">;
  readonly outbox: Outbox;
  readonly publicUrl: string;
  readonly deliveries: Counter<"channel" | "outcome">;
  readonly log: Logger;
  readonly now: () => number;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
}

/** Starts reading and sending; answers how to stop. */
export async function startPush(deps: PushDeps): Promise<() => Promise<void>> {
  const stopReading = await readAlertsTopic(deps);
  const repeats = createRepeats(deps.log);
  repeats.every(workEveryMs, "webhook deliveries", async () => sendDue(deps));
  return async () => {
    repeats.stop();
    await stopReading();
  };
}

/** Deliveries that an alert makes. */
function rowsOf(alert: Alert, deps: PushDeps): Delivery[] {
  const wanted = deps.settings
    .webhooks()
    .filter((hook) => isWanted(alert, hook));
  if (wanted.length === 0) return [];
  const body = firingBody(alert, deps.publicUrl);
  const { alertId } = alert;
  return wanted.map(({ id: hook }) => ({
    id: deliveryId(alertId, `webhook:${hook}`, firing),
    hook,
    alertId,
    body,
    attempts: 0,
  }));
}

async function readAlertsTopic(deps: PushDeps): Promise<() => Promise<void>> {
  const { outbox, log } = deps;
  const topic = topicNames(deps.namespace).alerts;
  const places = new Map<number, PushPosition>();
  const consumer = deps.kafka.consumer({
    groupId: groupName(deps.namespace, "notify"),
    sessionTimeout: 10_000,
    heartbeatInterval: 2500,
    maxWaitTimeInMs: 100,
    minBytes: 1,
    readUncommitted: true,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 50 },
  });

  /** Goes on where the stored position stands, or at the end at first. */
  const claim = async (partitions: readonly number[]): Promise<void> => {
    const { high } = await topicBounds(deps.admin, topic);
    for (const partition of partitions) {
      const place = await outbox.begin(partition, high[partition] ?? 0);
      places.set(partition, place);
      consumer.seek({ topic, partition, offset: String(place.next) });
    }
    consumer.resume([{ topic }]);
  };

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    consumer.pause([{ topic }]);
    places.clear();
    const mine = payload.memberAssignment[topic] ?? [];
    const retry = (): void => {
      claim(mine).catch((error: unknown) => {
        log.warn({ error: String(error) }, "push position not read");
        setTimeout(retry, 1000);
      });
    };
    retry();
  });

  const takeBatch = async (payload: EachBatchPayload): Promise<void> => {
    const { batch, resolveOffset, heartbeat } = payload;
    const from = places.get(batch.partition);
    if (!from) return;
    const rows: Delivery[] = [];
    let to = from;
    for (const message of batch.messages) {
      const offset = Number(message.offset);
      if (offset < to.next) continue;
      to = { ...to, next: offset + 1 };
      const decoded = await decodeWire(
        deps.codec,
        message.value ?? Buffer.alloc(0),
      );
      if (decoded.kind !== "record") continue;
      const { record } = decoded;
      const pos = positionOf(record);
      const last = { offset: to.posOffset, n: to.posN };
      if (!pos || !isAfter(pos, last)) continue;
      to = { ...to, posOffset: pos.offset, posN: pos.n };
      if (record.name === "Alert") rows.push(...rowsOf(record.value, deps));
    }
    const { partition } = batch;
    if (await outbox.enqueue(partition, from, to, rows, deps.now())) {
      places.set(partition, to);
      resolveOffset(batch.lastOffset());
    } else {
      // Another instance reads this partition now, or did: go on from there.
      places.delete(partition);
      const place = await outbox.position(partition);
      if (place) {
        places.set(partition, place);
        consumer.seek({ topic, partition, offset: String(place.next) });
      }
    }
    await heartbeat();
  };

  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: takeBatch,
  });
  return async () => consumer.disconnect();
}

async function sendDue(deps: PushDeps): Promise<void> {
  const now = deps.now();
  const rows = await deps.outbox.take(now, now + takenMs, sideMax);
  await Promise.all(rows.map(async (row) => sendOne(row, deps)));
}

async function sendOne(row: Delivery, deps: PushDeps): Promise<void> {
  const hook = deps.settings.webhook(row.hook);
  const outcome: Outcome =
    hook === null || !hook.enabled
      ? { kind: "fail", why: "the webhook is gone or off" }
      : await postDelivery(hook, row, deps.now());
  const attempts = row.attempts + 1;
  const over = outcome.kind === "retry" && attempts >= attemptsMax;
  const label = over ? "fail" : outcome.kind;
  deps.deliveries.inc({ channel: "webhook", outcome: label });
  if (outcome.kind === "ok") {
    await deps.outbox.done(row.id);
    return;
  }
  const { why } = outcome;
  if (outcome.kind === "retry" && !over) {
    const pause = pauseMs(attempts, outcome.afterMs, deps.random());
    await deps.outbox.again({ ...row, attempts }, deps.now() + pause);
    deps.log.warn({ delivery: row.id, attempts, pause, why }, "pushed later");
    return;
  }
  deps.log.error({ delivery: row.id, attempts, why }, "push given up");
  await deps.outbox.bury({ ...row, attempts }, why, deps.now());
  if (outcome.kind === "disable" && hook !== null) await disable(hook, deps);
}

/** 410: the receiver wants no more. */
async function disable(hook: Webhook, deps: PushDeps): Promise<void> {
  await deps.writer.setting(`webhook:${hook.id}`, { ...hook, enabled: false });
}
