/**
 * Client side of the live protocol (ux 2.4), pure: messages and the present
 * go in, the next state and what to ask come out.
 *
 * Per topic: empty ─snapshot─▶ live ─gap─▶ gapped ─deltas─▶ live
 *                                 └─2 s or 64 held─▶ ask a snapshot
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
  type LiveParams,
  type LiveSnapshot,
  type LiveTopic,
  type SubscribeReply,
} from "@riskwall/schemas/live";

/** Deltas held while a gap is filled. */
export const heldMax = 64;
/** Time a gap may last before a snapshot is asked. */
export const gapMs = 2000;

export interface TopicState {
  readonly topic: LiveTopic;
  readonly params: LiveParams | undefined;
  epoch: string;
  seq: number;
  readonly rows: Map<string, Json>;
  held: LiveDelta[];
  gapSince: number | null;
  watermark: number;
  /** Digests found different since the page was opened. */
  mismatches: number;
  /** Last digest that agreed: its sequence. */
  agreedSeq: number;
}

/** What the socket should ask next; null = nothing. */
export type Ask = { readonly kind: "resume" | "snapshot" } | null;

export function emptyTopic(
  topic: LiveTopic,
  params: LiveParams | undefined,
): TopicState {
  return {
    topic,
    params,
    epoch: "",
    seq: 0,
    rows: new Map(),
    held: [],
    gapSince: null,
    watermark: 0,
    mismatches: 0,
    agreedSeq: 0,
  };
}

/** What to tell the server when subscribing again. */
export function haveOf(state: TopicState): LiveHave | undefined {
  return state.epoch === ""
    ? undefined
    : { epoch: state.epoch, seq: state.seq };
}

function takeSnapshot(state: TopicState, snapshot: LiveSnapshot): void {
  state.epoch = snapshot.epoch;
  state.seq = snapshot.seq;
  state.watermark = snapshot.watermark;
  state.rows.clear();
  for (const [key, row] of Object.entries(snapshot.state)) {
    state.rows.set(key, row);
  }
  replayHeld(state);
}

function take(state: TopicState, delta: LiveDelta): void {
  applyOps(state.rows, delta.ops);
  state.seq = delta.seq;
  state.watermark = delta.watermark;
}

/** Applies held deltas that now fit; the rest stays held. */
function replayHeld(state: TopicState): void {
  const held = [...state.held].sort((a, b) => a.seq - b.seq);
  state.held = [];
  for (const delta of held) {
    if (delta.epoch !== state.epoch || delta.seq <= state.seq) continue;
    if (delta.prevSeq === state.seq) take(state, delta);
    else state.held.push(delta);
  }
  if (state.held.length === 0) state.gapSince = null;
}

/** A reply to `subscribe`. */
export function onReply(state: TopicState, reply: SubscribeReply): Ask {
  if ("error" in reply) return null;
  if ("snapshot" in reply) {
    takeSnapshot(state, reply.snapshot);
    return null;
  }
  for (const delta of reply.deltas) {
    if (delta.epoch === state.epoch && delta.prevSeq === state.seq) {
      take(state, delta);
    }
  }
  replayHeld(state);
  return state.held.length > 0 ? { kind: "snapshot" } : null;
}

/** A delta from the server, in any order, once or more. */
export function onDelta(state: TopicState, delta: LiveDelta, now: number): Ask {
  if (state.epoch === "") {
    if (state.held.length < heldMax) state.held.push(delta);
    return null;
  }
  if (delta.epoch !== state.epoch) return { kind: "snapshot" };
  if (delta.seq <= state.seq) return null;
  if (delta.prevSeq === state.seq) {
    take(state, delta);
    replayHeld(state);
    return null;
  }
  const first = state.gapSince === null;
  state.gapSince ??= now;
  if (state.held.length >= heldMax) return { kind: "snapshot" };
  if (!state.held.some((item) => item.seq === delta.seq)) {
    state.held.push(delta);
  }
  if (now - state.gapSince > gapMs) return { kind: "snapshot" };
  return first ? { kind: "resume" } : null;
}

/** The heartbeat tells of deltas that never came. */
export function onHeartbeat(
  state: TopicState,
  beat: LiveHeartbeat,
  now: number,
): Ask {
  const seen = beat.topics[topicKey(state.topic, state.params)];
  if (seen === undefined || state.epoch === "") return null;
  if (beat.epoch !== state.epoch) return { kind: "snapshot" };
  state.watermark = seen.watermark;
  if (seen.seq <= state.seq) return null;
  const first = state.gapSince === null;
  state.gapSince ??= now;
  if (now - state.gapSince > gapMs) return { kind: "snapshot" };
  return first ? { kind: "resume" } : null;
}

/** Compares when both stand at the same sequence. */
export function onDigest(state: TopicState, digest: LiveDigest): Ask {
  if (digest.epoch !== state.epoch || digest.seq !== state.seq) return null;
  if (stateHash(state.rows) === digest.hash) {
    state.agreedSeq = digest.seq;
    return null;
  }
  state.mismatches += 1;
  return { kind: "snapshot" };
}
