/**
 * Which partitions this process owns, and their loop (architecture 5).
 *
 * A partition is: joining → claimed → (parked ⇄ claimed) | halted | lost.
 * Claim: pause, await the running batch, new lease, check cluster, logic, log
 * bounds and tail, seek, resume. FENCED or OFFSET voids the claim: claim again.
 * A batch is queued and given back at once; each partition folds its queue on
 * its own. Work that cannot go on is parked, with the partition paused and the
 * queue dropped, and resumed from Redis' own position.
 */
import type { Codec } from "@riskwall/schemas/codec";
import type { Logger } from "pino";
import { addSkips, emptyRegister } from "./core/partition-register.ts";
import { createPartition } from "./core/partition.ts";
import { OperationalError, type ErrorCode } from "./errors.ts";
import type {
  Admin,
  Consumer,
  ControlWriter,
  EachBatchPayload,
  LogBounds,
} from "./io/kafka.ts";
import { logBounds } from "./io/kafka.ts";
import type { StateStore, Tail } from "./io/ports.ts";
import {
  FoldFailed,
  foldBatch,
  paceMin,
  tailHash,
  UnknownSchema,
  type Claim,
  type PipelineDeps,
  type RawRecord,
} from "./pipeline.ts";
import { parseRuleBody, supportedLogic } from "./rule-file.ts";
import {
  createRowQueue,
  queueHigh,
  queueLow,
  type RowQueue,
} from "./row-queue.ts";
import type { RuleSet } from "./core/rule-set.ts";

/** Attempts inside a batch before the partition is parked. */
const attemptsInBatch = 4;
const attemptPauseMs = 100;
/** Pause before a parked partition is claimed again; doubles to the maximum. */
const parkMs = 500;
const parkMaxMs = 5000;
/** Failures at one offset that halt a partition. */
const poisonMax = 3;
/** How often a partition halted by a poisoned record looks for `dlq skip`. */
const skipCheckMs = 2000;
/** Owner's silence after which a tick is appended. */
export const silenceMs = 60_000;
/** How often due work is looked for while the log is quiet. */
const tickCheckMs = 100;
/** A tick that has not come back in this time is given up. */
const tickLostMs = 5000;

/** Characters kept of what a server said. */
const sayingMax = 200;

/** Work that cannot go on now, and is tried again. */
export interface Trouble {
  /** load, send, commit, claim, or schema. */
  readonly what: string;
  /** What the server said. */
  readonly saying: string;
  readonly since: number;
}

interface Worker {
  readonly partition: number;
  claim: Claim | null;
  /** Record that must still be in the log, checked when it is read. */
  tailToCheck: Tail | null;
  halted: ErrorCode | null;
  /** Until the next commit: what the partition waits for. */
  trouble: Trouble | null;
  /** What was fetched and is not folded yet. */
  readonly queue: RowQueue;
  /** Not fetched because the queue is full. */
  isFull: boolean;
  isRunning: boolean;
  running: Promise<void>;
  generation: number;
  parkedMs: number;
  failures: { offset: number; count: number };
  /** Fold one record at a time up to this offset, to name a poisoned one. */
  carefulTo: number;
  lastRecordAt: number;
  tickSentAt: number;
  skipCheckAt: number;
  /** The shipped rules are in the log already, perhaps not folded yet. */
  published: boolean;
}

export interface OwnershipDeps extends PipelineDeps {
  readonly store: StateStore;
  readonly writer: ControlWriter;
  readonly admin: Admin;
  readonly codec: Codec;
  readonly topic: string;
  readonly cluster: string;
  readonly shipped: { readonly body: string; readonly rules: RuleSet };
  readonly speed: number;
  /** Within it a heartbeat tells a process that it is no member any more. */
  readonly heartbeatMs: number;
  readonly log: Logger;
  readonly now: () => number;
}

export interface PartitionStatus {
  readonly partition: number;
  readonly next: number | null;
  readonly halted: ErrorCode | null;
  readonly claimed: boolean;
  readonly trouble: Trouble | null;
}

export interface Ownership {
  onJoin: (
    consumer: Consumer,
    partitions: readonly number[],
    memberId: string,
  ) => void;
  onBatch: (payload: EachBatchPayload) => Promise<void>;
  /**
   * One partition lacks an offset, so the topic may not be what it was: all
   * are claimed again, with checks. Another that was made anew may be longer
   * by now than what we folded, and would read on without a word.
   */
  onDoubt: (partition: number) => void;
  status: () => readonly PartitionStatus[];
  /** The claim of a partition, for what-if answers of its owner. */
  claimOf: (partition: number) => Claim | null;
  stop: () => Promise<void>;
}

export function createOwnership(deps: OwnershipDeps): Ownership {
  const { log, topic } = deps;
  const workers = new Map<number, Worker>();
  let consumer: Consumer | null = null;
  let stopped = false;

  const pause = (partition: number): void => {
    consumer?.pause([{ topic, partitions: [partition] }]);
  };
  const resume = (partition: number): void => {
    consumer?.resume([{ topic, partitions: [partition] }]);
  };

  /** Gives up the claim, and with it what was fetched under it. */
  const release = (worker: Worker): void => {
    worker.claim = null;
    worker.queue.clear();
    worker.isFull = false;
  };

  const halt = (worker: Worker, error: OperationalError): void => {
    worker.halted = error.code;
    release(worker);
    log.error({ partition: worker.partition, code: error.code }, error.message);
  };

  const claimAgain = (worker: Worker, memberId: string): void => {
    const generation = worker.generation;
    pause(worker.partition);
    release(worker);
    const delay = worker.parkedMs;
    worker.parkedMs = Math.min(parkMaxMs, Math.max(parkMs, delay * 2));
    setTimeout(() => {
      if (stopped || worker.generation !== generation) return;
      void claim(worker, memberId);
    }, delay);
  };

  const claim = async (worker: Worker, memberId: string): Promise<void> => {
    const { partition, generation } = worker;
    try {
      await worker.running;
      const bounds = (await logBounds(deps.admin, topic)).get(partition);
      const claimed = await deps.store.claim(partition, memberId);
      if (worker.generation !== generation || stopped) return;
      if (!bounds) throw new Error(`partition ${String(partition)} is unknown`);
      checkClaim(claimed, bounds, deps.cluster, partition);
      const register =
        claimed.next === null ? emptyRegister() : claimed.register;
      addSkips(register, claimed.skips);
      const fold = createPartition({
        partition,
        register,
        subjects: claimed.subjects,
        groups: claimed.groups,
        bootstrapRules: deps.shipped.rules,
        parseRules: parseRuleBody,
      });
      worker.claim = {
        partition,
        lease: claimed.lease,
        cluster: deps.cluster,
        logic: deps.shipped.rules.logic,
        fold,
        slots: new Map(),
        next: claimed.next,
        pace: paceMin,
      };
      const { tail } = claimed;
      const checkTail = tail !== null && tail.offset >= bounds.low;
      worker.tailToCheck = checkTail ? tail : null;
      const from = checkTail ? tail.offset : (claimed.next ?? bounds.low);
      worker.lastRecordAt = deps.now();
      await publishControl(worker, worker.claim, bounds);
      consumer?.seek({ topic, partition, offset: String(from) });
      worker.parkedMs = 0;
      // A partition at the log's end has nothing to commit that would say so.
      if (claimed.next === bounds.high) worker.trouble = null;
      resume(partition);
      log.info({ partition, next: claimed.next, high: bounds.high }, "claimed");
    } catch (error) {
      if (error instanceof OperationalError) {
        halt(worker, error);
        return;
      }
      note(worker, "claim", error);
      log.warn({ partition, error: String(error) }, "claim failed, again");
      claimAgain(worker, memberId);
    }
  };

  /** Brings the shipped rule set, and a new namespace's clock, into the log. */
  const publishControl = async (
    worker: Worker,
    claimed: Claim,
    bounds: LogBounds,
  ): Promise<void> => {
    const { register } = claimed.fold;
    const { rules, body } = deps.shipped;
    const fresh = claimed.next === null && bounds.high === bounds.low;
    if (fresh && deps.speed !== 1) {
      const at = deps.now();
      await deps.writer.append(claimed.partition, "Clock", {
        version: 1,
        effectiveAt: 0,
        anchorAppend: at,
        anchorTime: at,
        speed: deps.speed,
      });
    }
    const newest = register.pendingRules?.version ?? register.rulesVersion;
    if (rules.version <= newest || worker.published) return;
    await deps.writer.append(claimed.partition, "RuleSet", {
      version: rules.version,
      effectiveAt: 0,
      logic: rules.logic,
      body,
    });
    worker.published = true;
  };

  /** Notes what a partition waits for; the first word of it stays. */
  const note = (worker: Worker, what: string, error: unknown): void => {
    const text = error instanceof Error ? error.message : String(error);
    const saying = text.slice(0, sayingMax);
    worker.trouble ??= { what, saying, since: deps.now() };
  };

  const repeatFor =
    (worker: Worker) =>
    async <T>(what: string, attempt: () => Promise<T>): Promise<T> => {
      for (let i = 1; ; i += 1) {
        try {
          return await attempt();
        } catch (error) {
          note(worker, what, error);
          if (i >= attemptsInBatch) throw error;
          log.warn({ what, attempt: i, error: String(error) }, "repeating");
          await new Promise((go) => setTimeout(go, attemptPauseMs * i));
        }
      }
    };

  /** Folds what is queued until nothing is left or the claim is gone. */
  const drain = async (worker: Worker): Promise<void> => {
    while (worker.claim !== null && worker.queue.size() > 0) {
      const held = worker.claim;
      await foldRun(
        worker,
        held,
        await checkStart(worker, worker.queue.take()),
      );
      if (!worker.isFull || worker.claim !== held) continue;
      if (worker.queue.size() > queueLow) continue;
      worker.isFull = false;
      resume(worker.partition);
    }
  };

  const foldRun = async (
    worker: Worker,
    held: Claim,
    run: readonly RawRecord[],
  ): Promise<void> => {
    let rows = run;
    const repeat = repeatFor(worker);
    while (rows.length > 0) {
      if (worker.claim !== held || stopped) return;
      const careful = (held.next ?? 0) <= worker.carefulTo;
      const step = careful ? { ...deps, batchRecords: 1 } : deps;
      const result = await foldBatch(step, held, rows, repeat);
      if (result.answer === "FENCED" || result.answer === "OFFSET") {
        log.warn(
          { partition: worker.partition, answer: result.answer },
          "claim is void",
        );
        throw result.answer === "FENCED" ? new Fenced() : new ClaimVoid();
      }
      worker.lastRecordAt = deps.now();
      worker.tickSentAt = 0;
      worker.trouble = null;
      rows = rows.slice(result.folded);
    }
  };

  /** Drops what was folded, checks the tail and that nothing is missing. */
  const checkStart = async (
    worker: Worker,
    rows: RawRecord[],
  ): Promise<RawRecord[]> => {
    const { claim: held, tailToCheck: tail, partition } = worker;
    if (!held) return [];
    const next = held.next ?? 0;
    const begin = rows[0]?.offset;
    if (begin === undefined) return [];
    if (tail !== null) {
      const found = rows.find((row) => row.offset === tail.offset);
      if (found && tailHash(found.value) !== tail.hash) {
        throw new OperationalError(
          "OTHER_LOG",
          `record ${String(tail.offset)} of partition ${String(partition)} is another one`,
        );
      }
      // Not the record that was asked for: the log changed since the claim.
      if (!found) throw new ClaimVoid();
      worker.tailToCheck = null;
    } else if (begin < next) {
      // kafkajs went back to the log's start by itself: another log.
      throw new ClaimVoid();
    }
    const rest = rows.filter((row) => row.offset >= next);
    const first = rest[0];
    if (first && held.next !== null && first.offset > next) {
      const bounds = (await logBounds(deps.admin, topic)).get(partition);
      if (bounds && next < bounds.low) {
        throw new OperationalError(
          "STATE_GAP",
          `the log begins at ${String(bounds.low)}, the state needs ${String(next)}`,
        );
      }
    }
    return rest;
  };

  /** Queues a batch and returns: kafkajs fetches the next one at once. */
  const onBatch = async (payload: EachBatchPayload): Promise<void> => {
    const { batch, heartbeat, resolveOffset, isStale } = payload;
    const worker = workers.get(batch.partition);
    const last = batch.messages.at(-1);
    if (!worker?.claim || !last || isStale() || stopped) return;
    worker.queue.push(
      batch.messages.map(({ offset, timestamp, value }) => ({
        offset: Number(offset),
        appendedAt: Number(timestamp),
        value,
      })),
    );
    resolveOffset(last.offset);
    if (!worker.isFull && worker.queue.size() >= queueHigh) {
      worker.isFull = true;
      pause(worker.partition);
    }
    if (!worker.isRunning) worker.running = run(worker);
    await heartbeat();
  };

  /** Drains the queue; never rejects. */
  const run = async (worker: Worker): Promise<void> => {
    worker.isRunning = true;
    const { generation } = worker;
    try {
      await drain(worker);
    } catch (error) {
      if (worker.generation === generation) await recover(worker, error);
    } finally {
      worker.isRunning = false;
    }
  };

  const recover = async (worker: Worker, error: unknown): Promise<void> => {
    const { partition } = worker;
    pause(partition);
    if (error instanceof OperationalError) {
      halt(worker, error);
      return;
    }
    if (error instanceof UnknownSchema) {
      try {
        await deps.codec.learn(error.id);
      } catch (cause) {
        note(worker, "schema", cause);
        log.warn({ partition, error: String(cause) }, "registry is away");
      }
    } else if (error instanceof FoldFailed) {
      if (isPoisoned(worker, error)) return;
    } else {
      log.warn({ partition, error: String(error) }, "parked");
      if (error instanceof Fenced) {
        worker.parkedMs = Math.max(worker.parkedMs, deps.heartbeatMs);
      }
    }
    claimAgain(worker, "again");
  };

  /** Counts a failure of the fold; halts the partition at the third. */
  const isPoisoned = (worker: Worker, error: FoldFailed): boolean => {
    const { partition, failures } = worker;
    const { offset, cause } = error;
    const count = failures.offset === offset ? failures.count + 1 : 1;
    worker.failures = { offset, count };
    worker.carefulTo = Math.max(worker.carefulTo, offset);
    log.error({ partition, offset, count, err: cause }, "fold failed");
    if (count < poisonMax) return false;
    const where = `offset ${String(offset)} of partition ${String(partition)}`;
    halt(worker, new OperationalError("POISON", where, error));
    worker.skipCheckAt = deps.now() + skipCheckMs;
    return true;
  };

  /** A partition halted by a poisoned record goes on once it may be passed. */
  const checkSkip = (worker: Worker, now: number): void => {
    if (worker.halted !== "POISON" || worker.skipCheckAt > now) return;
    worker.skipCheckAt = now + skipCheckMs;
    const { partition, generation } = worker;
    deps.store
      .skips(partition)
      .then((skips) => {
        if (!skips.includes(worker.failures.offset)) return;
        if (stopped || worker.generation !== generation) return;
        log.warn({ partition, offset: worker.failures.offset }, "passing");
        worker.halted = null;
        worker.parkedMs = 0;
        void claim(worker, "skip");
      })
      .catch((error: unknown) => {
        log.warn({ partition, error: String(error) }, "skips not read");
      });
  };

  const checkTicks = (): void => {
    const now = deps.now();
    for (const worker of workers.values()) {
      const { claim: held } = worker;
      checkSkip(worker, now);
      if (!held || worker.halted !== null) continue;
      if (worker.tickSentAt > now - tickLostMs) continue;
      const silent = now - worker.lastRecordAt >= silenceMs;
      if (!silent && !held.fold.hasWork(now)) continue;
      worker.tickSentAt = now;
      deps.writer.tick(worker.partition).catch((error: unknown) => {
        worker.tickSentAt = 0;
        log.warn({ partition: worker.partition, error: String(error) }, "tick");
      });
    }
  };
  const ticker = setInterval(checkTicks, tickCheckMs);

  return {
    onJoin: (joined, partitions, memberId) => {
      consumer = joined;
      const owned = new Set(partitions);
      if (partitions.length > 0) {
        joined.pause([{ topic, partitions: [...partitions] }]);
      }
      for (const worker of workers.values()) {
        worker.generation += 1;
        release(worker);
        if (!owned.has(worker.partition)) workers.delete(worker.partition);
      }
      for (const partition of partitions) {
        const worker = workers.get(partition) ?? newWorker(partition);
        worker.halted = null;
        worker.parkedMs = 0;
        workers.set(partition, worker);
        void claim(worker, memberId);
      }
      log.info({ partitions, memberId }, "joined");
    },
    onBatch,
    onDoubt: (partition) => {
      log.warn({ partition }, "the log lacks an offset, claiming again");
      for (const worker of workers.values()) {
        if (worker.claim) claimAgain(worker, "doubt");
      }
    },
    status: () =>
      [...workers.values()]
        .map((worker) => ({
          partition: worker.partition,
          next: worker.claim?.next ?? null,
          halted: worker.halted,
          claimed: worker.claim !== null,
          trouble: worker.trouble,
        }))
        .sort((a, b) => a.partition - b.partition),
    claimOf: (partition) => workers.get(partition)?.claim ?? null,
    stop: async () => {
      stopped = true;
      clearInterval(ticker);
      await Promise.all([...workers.values()].map((worker) => worker.running));
    },
  };
}

class ClaimVoid extends Error {}

/**
 * The lease went to another process. Who was stopped and woke up would take it
 * back from its new owner before Kafka tells it that it is no member any more.
 */
class Fenced extends ClaimVoid {}

function newWorker(partition: number): Worker {
  return {
    partition,
    claim: null,
    tailToCheck: null,
    halted: null,
    trouble: null,
    queue: createRowQueue(),
    isFull: false,
    isRunning: false,
    running: Promise.resolve(),
    generation: 0,
    parkedMs: 0,
    failures: { offset: -1, count: 0 },
    carefulTo: -1,
    lastRecordAt: 0,
    tickSentAt: 0,
    skipCheckAt: 0,
    published: false,
  };
}

function checkClaim(
  claimed: {
    readonly next: number | null;
    readonly cluster: string | null;
    readonly logic: number | null;
  },
  bounds: LogBounds,
  cluster: string,
  partition: number,
): void {
  const where = `partition ${String(partition)}`;
  if (claimed.cluster !== null && claimed.cluster !== cluster) {
    throw new OperationalError(
      "OTHER_CLUSTER",
      `${where}: state belongs to cluster ${claimed.cluster}`,
    );
  }
  if (claimed.logic !== null && !supportedLogic.includes(claimed.logic)) {
    throw new OperationalError(
      "LOGIC_UNSUPPORTED",
      `${where}: state has logic ${String(claimed.logic)}`,
    );
  }
  const next = claimed.next ?? 0;
  if (next < bounds.low) {
    throw new OperationalError(
      "STATE_GAP",
      `${where}: the log begins at ${String(bounds.low)}, the state needs ${String(next)}`,
    );
  }
  if (next > bounds.high) {
    throw new OperationalError(
      "LOG_BEHIND_STATE",
      `${where}: the log ends at ${String(bounds.high)}, the state is at ${String(next)}`,
    );
  }
}
