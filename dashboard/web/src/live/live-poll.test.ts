import { stateHash, type LiveTopic } from "@riskwall/schemas/live";
import { describe, expect, it } from "vitest";
import { createFeed } from "../../../server/src/core/feed.ts";
import {
  createLivePoll,
  customerEveryMs,
  haveAfter,
  pollPath,
  type PollAnswer,
} from "./live-poll.ts";
import { emptyTopic, haveOf, onDelta, onHeartbeat, onReply } from "./store.ts";

describe("a request of polling", () => {
  it("names what is held and how long it may wait", () => {
    expect(pollPath({ topic: "alerts" }, undefined, 0)).toBe(
      "/api/live/alerts?waitMs=0",
    );
    const request = { topic: "customer", params: { id: "C 1" } } as const;
    expect(pollPath(request, { epoch: "e", seq: 7 }, 9)).toBe(
      "/api/live/customer?waitMs=9&epoch=e&seq=7&id=C+1",
    );
  });

  it("holds what the answer brought", () => {
    const before = { epoch: "e", seq: 3 };
    expect(haveAfter({ deltas: [] }, before)).toEqual(before);
    const error = { code: "x", message: "" };
    expect(haveAfter({ error }, before)).toEqual(before);
  });
});

/** The page's side over a feed that stands in for the server. */
function setUp() {
  let feed = createFeed("e1");
  const asked: string[] = [];
  let up = true;
  let clock = 0;
  let onAsk = (_: string): void => undefined;
  const poll = createLivePoll(
    async (path) => {
      await Promise.resolve();
      if (!up) throw new Error("away");
      asked.push(path);
      onAsk(path);
      const url = new URL(path, "http://wall.test");
      const epoch = url.searchParams.get("epoch");
      const seq = Number(url.searchParams.get("seq"));
      const id = url.searchParams.get("id");
      // The topics that this test asks for.
      const topic = url.pathname.split("/").at(-1) as LiveTopic;
      const have = epoch === null ? undefined : { epoch, seq };
      const reply = feed.subscribe(topic, id ? { id } : undefined, have);
      return { ...reply, hb: feed.heartbeat(clock) } satisfies PollAnswer;
    },
    () => clock,
  );
  const page = emptyTopic("alerts", undefined);
  const told: string[] = [];
  const subscribe = (): void => {
    const have = haveOf(page);
    poll.subscribe(
      { topic: "alerts", ...(have === undefined ? {} : { have }) },
      (reply) => void onReply(page, reply),
    );
  };
  poll.listen({
    connect: () => {
      told.push("connect");
      subscribe();
    },
    disconnect: () => told.push("disconnect"),
    refused: () => told.push("refused"),
    hb: (beat) => {
      const wish = onHeartbeat(page, beat, clock);
      if (wish === "snapshot")
        poll.subscribe({ topic: "alerts" }, (reply) => {
          onReply(page, reply);
        });
    },
    delta: (delta) => void onDelta(page, delta, clock),
    ...{ digest: () => undefined, drain: () => undefined },
  });
  /** Runs until the server was asked `n` times more. */
  const rounds = async (n: number): Promise<void> =>
    new Promise((done) => {
      let left = n;
      onAsk = () => {
        clock += 1000;
        left -= 1;
        if (left === 0) done();
      };
    });
  const put = (value: number): void => {
    feed.commit("alerts", undefined, [{ op: "set", key: "k", value }], {
      emitTime: clock,
    });
  };
  return {
    ...{ poll, page, told, asked, rounds, put },
    restart: () => {
      feed = createFeed("e2");
      put(42);
    },
    fail: () => {
      up = false;
    },
    hash: () => feed.digest("alerts", undefined).hash,
  };
}

describe("polling", () => {
  it("follows the server's state, and a server that starts anew", async () => {
    const { poll, page, told, rounds, put, restart, hash } = setUp();
    put(1);
    poll.connect();
    await rounds(4);
    put(2);
    await rounds(3);
    expect([told, poll.connected]).toEqual([["connect"], true]);
    expect(stateHash(page.rows)).toBe(hash());
    restart();
    await rounds(4);
    expect([page.epoch, stateHash(page.rows)]).toEqual(["e2", hash()]);
    poll.disconnect();
  });

  it("asks for a customer seldom: each time is a line in the audit log", async () => {
    const { poll, asked, rounds } = setUp();
    poll.connect();
    await rounds(3);
    const params = { id: "C-1" };
    poll.subscribe({ topic: "customer", params }, () => undefined);
    const before = asked.length;
    await rounds(30);
    poll.disconnect();
    const read = asked
      .slice(before)
      .filter((path) => path.includes("customer"));
    expect(read.length).toBeGreaterThan(1);
    expect(read.length).toBeLessThanOrEqual(30_000 / customerEveryMs + 1);
  });

  it("tells that it was refused, or that it was cut off", async () => {
    const { poll, told, rounds, fail } = setUp();
    poll.connect();
    await rounds(3);
    fail();
    await new Promise((go) => setTimeout(go, 0));
    expect([told, poll.connected]).toEqual([["connect", "disconnect"], false]);
    poll.connect();
    await new Promise((go) => setTimeout(go, 0));
    expect(told.at(-1)).toBe("refused");
  });
});
