import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyOps,
  stateHash,
  type Json,
  type LiveDelta,
  type LiveHave,
  type LiveOp,
  type SubscribeReply,
} from "@riskwall/schemas/live";
import {
  createFeed,
  resumeMaxDeltas,
  ringMaxDeltas,
  ringWindowMs,
  type Feed,
} from "./feed.ts";

const set = (key: string, value: Json): LiveOp => ({ op: "set", key, value });
const at = (emitTime: number): { emitTime: number } => ({ emitTime });

function deltasOf(reply: SubscribeReply): readonly LiveDelta[] | null {
  return "deltas" in reply ? reply.deltas : null;
}

describe("commit and queue", () => {
  it("counts every change and names the sequence before it", () => {
    const feed = createFeed("e1");
    const one = feed.commit("alerts", undefined, [set("a", 1)], at(1));
    const two = feed.commit("alerts", undefined, [set("b", 2)], at(2));
    expect([one.prevSeq, one.seq, two.prevSeq, two.seq]).toEqual([0, 1, 1, 2]);
  });

  it("keeps the latest op of a key until the flush", () => {
    const feed = createFeed("e1");
    feed.queue("scores", undefined, [set("a", 1)], at(1));
    feed.queue("scores", undefined, [set("a", 2), set("b", 1)], at(2));
    expect(feed.rows("scores", undefined).size).toBe(0);
    const [delta] = feed.flush(3);
    expect(delta?.ops).toEqual([set("a", 2), set("b", 1)]);
    expect(feed.flush(4)).toEqual([]);
  });

  it("leaves out ops that change nothing", () => {
    const feed = createFeed("e1");
    feed.queue("ops", undefined, [set("pipeline", { lag: 0 })], at(1));
    feed.flush(1);
    feed.queue("ops", undefined, [set("pipeline", { lag: 0 })], at(2));
    feed.queue("ops", undefined, [{ op: "del", key: "nothing" }], at(2));
    expect(feed.flush(2)).toEqual([]);
  });

  it("stamps deltas with the watermark known then", () => {
    const feed = createFeed("e1");
    feed.commit("alerts", undefined, [set("a", 1)], at(1));
    feed.setWatermark(77);
    const delta = feed.commit("alerts", undefined, [set("a", 2)], at(2));
    expect(delta.watermark).toBe(77);
    expect(feed.heartbeat(5).topics["alerts"]).toEqual({
      seq: 2,
      watermark: 77,
    });
  });
});

describe("subscribe", () => {
  const filled = (n: number): Feed => {
    const feed = createFeed("e1");
    for (let i = 1; i <= n; i += 1) {
      feed.commit("alerts", undefined, [set(`k${String(i % 7)}`, i)], at(i));
    }
    return feed;
  };

  it.each([
    ["nothing", undefined],
    ["another server's epoch", { epoch: "e0", seq: 3 }],
    ["a sequence from the future", { epoch: "e1", seq: 99 }],
  ])("gives a snapshot to a client that has %s", (_, have) => {
    const reply = filled(5).subscribe("alerts", undefined, have);
    expect("snapshot" in reply && reply.snapshot.seq).toBe(5);
  });

  it("gives exactly the missing deltas", () => {
    const have = { epoch: "e1", seq: 3 };
    const deltas = deltasOf(filled(5).subscribe("alerts", undefined, have));
    expect(deltas?.map((delta) => delta.seq)).toEqual([4, 5]);
  });

  it("gives nothing to a client that is up to date", () => {
    const have = { epoch: "e1", seq: 5 };
    expect(deltasOf(filled(5).subscribe("alerts", undefined, have))).toEqual(
      [],
    );
  });

  it("prefers a snapshot to too many deltas", () => {
    const feed = filled(resumeMaxDeltas + 2);
    const far = feed.subscribe("alerts", undefined, { epoch: "e1", seq: 1 });
    const near = feed.subscribe("alerts", undefined, { epoch: "e1", seq: 2 });
    expect("snapshot" in far).toBe(true);
    expect(deltasOf(near)).toHaveLength(resumeMaxDeltas);
  });

  it("forgets deltas by age", () => {
    const feed = createFeed("e1");
    feed.commit("alerts", undefined, [set("a", 1)], at(1));
    feed.commit("alerts", undefined, [set("a", 2)], at(2));
    feed.commit("alerts", undefined, [set("a", 3)], at(ringWindowMs + 10));
    const have = { epoch: "e1", seq: 1 };
    expect("snapshot" in feed.subscribe("alerts", undefined, have)).toBe(true);
  });

  it("forgets deltas by number", () => {
    const feed = filled(ringMaxDeltas + 1);
    const have = { epoch: "e1", seq: ringMaxDeltas - 1 };
    expect(deltasOf(feed.subscribe("alerts", undefined, have))).toHaveLength(2);
  });

  it("never resumes over a topic that was released and opened again", () => {
    const feed = createFeed("e1");
    const params = { id: "C-1" };
    feed.commit("customer", params, [set("view", "old")], at(1));
    feed.commit("customer", params, [set("view", "older")], at(2));
    const have: LiveHave = { epoch: "e1", seq: 2 };
    feed.release("customer", params);
    expect(feed.knows("customer", params)).toBe(false);
    feed.commit("customer", params, [set("view", "new")], at(3));
    feed.commit("customer", params, [set("view", "newer")], at(4));
    const reply = feed.subscribe("customer", params, have);
    expect("snapshot" in reply && reply.snapshot.state["view"]).toBe("newer");
  });
});

describe("merged", () => {
  it("is one delta with the latest op of each key", () => {
    const feed = createFeed("e1");
    feed.commit("scores", undefined, [set("a", 1), set("b", 1)], at(1));
    feed.commit("scores", undefined, [set("a", 2)], at(2));
    feed.commit("scores", undefined, [{ op: "del", key: "b" }], at(3));
    feed.commit("scores", undefined, [set("a", 3)], at(4));
    const delta = feed.merged("scores", undefined, 1);
    expect([delta?.prevSeq, delta?.seq]).toEqual([1, 4]);
    expect(delta?.ops).toEqual([set("a", 3), { op: "del", key: "b" }]);
    const rows = new Map<string, Json>([
      ["a", 1],
      ["b", 1],
    ]);
    applyOps(rows, delta?.ops ?? []);
    expect(stateHash(rows)).toBe(feed.digest("scores", undefined).hash);
  });

  it.each([
    ["nothing is missing", 2],
    ["the sequence is from the future", 9],
  ])("is nothing when %s", (_, seq) => {
    const feed = createFeed("e1");
    feed.commit("scores", undefined, [set("a", 1)], at(1));
    feed.commit("scores", undefined, [set("a", 2)], at(2));
    expect(feed.merged("scores", undefined, seq)).toBeNull();
    expect(feed.merged("orders", undefined, 0)).toBeNull();
  });

  it("is nothing when the ring has forgotten", () => {
    const feed = createFeed("e1");
    feed.commit("scores", undefined, [set("a", 1)], at(1));
    feed.commit("scores", undefined, [set("a", 2)], at(ringWindowMs + 10));
    expect(feed.merged("scores", undefined, 0)).toBeNull();
  });
});

const key = fc.integer({ min: 0, max: 9 }).map((n) => `k${String(n)}`);
describe("the digest", () => {
  it("differs from the server's in its digest whenever a row differs", () => {
    fc.assert(
      fc.property(
        fc.dictionary(key, fc.jsonValue(), { minKeys: 1 }),
        fc.jsonValue(),
        (state, other) => {
          const [first] = Object.entries(state);
          fc.pre(!!first && JSON.stringify(first[1]) !== JSON.stringify(other));
          const changed = { ...state, [first?.[0] ?? ""]: other };
          expect(stateHash(Object.entries(changed))).not.toBe(
            stateHash(Object.entries(state)),
          );
        },
      ),
    );
  });
});
