import { describe, expect, it } from "vitest";
import type { LiveDelta } from "@riskwall/schemas/live";
import { stateHash } from "@riskwall/schemas/live";
import {
  emptyTopic,
  gapMs,
  haveOf,
  heldMax,
  onDelta,
  onDigest,
  onHeartbeat,
  onReply,
  type TopicState,
} from "./store.ts";

function delta(seq: number, epoch = "e1"): LiveDelta {
  return {
    topic: "alerts",
    epoch,
    seq,
    prevSeq: seq - 1,
    ops: [{ op: "set", key: `k${String(seq % 3)}`, value: seq }],
    watermark: seq * 10,
    times: { emitTime: seq * 10 },
  };
}

/** A topic that holds a snapshot at sequence 5. */
function loaded(): TopicState {
  const state = emptyTopic("alerts", undefined);
  onReply(state, {
    snapshot: {
      topic: "alerts",
      epoch: "e1",
      seq: 5,
      state: { a: 1 },
      watermark: 50,
    },
  });
  return state;
}

describe("live store", () => {
  it("takes a snapshot and the delta that follows it", () => {
    const state = loaded();
    expect(onDelta(state, delta(6), 0)).toBeNull();
    expect(haveOf(state)).toEqual({ epoch: "e1", seq: 6 });
    expect(Object.fromEntries(state.rows)).toEqual({ a: 1, k0: 6 });
  });

  it("drops a delta it has applied already", () => {
    const state = loaded();
    onDelta(state, delta(6), 0);
    expect(onDelta(state, delta(6), 1)).toBeNull();
    expect(state.seq).toBe(6);
  });

  it("holds what comes after a gap, asks to resume once, then applies it", () => {
    const state = loaded();
    expect(onDelta(state, delta(7), 100)).toBe("resume");
    expect(onDelta(state, delta(8), 200)).toBeNull();
    expect(state.seq).toBe(5);
    expect(onReply(state, { deltas: [delta(6)] })).toBeNull();
    expect(state.seq).toBe(8);
    expect(state.gapSince).toBeNull();
  });

  it("asks a snapshot when a gap outlasts its time", () => {
    const state = loaded();
    onDelta(state, delta(7), 100);
    expect(onDelta(state, delta(8), 100 + gapMs + 1)).toBe("snapshot");
  });

  it("holds no more than its limit", () => {
    const state = loaded();
    for (let seq = 7; seq < 7 + heldMax; seq += 1)
      onDelta(state, delta(seq), 0);
    expect(onDelta(state, delta(7 + heldMax), 0)).toBe("snapshot");
    expect(state.held).toHaveLength(heldMax);
  });

  it("asks a snapshot when the server has started anew", () => {
    expect(onDelta(loaded(), delta(6, "e2"), 0)).toBe("snapshot");
    const beat = {
      ...{ serverTime: 0, epoch: "e2", topics: {} },
      rebuilding: false,
    };
    expect(onHeartbeat(loaded(), beat, 0)).toBe("snapshot");
  });

  it("learns from a heartbeat that deltas are missing", () => {
    const state = loaded();
    const beat = {
      serverTime: 0,
      epoch: "e1",
      topics: { alerts: { seq: 9, watermark: 90 } },
      rebuilding: false,
    };
    expect(onHeartbeat(state, beat, 0)).toBe("resume");
    expect(onHeartbeat(state, beat, gapMs)).toBeNull();
    expect(onHeartbeat(state, beat, gapMs + 1)).toBe("snapshot");
    expect(state.watermark).toBe(50);
  });

  it("moves the watermark with a heartbeat that misses nothing", () => {
    const state = loaded();
    const topics = { alerts: { seq: 5, watermark: 99 } };
    onHeartbeat(
      state,
      { serverTime: 0, epoch: "e1", topics, rebuilding: false },
      0,
    );
    expect(state.watermark).toBe(99);
  });

  it("ignores a snapshot older than what it has", () => {
    const state = loaded();
    onDelta(state, delta(6), 0);
    const snapshot = {
      topic: "alerts",
      epoch: "e1",
      seq: 5,
      state: {},
      watermark: 0,
    } as const;
    onReply(state, { snapshot });
    expect(state.seq).toBe(6);
    expect(state.rows.size).toBe(2);
  });

  it("compares digests at the same sequence only", () => {
    const state = loaded();
    const hash = stateHash([["a", 1]]);
    const digest = { topic: "alerts", epoch: "e1", seq: 5, hash } as const;
    expect(onDigest(state, digest)).toBeNull();
    expect(state.agreedSeq).toBe(5);
    expect(onDigest(state, { ...digest, seq: 4, hash: "x" })).toBeNull();
    expect(onDigest(state, { ...digest, hash: "x" })).toBe("snapshot");
    expect(state.mismatches).toBe(1);
  });

  it("remembers why it was refused, until it is not", () => {
    const state = emptyTopic("customer", { id: "C-1" });
    const error = { code: "customer_unknown", message: "" };
    expect(onReply(state, { error })).toBeNull();
    expect(state.refused).toBe("customer_unknown");
    onReply(state, { deltas: [] });
    expect(state.refused).toBeNull();
  });
});
