/**
 * Whatever a line drops, doubles or swaps, and however often the server
 * starts anew: once the line is quiet, the page holds the server's state.
 */
import {
  applyOps,
  stateHash,
  type Json,
  type LiveDelta,
  type LiveOp,
  type SubscribeReply,
} from "@riskwall/schemas/live";
import { describe, expect, it } from "vitest";
import {
  emptyTopic,
  gapMs,
  haveOf,
  onDelta,
  onDigest,
  onHeartbeat,
  onReply,
  type Ask,
  type TopicState,
} from "./store.ts";

const cases = 2000;
const stepsMax = 120;
/** Deltas the modelled server can still resume. */
const ringMax = 12;

/** mulberry32: numbers in [0, 1) from a seed. */
function createRandom(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Server {
  epoch: number;
  seq: number;
  state: Map<string, Json>;
  ring: LiveDelta[];
}

function change(server: Server, random: () => number): LiveDelta {
  const key = `k${String(Math.floor(random() * 6))}`;
  const op: LiveOp =
    random() < 0.25
      ? { op: "del", key }
      : { op: "set", key, value: Math.floor(random() * 1000) };
  const delta: LiveDelta = {
    topic: "alerts",
    epoch: String(server.epoch),
    seq: server.seq + 1,
    prevSeq: server.seq,
    ops: [op],
    watermark: 0,
    times: { emitTime: 0 },
  };
  applyOps(server.state, delta.ops);
  server.seq += 1;
  server.ring = [...server.ring, delta].slice(-ringMax);
  return delta;
}

function answer(server: Server, client: TopicState, ask: Ask): SubscribeReply {
  const epoch = String(server.epoch);
  const have = ask === "resume" ? haveOf(client) : undefined;
  const missing = have?.epoch === epoch ? server.seq - have.seq : -1;
  if (missing >= 0 && missing <= server.ring.length) {
    return { deltas: server.ring.slice(server.ring.length - missing) };
  }
  return {
    snapshot: {
      topic: "alerts",
      epoch,
      seq: server.seq,
      state: Object.fromEntries(server.state),
      watermark: 0,
    },
  };
}

function restart(server: Server): void {
  server.epoch += 1;
  server.seq = 0;
  server.ring = [];
  if (server.epoch % 2 === 0) server.state = new Map();
}

/** Runs one random history; answers both digests and the mismatches seen. */
function run(seed: number): readonly [string, string, number] {
  const random = createRandom(seed);
  const server: Server = { epoch: 1, seq: 0, state: new Map(), ring: [] };
  const client = emptyTopic("alerts", undefined);
  let line: LiveDelta[] = [];
  let now = 0;
  const obey = (ask: Ask): void => {
    for (let next = ask; next !== null;) {
      // An answer may itself arrive late: the line moves on before it.
      const reply = answer(server, client, next);
      if (random() < 0.3) line.push(change(server, random));
      next = onReply(client, reply);
    }
  };
  const beat = (): void => {
    const topics = { alerts: { seq: server.seq, watermark: 0 } };
    const message = {
      ...{ serverTime: now, epoch: String(server.epoch), topics },
      rebuilding: false,
    };
    if (client.epoch === "") obey("snapshot");
    else obey(onHeartbeat(client, message, now));
  };
  const deliver = (): void => {
    const at = Math.floor(random() * line.length);
    const [delta] = line.splice(at, 1);
    if (!delta || random() < 0.15) return;
    if (random() < 0.15) line.push(delta);
    obey(onDelta(client, delta, now));
  };

  obey("snapshot");
  const steps = Math.floor(random() * stepsMax);
  for (let step = 0; step < steps; step += 1) {
    now += Math.floor(random() * 400);
    const dice = random();
    if (dice < 0.5) line.push(change(server, random));
    else if (dice < 0.9) deliver();
    else if (dice < 0.97) beat();
    else restart(server);
  }
  // The line falls quiet: what is left arrives, then heartbeats only.
  for (const delta of line) obey(onDelta(client, delta, now));
  line = [];
  for (let i = 0; i < 4; i += 1) {
    now += gapMs;
    beat();
    line = [];
  }
  const epoch = String(server.epoch);
  const hash = stateHash(server.state);
  onDigest(client, { topic: "alerts", epoch, seq: server.seq, hash });
  return [stateHash(client.rows), hash, client.mismatches];
}

describe("live store under a bad line", () => {
  it(`holds the server's state in the end, ${String(cases)} histories`, () => {
    const wrong: number[] = [];
    for (let seed = 1; seed <= cases; seed += 1) {
      const [mine, theirs, mismatches] = run(seed);
      if (mine !== theirs || mismatches > 0) wrong.push(seed);
    }
    expect(wrong).toEqual([]);
  });
});
