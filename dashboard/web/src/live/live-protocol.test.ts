/**
 * Server feed and page store against each other over a bad line: whatever is
 * cut, killed, dropped, doubled or swapped, once the line is quiet the page
 * holds the server's state, by digest (ux 6, bar 1).
 */
import {
  stateHash,
  type LiveDelta,
  type LiveDigest,
  type LiveHeartbeat,
  type LiveOp,
  type SubscribeReply,
} from "@riskwall/schemas/live";
import { describe, expect, it } from "vitest";
import { createFeed, type Feed } from "../../../server/src/core/feed.ts";
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

const cases = 10_000;
const stepsMax = 240;
const topic = "alerts";
/** Beats of a quiet line after which everything must have been found out. */
const quietBeats = 4;

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

type Message =
  | { readonly delta: LiveDelta }
  | { readonly reply: SubscribeReply }
  | { readonly beat: LiveHeartbeat }
  | { readonly digest: LiveDigest };

/** How often each thing happened: a test of nothing would show here. */
const counted = {
  ...{ cut: 0, kill: 0, drop: 0, duplicate: 0, reorder: 0, held: 0 },
  ...{ snapshots: 0, resumes: 0, agreed: 0 },
};

type Receive = typeof onDelta;

/** One history over two servers; answers what differs in the end. */
function run(seed: number, receive: Receive = onDelta): readonly string[] {
  const random = createRandom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  let epochs = 0;
  const start = (): Feed => createFeed(`${String(seed)}.${String(epochs++)}`);
  // Each server consumes the outputs itself: the same changes, other epochs.
  const servers: Feed[] = [start(), start()];
  let at = 0;
  let now = 0;
  let line: Message[] = [];
  let connected = true;
  /** Sequence after which a client that reads too slowly was sent nothing. */
  let heldAt: number | null = null;
  let asked = false;
  const client: TopicState = emptyTopic(topic, undefined);
  const server = (): Feed => servers[at] ?? start();

  const ask = (whole: boolean): void => {
    if (!connected || asked) return;
    asked = true;
    const have = whole ? undefined : haveOf(client);
    const reply = server().subscribe(topic, undefined, have);
    counted["snapshot" in reply ? "snapshots" : "resumes"] += 1;
    line.push({ reply });
  };
  const obey = (wish: Ask): void => {
    if (wish !== null) ask(wish === "snapshot");
  };
  const take = (message: Message): void => {
    if ("delta" in message) obey(receive(client, message.delta, now));
    else if ("beat" in message) {
      obey(onHeartbeat(client, message.beat, now));
      if (client.epoch === "") ask(true);
    } else if ("digest" in message) {
      obey(onDigest(client, message.digest));
      if (client.agreedSeq > 0) counted.agreed += 1;
    } else {
      asked = false;
      obey(onReply(client, message.reply));
    }
  };
  const send = (delta: LiveDelta): void => {
    if (connected && heldAt === null) line.push({ delta });
  };
  const change = (): void => {
    const key = `k${String(below(6))}`;
    const op: LiveOp =
      random() < 0.25
        ? { op: "del", key }
        : { op: "set", key, value: below(1000) };
    const isQueued = random() < 0.3;
    for (const [i, feed] of servers.entries()) {
      const times = { emitTime: now };
      if (isQueued) feed.queue(topic, undefined, [op], times);
      else {
        const delta = feed.commit(topic, undefined, [op], times);
        if (i === at) send(delta);
      }
    }
  };
  const flush = (): void => {
    for (const [i, feed] of servers.entries()) {
      for (const delta of feed.flush(now)) if (i === at) send(delta);
    }
  };
  const connect = (): void => {
    connected = true;
    asked = false;
    at = below(2);
    ask(false);
  };
  const cut = (): void => {
    counted.cut += 1;
    connected = false;
    heldAt = null;
    line = [];
  };
  const kill = (): void => {
    counted.kill += 1;
    const which = below(2);
    const old = servers[which] ?? start();
    const fresh = start();
    const isRebuilt = random() < 0.5;
    for (const [key, value] of isRebuilt ? old.rows(topic, undefined) : []) {
      const op = { op: "set", key, value } as const;
      fresh.commit(topic, undefined, [op], { emitTime: now });
    }
    servers[which] = fresh;
    if (which === at) cut();
  };
  const hold = (): void => {
    if (!connected) return;
    counted.held += 1;
    const { seq } = server().digest(topic, undefined);
    if (heldAt === null) heldAt = seq;
    else {
      const delta = server().merged(topic, undefined, heldAt);
      heldAt = null;
      if (delta) send(delta);
    }
  };
  const deliver = (): void => {
    if (line.length === 0) return;
    const index = random() < 0.7 ? 0 : below(line.length);
    if (index > 0) counted.reorder += 1;
    const [message] = line.splice(index, 1);
    if (!message) return;
    const dice = random();
    if (dice < 0.12) {
      counted.drop += 1;
      // An answer that never comes is asked for again after a while.
      if ("reply" in message) asked = false;
      return;
    }
    if (dice < 0.24) {
      counted.duplicate += 1;
      line.push(message);
    }
    take(message);
  };
  const beat = (): void => {
    if (!connected) return;
    const feed = server();
    line.push({ beat: feed.heartbeat(now) });
    if (random() < 0.5) line.push({ digest: feed.digest(topic, undefined) });
  };
  const step = (): void => {
    const dice = random();
    if (!connected && dice < 0.3) connect();
    else if (dice < 0.4) change();
    else if (dice < 0.5) flush();
    else if (dice < 0.87) deliver();
    else if (dice < 0.94) beat();
    else if (dice < 0.96) cut();
    else if (dice < 0.98) kill();
    else hold();
  };

  ask(true);
  for (let left = below(stepsMax); left > 0; left -= 1) {
    now += below(400);
    step();
  }
  // The line falls quiet: what is left arrives, then beats and digests only.
  if (!connected) connect();
  if (heldAt !== null) hold();
  flush();
  for (let i = 0; i < quietBeats; i += 1) {
    asked = false;
    for (let next = line.shift(); next; next = line.shift()) take(next);
    now += gapMs + 1;
    line.push({ beat: server().heartbeat(now) });
  }
  const digest = server().digest(topic, undefined);
  take({ digest });
  const problems: string[] = [];
  if (stateHash(client.rows) !== digest.hash) problems.push("state");
  if (client.seq !== digest.seq) problems.push("sequence");
  if (client.mismatches > 0) problems.push("digest");
  return problems;
}

describe("feed and store over a bad line", () => {
  it(`agree in the end, ${String(cases)} histories`, () => {
    const wrong: string[] = [];
    for (let seed = 1; seed <= cases; seed += 1) {
      const problems = run(seed);
      if (problems.length > 0)
        wrong.push(`${String(seed)}: ${problems.join()}`);
    }
    expect(wrong).toEqual([]);
    // Each trouble on average at least once in ten histories.
    for (const [what, times] of Object.entries(counted)) {
      expect([what, times >= cases / 10]).toEqual([what, true]);
    }
  });

  it("would show a store that applies whatever comes", () => {
    const careless: Receive = (state, delta) =>
      onDelta(state, { ...delta, prevSeq: state.seq, epoch: state.epoch }, 0);
    const wrong = Array.from({ length: 200 }, (_, i) => run(i + 1, careless));
    expect(wrong.filter((found) => found.length > 0).length).toBeGreaterThan(
      10,
    );
  });
});
