/**
 * Client side of the live protocol (ux 2.4), pure: messages and the present
 * go in, the changed state and what to ask come out.
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
/** Time a gap may last before a snapshot is asked, ms. */
export const gapMs = 2000;

export interface TopicState {
  readonly topic: LiveTopic;
  readonly params: LiveParams | undefined;
  /** Empty until the first snapshot. */
  epoch: string;
  seq: number;
  readonly rows: Map<string, Json>;
  held: LiveDelta[];
  /** Client ms at which a gap was first seen. */
  gapSince: number | null;
  /** Server ms up to which the log is known to be read. */
  watermark: number;
  /** Digests found different since the page was opened. */
  mismatches: number;
  /** Sequence of the last digest that agreed. */
  agreedSeq: number;
  /** Code of the last refused subscription; null when it stands. */
  refused: string | null;
}

/** What the connection should ask next; null = nothing. */
export type Ask = "resume" | "snapshot" | null;

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
    refused: null,
  };
}

/** What to tell the server when subscribing again. */
export function haveOf(state: TopicState): LiveHave | undefined {
  return state.epoch === ""
    ? undefined
    : { epoch: state.epoch, seq: state.seq };
}

/** A snapshot older than what is known of the same epoch changes nothing. */
function takeSnapshot(state: TopicState, snapshot: LiveSnapshot): void {
  if (snapshot.epoch === state.epoch && snapshot.seq < state.seq) return;
  state.epoch = snapshot.epoch;
  state.seq = snapshot.seq;
  state.watermark = snapshot.watermark;
  state.rows.clear();
  for (const [key, row] of Object.entries(snapshot.state)) {
    state.rows.set(key, row);
  }
  state.gapSince = null;
  replayHeld(state);
}

function take(state: TopicState, delta: LiveDelta): void {
  applyOps(state.rows, delta.ops);
  state.seq = delta.seq;
  state.watermark = Math.max(state.watermark, delta.watermark);
}

/** Applies held deltas that now fit; later ones stay, old ones leave. */
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

/** The answer to `subscribe`. A refusal keeps the rows and is remembered. */
export function onReply(state: TopicState, reply: SubscribeReply): Ask {
  if ("error" in reply) {
    state.refused = reply.error.code;
    return null;
  }
  state.refused = null;
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
  return state.held.length > 0 ? "snapshot" : null;
}

/** A delta from the server, in any order, once or more. */
export function onDelta(state: TopicState, delta: LiveDelta, now: number): Ask {
  if (state.epoch === "") {
    if (state.held.length < heldMax) state.held.push(delta);
    return null;
  }
  if (delta.epoch !== state.epoch) return "snapshot";
  if (delta.seq <= state.seq) return null;
  if (delta.prevSeq === state.seq) {
    take(state, delta);
    replayHeld(state);
    return null;
  }
  if (state.held.length >= heldMax) return "snapshot";
  if (!state.held.some((item) => item.seq === delta.seq)) {
    state.held.push(delta);
  }
  return gapAsk(state, now);
}

/** Opens a gap or tells that it has lasted too long. */
function gapAsk(state: TopicState, now: number): Ask {
  if (state.gapSince === null) {
    state.gapSince = now;
    return "resume";
  }
  return now - state.gapSince > gapMs ? "snapshot" : null;
}

/** The heartbeat tells of deltas that never came, and how far the log is read. */
export function onHeartbeat(
  state: TopicState,
  beat: LiveHeartbeat,
  now: number,
): Ask {
  if (state.epoch === "") return null;
  if (beat.epoch !== state.epoch) return "snapshot";
  const seen = beat.topics[topicKey(state.topic, state.params)];
  if (seen === undefined) return "snapshot";
  if (seen.seq > state.seq) return gapAsk(state, now);
  state.watermark = seen.watermark;
  return null;
}

/** Compares when both stand at the same sequence. */
export function onDigest(state: TopicState, digest: LiveDigest): Ask {
  if (digest.epoch !== state.epoch || digest.seq !== state.seq) return null;
  if (stateHash(state.rows) === digest.hash) {
    state.agreedSeq = digest.seq;
    return null;
  }
  state.mismatches += 1;
  return "snapshot";
}
