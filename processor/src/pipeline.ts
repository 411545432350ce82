/**
 * READ THIS FIRST: the way of a record through the processor, in order.
 *
 *   decode → load subjects → fold (pure) → outputs acknowledged → one fenced
 *   commit of state and position → next
 *
 * `foldBatch` is one sub-batch of one partition. Where the cuts fall never
 * changes a byte: every record is folded with the same state either way.
 */
import { createHash } from "node:crypto";
import type { Codec } from "@riskwall/schemas/codec";
import { decodeState, encodeState } from "@riskwall/schemas/state";
import { closeCustomer, openCustomer } from "./core/customer.ts";
import type { Output } from "./core/emit.ts";
import { subjectOf, type LogRecord } from "./core/log-record.ts";
import { type FoldResult, type Partition } from "./core/partition.ts";
import {
  emptySums,
  moveSums,
  slotOf,
  type Slot,
  type SumChanges,
} from "./core/slot.ts";
import type {
  CommitAnswer,
  OutputSink,
  StateStore,
  StoredSubject,
  Tail,
} from "./io/ports.ts";

/** Changed subjects that close a sub-batch. */
export const batchMaxSubjects = 1000;
/** Outputs that close a sub-batch. */
export const batchMaxOutputs = 2000;
/**
 * Time that one sub-batch may keep the process. All partitions of a process
 * are ready at once when one request acknowledges the outputs of all: twelve
 * turns have to end before the heartbeat of the group is due (a quarter of the
 * session), or the member is taken for dead in the middle of its work.
 */
export const turnMaxMs = 100;
/** Records of the first sub-batch, and of the slowest. */
export const paceMin = 100;

/** A raw record of the log as a consumer or the archive gives it. */
export interface RawRecord {
  readonly offset: number;
  readonly appendedAt: number;
  readonly value: Buffer | null;
}

/** One partition under a lease. */
export interface Claim {
  readonly partition: number;
  readonly lease: string;
  readonly cluster: string;
  readonly logic: number;
  readonly fold: Partition;
  /** Loaded subjects, least recently used first; valid under the lease only. */
  readonly slots: Map<string, Slot>;
  next: number | null;
  /** Records of the next sub-batch at most: what fits in `turnMaxMs`. */
  pace: number;
}

export interface PipelineDeps {
  readonly store: StateStore;
  readonly sink: OutputSink;
  readonly codec: Codec;
  readonly batchRecords: number;
  /** A clock that only runs forward, ms; measures turns, decides nothing. */
  readonly elapsedMs: () => number;
  /** Loaded subjects kept per partition after a commit. */
  readonly cachePerPartition: number;
  readonly onFolded: (result: FoldResult, appendedAt: number) => void;
  /** Called before a record is folded; tests make it throw. */
  readonly beforeFold: (item: LogRecord) => void;
}

/** A schema id nobody knows yet: ask the registry, then come again. */
export class UnknownSchema extends Error {
  readonly id: number;
  constructor(id: number) {
    super(`schema ${String(id)} is not known yet`);
    this.id = id;
  }
}

/** Our own code failed at a record: a poisoned record, or a defect of ours. */
export class FoldFailed extends Error {
  readonly offset: number;
  constructor(offset: number, cause: unknown) {
    super(`the fold failed at offset ${String(offset)}`, { cause });
    this.offset = offset;
  }
}

/** Runs pure code; what it throws is no fault of the network. */
function ours<T>(offset: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof UnknownSchema) throw error;
    throw new FoldFailed(offset, error);
  }
}

/** Decodes a raw record; throws `UnknownSchema` when the registry must be asked. */
export function decodeRecord(codec: Codec, raw: RawRecord): LogRecord {
  const wire = raw.value ?? Buffer.alloc(0);
  const base = { offset: raw.offset, appendedAt: raw.appendedAt, raw: wire };
  const decoded = codec.decode(wire);
  if (decoded.kind === "unknown-id") throw new UnknownSchema(decoded.id);
  if (decoded.kind === "malformed") {
    return { ...base, record: null, problem: decoded.message };
  }
  const { record } = decoded;
  const known = { ...base, record, problem: null };
  if (record.name !== "CustomerMoved") return known;
  return { ...known, moved: decodeState(Buffer.from(record.value.state)) };
}

/** Hash of a record, to recognise the log the state belongs to. */
export function tailHash(value: Buffer | null): string {
  return createHash("sha256")
    .update(value ?? Buffer.alloc(0))
    .digest("hex")
    .slice(0, 32);
}

/** Tries an operation on Kafka or Redis again, a bounded number of times. */
export type Repeat = <T>(what: string, attempt: () => Promise<T>) => Promise<T>;

async function loadMissing(
  deps: PipelineDeps,
  claim: Claim,
  subjects: Iterable<string>,
  repeat: Repeat,
): Promise<void> {
  const missing: string[] = [];
  for (const subject of new Set(subjects)) {
    const slot = claim.slots.get(subject);
    if (!slot) missing.push(subject);
    else {
      // Most recently used last.
      claim.slots.delete(subject);
      claim.slots.set(subject, slot);
    }
  }
  if (missing.length === 0) return;
  const rows = await repeat("load", () =>
    deps.store.load(claim.partition, missing),
  );
  missing.forEach((subject, i) => {
    const bytes = rows[i] ?? null;
    const state = bytes === null ? null : decodeState(bytes);
    claim.slots.set(subject, slotOf(state && openCustomer(state)));
  });
}

/** A sub-batch that fits the turn; at most twice the one before. */
export function nextPace(pace: number, folded: number, ms: number): number {
  const fits = Math.floor((folded * turnMaxMs) / Math.max(ms, 1));
  return Math.max(paceMin, Math.min(pace * 2, fits));
}

/** Time the process was kept; waiting for a server is none of it. */
function createTurn(elapsedMs: () => number): {
  readonly ms: () => number;
  readonly rest: (wait: Promise<void>) => Promise<void>;
} {
  let since = elapsedMs();
  let kept = 0;
  return {
    ms: () => kept + elapsedMs() - since,
    rest: async (wait) => {
      kept += elapsedMs() - since;
      await wait;
      since = elapsedMs();
    },
  };
}

/** What `foldBatch` did; `answer` FENCED or OFFSET: the claim is void. */
export interface BatchResult {
  readonly answer: CommitAnswer;
  readonly folded: number;
  readonly outputs: number;
}

/** Folds a prefix of `raws` (all ≥ `claim.next`) and commits it. */
export async function foldBatch(
  deps: PipelineDeps,
  claim: Claim,
  raws: readonly RawRecord[],
  repeat: Repeat,
): Promise<BatchResult> {
  const batch = raws.slice(0, Math.min(deps.batchRecords, claim.pace));
  const turn = createTurn(deps.elapsedMs);
  const items = batch.map((raw) =>
    ours(raw.offset, () => decodeRecord(deps.codec, raw)),
  );
  const own = items.map((item) => subjectOf(item.record));
  await turn.rest(
    loadMissing(
      deps,
      claim,
      own.filter((subject) => subject !== null),
      repeat,
    ),
  );
  const outputs: Output[] = [];
  const touched = new Set<string>();
  let folded = 0;
  for (const item of items) {
    const needs = claim.fold.needs(item);
    if (needs.some((subject) => !claim.slots.has(subject))) {
      await turn.rest(loadMissing(deps, claim, needs, repeat));
    }
    const result = ours(item.offset, () => {
      const { skips } = claim.fold.register;
      if (!skips.includes(item.offset)) deps.beforeFold(item);
      return claim.fold.fold(item, claim.slots);
    });
    deps.onFolded(result, item.appendedAt);
    outputs.push(...result.outputs);
    for (const subject of needs) touched.add(subject);
    folded += 1;
    if (touched.size >= batchMaxSubjects || outputs.length >= batchMaxOutputs) {
      break;
    }
  }
  const last = batch[folded - 1];
  if (!last) return { answer: "OK", folded: 0, outputs: 0 };
  const to = last.offset + 1;
  claim.pace = nextPace(claim.pace, folded, turn.ms());
  if (outputs.length > 0) {
    const encoded = ours(last.offset, () => deps.sink.encode(outputs));
    await repeat("send", () => deps.sink.send(claim.partition, encoded));
  }
  const tail: Tail = { offset: last.offset, hash: tailHash(last.value) };
  const { subjects, sums } = ours(last.offset, () => collect(claim, touched));
  const answer = await repeat("commit", () =>
    deps.store.commit({
      partition: claim.partition,
      lease: claim.lease,
      from: claim.next,
      to,
      tail,
      register: claim.fold.register,
      cluster: claim.cluster,
      logic: claim.logic,
      subjects,
      sums,
    }),
  );
  if (answer === "OK" || answer === "DONE") claim.next = to;
  trim(claim, deps.cachePerPartition);
  return { answer, folded, outputs: outputs.length };
}

/** Changed subjects as bytes, and the change of the partition's sums. */
function collect(
  claim: Claim,
  touched: ReadonlySet<string>,
): { subjects: StoredSubject[]; sums: SumChanges } {
  const subjects: StoredSubject[] = [];
  const sums = emptySums(claim.fold.groups.take());
  for (const subject of touched) {
    const slot = claim.slots.get(subject);
    if (!slot?.dirty) continue;
    slot.dirty = false;
    const state = slot.customer === null ? null : closeCustomer(slot.customer);
    moveSums(sums, slot);
    subjects.push({
      subject,
      bytes: state === null ? null : encodeState(state),
      wake: state?.wake ?? 0,
      score: state?.score ?? 0,
    });
  }
  return { subjects, sums };
}

/** Forgets the least recently used subjects beyond the cache's size. */
function trim(claim: Claim, keep: number): void {
  for (const subject of claim.slots.keys()) {
    if (claim.slots.size <= keep) return;
    claim.slots.delete(subject);
  }
}
