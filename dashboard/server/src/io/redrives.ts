/**
 * What became of letters sent again: rows of `redrives`, one writer at a time.
 * `sending` (with the body) → `sent`, or → `refused` → `sending` anew. The
 * lock only guards reading and writing a plan; when it is lost, two senders
 * send the same stored body, and the fold takes an identity once.
 */
import { randomUUID } from "node:crypto";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import { z } from "zod";
import { partAway, Problem } from "../problem.ts";
import type { Past } from "./past.ts";

/** Longer than reading and writing a plan may take. */
const lockMs = 45_000;
/** A planner that waits for another asks so often, and so many times. */
const lockRetryMs = 100;
const lockTries = 50;

const stateShape = z.enum(["sending", "sent", "refused"]);
const rowShape = z.object({
  letter_id: z.string(),
  version: z.number(),
  state: stateShape,
  actor: z.string(),
  at: z.string(),
  source: z.string(),
  event_id: z.string(),
  edited: z.boolean(),
  /** JSON text of the event. */
  body: z.string(),
  answer: z.string(),
});
export type RedriveRow = z.output<typeof rowShape>;

export interface Redrives {
  /** Runs while no other process plans; 409 `redrive_busy` when one does. */
  planned: <Value>(work: () => Promise<Value>) => Promise<Value>;
  /** Newest row of each letter that has one. */
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, RedriveRow>>;
  write: (rows: readonly RedriveRow[]) => Promise<void>;
}

const unlockScript =
  "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

export function createRedrives(
  past: Past,
  redis: RedisClient,
  namespace: string,
): Redrives {
  const lock = `{${namespace}:dash}:redrive`;
  const orAway = async <Value>(work: Promise<Value>): Promise<Value> =>
    work.catch((error: unknown) => {
      throw partAway("redis", error);
    });
  const take = async (token: string): Promise<void> => {
    for (let tries = 0; tries < lockTries; tries += 1) {
      const set = await orAway(redis.set(lock, token, "PX", lockMs, "NX"));
      if (set === "OK") return;
      await new Promise((go) => setTimeout(go, lockRetryMs));
    }
    const title = "Somebody else is sending dead letters again";
    throw new Problem(409, "redrive_busy", title, {}, 1);
  };
  return {
    planned: async (work) => {
      const token = randomUUID();
      await take(token);
      try {
        return await work();
      } finally {
        await orAway(redis.eval(unlockScript, 1, lock, token));
      }
    },
    read: async (ids) => {
      const rows = await past.rows<unknown>(
        "SELECT * FROM redrives FINAL WHERE letter_id IN ({ids:Array(String)})",
        { ids },
      );
      return new Map(
        z
          .array(rowShape)
          .parse(rows)
          .map((row) => [row.letter_id, row]),
      );
    },
    write: async (rows) => {
      if (rows.length > 0) await past.insert("redrives", rows);
    },
  };
}
