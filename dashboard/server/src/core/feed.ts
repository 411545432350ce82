/**
 * Server side of the live protocol: per topic a keyed state, a sequence, and a
 * ring of recent deltas. Pure: time comes in, messages go out.
 *
 * A topic's state only changes through `commit` (at once) or `queue` + `flush`
 * (coalesced: the latest op per key wins). Each change is one delta whose
 * `prevSeq` is the sequence before it. A subscriber that has (epoch, seq)
 * within the ring gets the deltas after it, anybody else a snapshot.
 */
import {
  applyOps,
  stateHash,
  topicKey,
  type Json,
  type LiveDelta,
  type LiveDigest,
  type LiveHave,
  type LiveHeartbeat,
  type LiveOp,
  type LiveParams,
  type LiveSnapshot,
  type LiveTimes,
  type LiveTopic,
  type SubscribeReply,
} from "@riskwall/schemas/live";

/** How long a delta stays resumable. */
export const ringWindowMs = 600_000;
/** How many deltas of a topic stay resumable at most. */
export const ringMaxDeltas = 5_000;
/** How many deltas a resume may carry; beyond it a snapshot is cheaper. */
export const resumeMaxDeltas = 500;

interface Topic {
  readonly topic: LiveTopic;
  readonly params: LiveParams | undefined;
  readonly state: Map<string, Json>;
  readonly ring: LiveDelta[];
  readonly pending: Map<string, LiveOp>;
  pendingTimes: LiveTimes | null;
  seq: number;
  watermark: number;
}

export interface Feed {
  readonly epoch: string;
  /** Applies ops and returns the delta to send, at once. */
  commit: (
    topic: LiveTopic,
    params: LiveParams | undefined,
    ops: readonly LiveOp[],
    times: LiveTimes,
  ) => LiveDelta;
  /** Keeps the latest op per key until `flush`; nothing is visible before. */
  queue: (
    topic: LiveTopic,
    params: LiveParams | undefined,
    ops: readonly LiveOp[],
    times: LiveTimes,
  ) => void;
  /** Deltas of all topics with queued ops; ops that change nothing are left out. */
  flush: (nowMs: number) => readonly LiveDelta[];
  /** Sets what the topic is known to have read up to, ms. */
  setWatermark: (watermarkMs: number) => void;
  /** Sets whether state is being folded again; heartbeats say it. */
  setRebuilding: (rebuilding: boolean) => void;
  subscribe: (
    topic: LiveTopic,
    params: LiveParams | undefined,
    have: LiveHave | undefined,
  ) => SubscribeReply;
  /**
   * All changes after `seq` as one delta, the latest op per key: for a client
   * that was sent nothing meanwhile. Null when the ring does not reach back.
   */
  merged: (
    topic: LiveTopic,
    params: LiveParams | undefined,
    seq: number,
  ) => LiveDelta | null;
  digest: (topic: LiveTopic, params: LiveParams | undefined) => LiveDigest;
  heartbeat: (nowMs: number) => LiveHeartbeat;
  /** True when the topic has state already. */
  knows: (topic: LiveTopic, params: LiveParams | undefined) => boolean;
  /** Rows of a topic, for long polls and tests. */
  rows: (
    topic: LiveTopic,
    params: LiveParams | undefined,
  ) => ReadonlyMap<string, Json>;
  /** Forgets a topic nobody is subscribed to (customer pages). */
  release: (topic: LiveTopic, params: LiveParams | undefined) => void;
}

/** A feed with empty topics. `epoch` must differ at each start of a server. */
export function createFeed(epoch: string): Feed {
  const topics = new Map<string, Topic>();
  let watermark = 0;
  let rebuilding = false;
  // A topic opened again counts on from here: nobody holds these numbers yet.
  let firstSeq = 0;

  const open = (topic: LiveTopic, params: LiveParams | undefined): Topic => {
    const key = topicKey(topic, params);
    const known = topics.get(key);
    if (known) return known;
    const made: Topic = {
      topic,
      params,
      state: new Map(),
      ring: [],
      pending: new Map(),
      pendingTimes: null,
      seq: firstSeq,
      watermark,
    };
    topics.set(key, made);
    return made;
  };

  const commitTo = (
    item: Topic,
    ops: readonly LiveOp[],
    times: LiveTimes,
  ): LiveDelta => {
    applyOps(item.state, ops);
    const delta: LiveDelta = {
      topic: item.topic,
      ...(item.params === undefined ? {} : { params: item.params }),
      epoch,
      seq: item.seq + 1,
      prevSeq: item.seq,
      ops,
      watermark: item.watermark,
      times,
    };
    item.seq = delta.seq;
    item.ring.push(delta);
    trimRing(item.ring, times.emitTime);
    return delta;
  };

  const snapshotOf = (item: Topic): LiveSnapshot => ({
    topic: item.topic,
    ...(item.params === undefined ? {} : { params: item.params }),
    epoch,
    seq: item.seq,
    state: Object.fromEntries(item.state),
    watermark: item.watermark,
  });

  return {
    epoch,
    commit: (topic, params, ops, times) =>
      commitTo(open(topic, params), ops, times),
    queue: (topic, params, ops, times) => {
      const item = open(topic, params);
      for (const op of ops) item.pending.set(op.key, op);
      item.pendingTimes = times;
    },
    flush: (nowMs) => {
      const out: LiveDelta[] = [];
      for (const item of topics.values()) {
        if (item.pendingTimes === null) continue;
        const ops = [...item.pending.values()].filter((op) =>
          changes(item.state, op),
        );
        const times = { ...item.pendingTimes, emitTime: nowMs };
        item.pending.clear();
        item.pendingTimes = null;
        if (ops.length > 0) out.push(commitTo(item, ops, times));
      }
      return out;
    },
    setWatermark: (watermarkMs) => {
      watermark = watermarkMs;
      for (const item of topics.values()) item.watermark = watermarkMs;
    },
    subscribe: (topic, params, have) => {
      const item = open(topic, params);
      const deltas = resume(item, epoch, have);
      return deltas === null ? { snapshot: snapshotOf(item) } : { deltas };
    },
    merged: (topic, params, seq) => {
      const item = topics.get(topicKey(topic, params));
      return item === undefined ? null : mergedSince(item, seq);
    },
    digest: (topic, params) => {
      const item = open(topic, params);
      return {
        topic,
        ...(params === undefined ? {} : { params }),
        epoch,
        seq: item.seq,
        hash: stateHash(item.state),
      };
    },
    setRebuilding: (now) => {
      rebuilding = now;
    },
    heartbeat: (nowMs) => ({
      ...{ serverTime: nowMs, epoch, rebuilding },
      topics: Object.fromEntries(
        [...topics].map(([key, item]) => [
          key,
          { seq: item.seq, watermark: item.watermark },
        ]),
      ),
    }),
    knows: (topic, params) => topics.has(topicKey(topic, params)),
    rows: (topic, params) => open(topic, params).state,
    release: (topic, params) => {
      const key = topicKey(topic, params);
      firstSeq = Math.max(firstSeq, (topics.get(key)?.seq ?? 0) + 1);
      topics.delete(key);
    },
  };
}

function changes(state: ReadonlyMap<string, Json>, op: LiveOp): boolean {
  if (op.op === "del") return state.has(op.key);
  const before = state.get(op.key);
  return (
    before === undefined || JSON.stringify(before) !== JSON.stringify(op.value)
  );
}

function trimRing(ring: LiveDelta[], nowMs: number): void {
  let drop = Math.max(0, ring.length - ringMaxDeltas);
  for (let i = drop; i < ring.length; i += 1) {
    const delta = ring[i];
    if (!delta || delta.times.emitTime >= nowMs - ringWindowMs) break;
    drop = i + 1;
  }
  if (drop > 0) ring.splice(0, drop);
}

/** Deltas after `have`, or null when only a snapshot helps. */
function resume(
  item: Topic,
  epoch: string,
  have: LiveHave | undefined,
): readonly LiveDelta[] | null {
  if (have === undefined || have.epoch !== epoch) return null;
  if (have.seq === item.seq) return [];
  const missing = item.seq - have.seq;
  if (missing < 0 || missing > resumeMaxDeltas) return null;
  if (missing > item.ring.length) return null;
  return item.ring.slice(-missing);
}

function mergedSince(item: Topic, seq: number): LiveDelta | null {
  const missing = item.seq - seq;
  const last = item.ring.at(-1);
  if (missing <= 0 || missing > item.ring.length || !last) return null;
  const ops = new Map<string, LiveOp>();
  for (const delta of item.ring.slice(-missing)) {
    for (const op of delta.ops) ops.set(op.key, op);
  }
  return { ...last, prevSeq: seq, ops: [...ops.values()] };
}
