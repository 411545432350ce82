/**
 * A partition's state as a file: gzip of one JSON text a line. First the five
 * hashes, then each subject:
 *   {"meta": {…}} {"totals": {…}} {"segments": {…}} {"groups": {…}} {"book": {…}}
 *   {"subject": s, "state": base64, "score": n, "wake": ms or 0}
 */
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { isCustomer, partitionKeys } from "@riskwall/schemas/names";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import { z } from "zod";
import { pieceMax } from "./areas.ts";

/** Fast: states are packed already. */
const gzipLevel = 1;
/** Fields of meta that say who holds the partition. */
const ownerFields = ["lease", "member"];

const hash = z.record(z.string(), z.string());
const lineShape = z.union([
  z.object({ meta: hash }),
  z.object({ totals: hash }),
  z.object({ segments: hash }),
  z.object({ groups: hash }),
  z.object({ book: hash }),
  z.object({
    subject: z.string(),
    state: z.string(),
    score: z.string(),
    wake: z.string(),
  }),
]);
type Line = z.output<typeof lineShape>;

type PieceReply = [Error | null, unknown][] | null;

function valueOf(replies: PieceReply, index: number): unknown {
  const [error, value] = replies?.[index] ?? [new Error("no answer"), null];
  if (error) throw error;
  return value;
}

async function* readLines(
  redis: RedisClient,
  keys: ReturnType<typeof partitionKeys>,
): AsyncGenerator<Line> {
  const meta = await redis.hgetall(keys.meta);
  for (const name of ownerFields) delete meta[name];
  yield { meta };
  yield { totals: await redis.hgetall(keys.totals) };
  yield { segments: await redis.hgetall(keys.segments) };
  yield { groups: await redis.hgetall(keys.groups) };
  yield { book: await redis.hgetall(keys.book) };
  const names = await redis.zrange(keys.all, "0", "-1");
  for (let i = 0; i < names.length; i += pieceMax) {
    const piece = names.slice(i, i + pieceMax);
    const replies = await redis
      .pipeline()
      .mgetBuffer(...piece.map(keys.customer))
      .zmscore(keys.all, ...piece)
      .zmscore(keys.wake, ...piece)
      .exec();
    const states = valueOf(replies, 0) as (Buffer | null)[];
    const scores = valueOf(replies, 1) as (string | null)[];
    const wakes = valueOf(replies, 2) as (string | null)[];
    for (const [at, subject] of piece.entries()) {
      const state = states[at];
      if (!state) throw new Error(`${keys.customer(subject)} is missing`);
      yield {
        subject,
        state: state.toString("base64"),
        score: scores[at] ?? "0",
        wake: wakes[at] ?? "0",
      };
    }
  }
}

/** Writes the area `backup` of a partition; answers its subjects and customers. */
export async function writeStateFile(
  redis: RedisClient,
  namespace: string,
  partition: number,
  path: string,
): Promise<{ readonly subjects: number; readonly customers: number }> {
  const keys = partitionKeys(namespace, partition, "backup");
  let subjects = 0;
  let customers = 0;
  const text = async function* (): AsyncGenerator<string> {
    for await (const line of readLines(redis, keys)) {
      if ("subject" in line) {
        subjects += 1;
        if (isCustomer(line.subject)) customers += 1;
      }
      yield `${JSON.stringify(line)}\n`;
    }
  };
  await pipeline(
    Readable.from(text()),
    createGzip({ level: gzipLevel }),
    createWriteStream(path, { mode: 0o600 }),
  );
  return { subjects, customers };
}

/** Loads a file into the area `rebuild`, which is empty; answers subjects. */
export async function loadStateFile(
  redis: RedisClient,
  namespace: string,
  partition: number,
  path: string,
): Promise<number> {
  const keys = partitionKeys(namespace, partition, "rebuild");
  let subjects = 0;
  let batch = redis.pipeline();
  const flush = async (): Promise<void> => {
    const replies = await batch.exec();
    for (const [error] of replies ?? []) if (error) throw error;
    batch = redis.pipeline();
  };
  const put = (name: string, fields: Record<string, string>): void => {
    if (Object.keys(fields).length > 0) batch.hset(name, fields);
  };
  const input = createReadStream(path).pipe(createGunzip());
  for await (const text of createInterface({ input })) {
    const line = lineShape.parse(JSON.parse(text));
    if ("meta" in line) put(keys.meta, line.meta);
    else if ("totals" in line) put(keys.totals, line.totals);
    else if ("segments" in line) put(keys.segments, line.segments);
    else if ("groups" in line) put(keys.groups, line.groups);
    else if ("book" in line) put(keys.book, line.book);
    else {
      const { subject, state, score, wake } = line;
      batch.set(keys.customer(subject), Buffer.from(state, "base64"));
      batch.zadd(keys.all, score, subject);
      if (wake !== "0") batch.zadd(keys.wake, wake, subject);
      subjects += 1;
      if (subjects % pieceMax === 0) await flush();
    }
  }
  await flush();
  return subjects;
}
