/** Deliveries that are owed, in Redis: durable, shared by all instances. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Redis } from "ioredis";
import { z } from "zod";

/** Deliveries given up that are kept for a look. */
export const deadMax = 1000;

const delivery = z.object({
  id: z.string(),
  hook: z.string(),
  alertId: z.string(),
  /** JSON text, signed as it stands. */
  body: z.string(),
  /** Tries so far. */
  attempts: z.number().int(),
});
export type Delivery = z.infer<typeof delivery>;

/** Place in one partition of the alerts topic. */
export interface PushPosition {
  /** Next offset of the topic. */
  readonly next: number;
  /** Position of the last output taken, to drop repeats; -1 = none. */
  readonly posOffset: number;
  readonly posN: number;
}

export interface Outbox {
  position: (partition: number) => Promise<PushPosition | null>;
  /** Sets the first position of a partition unless there is one; answers it. */
  begin: (partition: number, next: number) => Promise<PushPosition>;
  /** Stores deliveries and the position, whole; false when another moved it. */
  enqueue: (
    partition: number,
    from: PushPosition,
    to: PushPosition,
    rows: readonly Delivery[],
    nowMs: number,
  ) => Promise<boolean>;
  /** Takes at most `max` due deliveries until an instant. */
  take: (nowMs: number, untilMs: number, max: number) => Promise<Delivery[]>;
  done: (id: string) => Promise<void>;
  again: (row: Delivery, atMs: number) => Promise<void>;
  /** Gives a delivery up and keeps it with the reason. */
  bury: (row: Delivery, why: string, nowMs: number) => Promise<void>;
  size: () => Promise<number>;
}

function script(name: string): string {
  return readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8");
}

const positionText = ({ next, posOffset, posN }: PushPosition): string =>
  `${String(next)} ${String(posOffset)} ${String(posN)}`;

/** Position of its stored text, or null when there is none. */
export function parsePosition(text: string | null): PushPosition | null {
  if (text === null) return null;
  const [next = 0, posOffset = -1, posN = -1] = text.split(" ").map(Number);
  return { next, posOffset, posN };
}

export function createOutbox(redis: Redis, namespace: string): Outbox {
  const tag = `{${namespace}:notify}`;
  const keys = {
    pos: `${tag}:pos`,
    outbox: `${tag}:outbox`,
    due: `${tag}:due`,
    dead: `${tag}:dead`,
  };
  const enqueueScript = script("./enqueue.lua");
  const takeScript = script("./take.lua");

  const position = async (partition: number): Promise<PushPosition | null> =>
    parsePosition(await redis.hget(keys.pos, String(partition)));

  return {
    position,
    begin: async (partition, next) => {
      const first = { next, posOffset: -1, posN: -1 };
      await redis.hsetnx(keys.pos, String(partition), positionText(first));
      return (await position(partition)) ?? first;
    },
    enqueue: async (partition, from, to, rows, nowMs) => {
      const answer = await redis.eval(
        enqueueScript,
        3,
        keys.pos,
        keys.outbox,
        keys.due,
        String(partition),
        positionText(from),
        positionText(to),
        String(nowMs),
        ...rows.flatMap((row) => [row.id, JSON.stringify(row)]),
      );
      return answer === "OK";
    },
    take: async (nowMs, untilMs, max) => {
      const rows = await redis.eval(
        takeScript,
        2,
        keys.outbox,
        keys.due,
        String(nowMs),
        String(untilMs),
        String(max),
      );
      const texts = z.array(z.string()).parse(rows);
      return texts.map((text) => delivery.parse(JSON.parse(text)));
    },
    done: async (id) => {
      await redis.multi().hdel(keys.outbox, id).zrem(keys.due, id).exec();
    },
    again: async (row, atMs) => {
      await redis
        .multi()
        .hset(keys.outbox, row.id, JSON.stringify(row))
        .zadd(keys.due, atMs, row.id)
        .exec();
    },
    bury: async (row, why, nowMs) => {
      await redis
        .multi()
        .hdel(keys.outbox, row.id)
        .zrem(keys.due, row.id)
        .lpush(keys.dead, JSON.stringify({ ...row, why, at: nowMs }))
        .ltrim(keys.dead, 0, deadMax - 1)
        .exec();
    },
    size: async () => redis.hlen(keys.outbox),
  };
}
