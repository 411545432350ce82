/**
 * Appends to the audit topic, one entry after the other. An entry that Kafka
 * put exactly at the offset where we saw the end is in the chain: nobody came
 * between. Else another server was faster; our entry is void unless it fits
 * all the same, and is sealed anew after the head that we have followed to.
 */
import { randomUUID } from "node:crypto";
import {
  auditHeadKey,
  sealEntry,
  type AuditEvent,
  type AuditHead,
} from "@riskwall/schemas/audit";
import { groupName, topicNames } from "@riskwall/schemas/names";
import type { Logger } from "pino";
import { z } from "zod";
import {
  topicBounds,
  type Admin,
  type Kafka,
  type LogWriter,
} from "../io/kafka.ts";
import { partAway } from "../problem.ts";
import { emptyHead, followChain, type ChainHead } from "./chain-head.ts";
import type { AuditLog } from "./trail.ts";

/** Entries that wait for their turn at most; then callers are refused. */
export const queueMax = 1000;
/** Appends of one entry, each lost to a faster server, before giving up. */
export const racesMax = 20;
/** Records before the end that are read at start to find the head. */
const tailRecords = 500;
/** Our own record is followed within this time, or the broker is in trouble. */
const followMs = 5000;

const link = z.object({
  id: z.string(),
  seq: z.number(),
  prev: z.string(),
  hash: z.string(),
});

export interface AuditDeps {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly namespace: string;
  readonly writer: Pick<LogWriter, "audit" | "setting">;
  readonly log: Logger;
  readonly now: () => number;
  /** Time between published heads. */
  readonly headEveryMs: number;
}

export interface OpenAuditLog extends AuditLog {
  /** Where the chain ends as this server knows. */
  head: () => AuditHead;
  /** Publishes the head a last time and leaves. */
  stop: () => Promise<void>;
}

function parseLink(value: Buffer | null): z.output<typeof link> | null {
  try {
    const parsed = link.safeParse(JSON.parse(value?.toString() ?? "null"));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    // Not ours: it cannot be in the chain, and `audit verify` names it.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Follows the topic from before its end; resolves when the end is reached. */
async function followTopic(
  deps: AuditDeps,
  onRecord: (offset: number, value: Buffer | null) => void,
): Promise<{ readonly end: number; readonly stop: () => Promise<void> }> {
  const { kafka, admin, namespace } = deps;
  const topic = topicNames(namespace).audit;
  const { low, high } = await topicBounds(admin, topic);
  const end = high[0] ?? 0;
  const from = Math.max(low[0] ?? 0, end - tailRecords);
  const consumer = kafka.consumer({
    groupId: groupName(namespace, `audit.${randomUUID()}`),
    sessionTimeout: 10_000,
    maxWaitTimeInMs: 200,
    readUncommitted: true,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 50 },
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  if (end <= from) resolve(undefined);
  consumer
    .run({
      autoCommit: false,
      eachMessage: ({ message }) => {
        const offset = Number(message.offset);
        onRecord(offset, message.value);
        if (offset + 1 >= end) resolve(undefined);
        return Promise.resolve();
      },
    })
    .catch(reject);
  consumer.seek({ topic, partition: 0, offset: String(from) });
  await promise;
  return { end, stop: async () => consumer.disconnect() };
}

export async function openAuditLog(deps: AuditDeps): Promise<OpenAuditLog> {
  const { writer, now } = deps;
  let chain: ChainHead = emptyHead;
  let trustedFrom = Infinity;
  let waiting: {
    readonly id: string;
    readonly look: (offset: number, fits: boolean) => void;
  } | null = null;
  const follower = await followTopic(deps, (offset, value) => {
    const found = parseLink(value);
    const step = followChain(chain, offset, found, trustedFrom);
    chain = step.head;
    if (found !== null && found.id === waiting?.id) {
      waiting.look(offset, step.fits);
    }
  });
  trustedFrom = follower.end;
  chain = { ...chain, next: Math.max(chain.next, follower.end) };

  /** Whether one of our records up to `offset` came to stand in the chain. */
  const outcomeOf = (
    id: string,
  ): {
    readonly until: (offset: number) => Promise<boolean>;
  } => {
    let fitted = false;
    let seen = -1;
    let wake = (): void => undefined;
    waiting = {
      id,
      look: (offset, fits) => {
        fitted ||= fits;
        seen = offset;
        wake();
      },
    };
    return {
      until: async (offset) =>
        new Promise((done, fail) => {
          const timer = setTimeout(() => {
            fail(partAway("log", new Error("audit record was not read back")));
          }, followMs);
          wake = (): void => {
            if (!fitted && seen < offset) return;
            clearTimeout(timer);
            done(fitted);
          };
          wake();
        }),
    };
  };

  const put = async (event: AuditEvent): Promise<void> => {
    const id = randomUUID();
    const at = new Date(now()).toISOString();
    for (let race = 0; race < racesMax; race += 1) {
      const base = chain;
      const entry = sealEntry(event, base, id, at);
      const outcome = outcomeOf(id);
      const offset = await writer.audit(JSON.stringify(entry));
      if (offset === base.next) {
        const { seq, hash } = entry;
        if (chain.next <= offset) chain = { seq, hash, next: offset + 1 };
        return;
      }
      if (await outcome.until(offset)) return;
    }
    throw partAway("log", new Error("audit: lost too many races"));
  };

  let queued = 0;
  let turn: Promise<void> = Promise.resolve();
  const append: AuditLog["append"] = async (event) => {
    if (queued >= queueMax) {
      throw partAway("log", new Error("audit: too many entries wait"));
    }
    queued += 1;
    const mine = turn.then(async () => put(event));
    turn = mine.catch(() => undefined);
    try {
      await mine;
    } finally {
      queued -= 1;
    }
  };

  const head = (): AuditHead => ({
    seq: chain.seq,
    hash: chain.hash,
    at: new Date(now()).toISOString(),
  });
  const publish = async (): Promise<void> => {
    await turn;
    const stand = head();
    if (stand.seq === 0) return;
    // Twice outside the topic: in the settings and in the server's own log.
    deps.log.info({ seq: stand.seq, hash: stand.hash }, "audit head");
    await writer.setting(auditHeadKey(stand.at), stand);
  };
  const timer = setInterval(() => {
    publish().catch((error: unknown) => {
      deps.log.warn({ error: String(error) }, "audit head was not published");
    });
  }, deps.headEveryMs);
  return {
    append,
    head,
    stop: async () => {
      clearInterval(timer);
      await publish();
      await follower.stop();
    },
  };
}
