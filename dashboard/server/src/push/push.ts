/**
 * One webhook per new alert of its severity or above. The outbox row and the
 * position in the alerts topic move in one step, so an alert is sent at least
 * once across restarts, always with the same delivery id.
 */
import type { Alert } from "@riskwall/schemas";
import { alertView } from "@riskwall/schemas";
import type { Codec } from "@riskwall/schemas/codec";
import { groupName, topicNames } from "@riskwall/schemas/names";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { z } from "zod";
import type { Kafka } from "../io/kafka.ts";
import {
  deliveryId,
  outcomeOf,
  signWebhook,
  urlProblem,
  type Outcome,
} from "./webhook.ts";

const backoffMs = [1000, 5000, 30_000, 120_000, 600_000, 1_800_000];
const attemptsMax = 40;
const timeoutMs = 15_000;
const pollMs = 250;
const ranks = ["info", "low", "medium", "high", "critical"];

const hookSchema = z.object({
  id: z.string(),
  url: z.string(),
  secret: z.string(),
  minSeverity: z.string(),
  enabled: z.boolean(),
  allowPrivate: z.boolean().default(false),
});
type Hook = z.infer<typeof hookSchema>;

interface Delivery {
  readonly id: string;
  readonly hook: string;
  readonly body: string;
  attempts: number;
}

export interface Push {
  onSetting: (key: string, value: unknown) => void;
  webhooks: () => readonly Hook[];
  /** Follows the alerts topic from the stored position. */
  follow: (kafka: Kafka, codec: Codec) => Promise<() => Promise<void>>;
}

export interface PushDeps {
  readonly redis: Redis;
  readonly namespace: string;
  readonly log: Logger;
  readonly now: () => number;
}

export function startPush(deps: PushDeps): Push {
  const { redis, log } = deps;
  const hooks = new Map<string, Hook>();
  const tag = `{${deps.namespace}:notify}`;
  const posKey = `${tag}:pos`;
  const outbox = `${tag}:outbox`;
  const due = `${tag}:due`;
  let sending = false;

  const wanted = (alert: Alert): Hook[] =>
    alert.version !== 1 || alert.muted
      ? []
      : [...hooks.values()].filter(
          (hook) =>
            hook.enabled &&
            ranks.indexOf(alert.severity) >= ranks.indexOf(hook.minSeverity),
        );

  const enqueue = async (
    alert: Alert,
    place: string,
    offset: number,
  ): Promise<void> => {
    const step = redis.multi();
    for (const hook of wanted(alert)) {
      const id = deliveryId(alert.alertId, hook.id, "alert.firing");
      const body = JSON.stringify({
        type: "alert.firing",
        timestamp: new Date(alert.openedAt).toISOString(),
        data: alertView(alert),
      });
      const delivery: Delivery = { id, hook: hook.id, body, attempts: 0 };
      step.hset(outbox, id, JSON.stringify(delivery));
      step.zadd(due, deps.now(), id);
    }
    step.hset(posKey, place, String(offset + 1));
    await step.exec();
  };

  const post = async (hook: Hook, delivery: Delivery): Promise<Outcome> => {
    const refused = await urlProblem(hook.url, hook.allowPrivate);
    if (refused !== null) return { kind: "fail", why: refused };
    const seconds = Math.floor(deps.now() / 1000);
    try {
      const reply = await fetch(hook.url, {
        method: "POST",
        redirect: "manual",
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          "content-type": "application/json",
          "webhook-id": delivery.id,
          "webhook-timestamp": String(seconds),
          "webhook-signature": signWebhook(
            hook.secret,
            delivery.id,
            seconds,
            delivery.body,
          ),
        },
        body: delivery.body,
      });
      await reply.arrayBuffer();
      return outcomeOf(reply.status, reply.headers.get("retry-after"));
    } catch (error) {
      return { kind: "retry", afterMs: null, why: String(error) };
    }
  };

  const settle = async (
    delivery: Delivery,
    outcome: Outcome,
  ): Promise<void> => {
    if (outcome.kind === "retry" && delivery.attempts + 1 < attemptsMax) {
      const base =
        backoffMs[Math.min(delivery.attempts, backoffMs.length - 1)] ?? 1000;
      const pause = outcome.afterMs ?? base / 2 + (Math.random() * base) / 2;
      const next = { ...delivery, attempts: delivery.attempts + 1 };
      await redis
        .multi()
        .hset(outbox, delivery.id, JSON.stringify(next))
        .zadd(due, deps.now() + pause, delivery.id)
        .exec();
      log.warn(
        { delivery: delivery.id, why: outcome.why, attempts: next.attempts },
        "webhook again later",
      );
      return;
    }
    await redis.multi().hdel(outbox, delivery.id).zrem(due, delivery.id).exec();
    if (outcome.kind !== "ok")
      log.error(
        { delivery: delivery.id, why: outcome.why },
        "webhook given up",
      );
    if (outcome.kind === "disable") hooks.delete(delivery.hook);
  };

  const work = async (): Promise<void> => {
    const ids = await redis.zrangebyscore(due, 0, deps.now(), "LIMIT", 0, 20);
    for (const id of ids) {
      const text = await redis.hget(outbox, id);
      if (text === null) {
        await redis.zrem(due, id);
        continue;
      }
      const delivery = JSON.parse(text) as Delivery;
      const hook = hooks.get(delivery.hook);
      await settle(
        delivery,
        hook
          ? await post(hook, delivery)
          : { kind: "fail", why: "the webhook is gone" },
      );
    }
  };

  return {
    onSetting: (key, value) => {
      if (!key.startsWith("webhook:")) return;
      const parsed = hookSchema.safeParse(value);
      if (parsed.success) hooks.set(parsed.data.id, parsed.data);
      else hooks.delete(key.slice("webhook:".length));
    },
    webhooks: () => [...hooks.values()],
    follow: async (kafka, codec) => {
      const topic = topicNames(deps.namespace).alerts;
      const consumer = kafka.consumer({
        groupId: groupName(deps.namespace, "push"),
        sessionTimeout: 10_000,
        maxWaitTimeInMs: 100,
        readUncommitted: true,
      });
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        for (const partition of payload.memberAssignment[topic] ?? []) {
          redis.hget(posKey, String(partition)).then(
            (offset) => {
              if (offset !== null) consumer.seek({ topic, partition, offset });
            },
            (error: unknown) => {
              log.warn({ error: String(error) }, "push position");
            },
          );
        }
      });
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: false });
      await consumer.run({
        autoCommit: true,
        eachMessage: async ({ partition, message }) => {
          const offset = Number(message.offset);
          const known = Number(
            (await redis.hget(posKey, String(partition))) ?? 0,
          );
          if (offset < known || message.value === null) return;
          const decoded = codec.decode(message.value);
          if (decoded.kind !== "record" || decoded.record.name !== "Alert")
            return;
          await enqueue(decoded.record.value, String(partition), offset);
        },
      });
      const timer = setInterval(() => {
        if (sending) return;
        sending = true;
        work()
          .catch((error: unknown) => {
            log.warn({ error: String(error) }, "push");
          })
          .finally(() => {
            sending = false;
          });
      }, pollMs);
      return async () => {
        clearInterval(timer);
        await consumer.disconnect();
      };
    },
  };
}
