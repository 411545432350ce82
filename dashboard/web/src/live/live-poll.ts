/**
 * The live protocol over plain requests, where sockets are blocked (ux 2.4, 8):
 * one request at a time goes round the topics, so that the browser's few
 * connections stay free; the alerts wait at the server for what is new.
 */
import {
  topicKey,
  type LiveDelta,
  type LiveHave,
  type LiveHeartbeat,
  type SubscribeReply,
  type SubscribeRequest,
} from "@riskwall/schemas/live";
import type { LiveHandlers, LiveSocket } from "./live-socket.ts";

/** How long one round's last request waits at the server; paces the rounds. */
export const roundWaitMs = 1000;
/** Each request for a customer is a line in the audit log: fewer of them. */
export const customerEveryMs = 10_000;

export type PollAnswer = SubscribeReply & { readonly hb: LiveHeartbeat };

interface Followed {
  readonly request: SubscribeRequest;
  /** Waits for the first answer to a subscription. */
  answer: ((reply: SubscribeReply) => void) | null;
  have: LiveHave | undefined;
  askedAt: number;
}

export function pollPath(
  { topic, params }: SubscribeRequest,
  have: LiveHave | undefined,
  waitMs: number,
): string {
  const query = new URLSearchParams({ waitMs: String(waitMs) });
  if (have !== undefined) {
    query.set("epoch", have.epoch);
    query.set("seq", String(have.seq));
  }
  if (params?.id !== undefined) query.set("id", params.id);
  return `/api/live/${topic}?${query.toString()}`;
}

/** What is held after a reply; undefined: ask for everything. */
export function haveAfter(
  reply: SubscribeReply,
  before: LiveHave | undefined,
): LiveHave | undefined {
  if ("snapshot" in reply) {
    const { epoch, seq } = reply.snapshot;
    return { epoch, seq };
  }
  const last: LiveDelta | undefined =
    "deltas" in reply ? reply.deltas.at(-1) : undefined;
  return last === undefined ? before : { epoch: last.epoch, seq: last.seq };
}

/** `fetchLive` throws when the server cannot be reached or refuses. */
export function createLivePoll(
  fetchLive: (path: string) => Promise<PollAnswer>,
  now: () => number = Date.now,
): LiveSocket {
  const topics = new Map<string, Followed>();
  let handlers: LiveHandlers | null = null;
  /** Counts connections: a round of an older one ends unheard. */
  let generation = 0;
  let connected = false;

  const take = (followed: Followed, reply: PollAnswer): void => {
    followed.have = haveAfter(reply, followed.have);
    const { answer } = followed;
    followed.answer = null;
    if (answer !== null) answer(reply);
    else if ("deltas" in reply) reply.deltas.forEach((d) => handlers?.delta(d));
    // A snapshot that nobody asked for: the heartbeat makes the page ask.
    else if ("snapshot" in reply) followed.have = undefined;
    handlers?.hb(reply.hb);
  };

  const ask = async (followed: Followed, waitMs: number): Promise<void> => {
    const { request, have } = followed;
    const own = generation;
    followed.askedAt = now();
    const reply = await fetchLive(pollPath(request, have, waitMs));
    const key = topicKey(request.topic, request.params);
    if (own === generation && topics.get(key) === followed) {
      take(followed, reply);
    }
  };

  const isDue = ({ request, answer, askedAt }: Followed): boolean =>
    answer !== null ||
    request.topic !== "customer" ||
    now() - askedAt >= customerEveryMs;

  /** One request after the other, the last one waiting at the server. */
  const round = async (): Promise<void> => {
    const due = [...topics.values()].filter(isDue);
    const pacing =
      due.find((item) => item.request.topic === "alerts") ??
      due.find((item) => item.request.topic !== "customer");
    for (const followed of due) {
      if (followed !== pacing) await ask(followed, 0);
    }
    const isNew = [...topics.values()].some((item) => item.answer !== null);
    if (pacing) await ask(pacing, isNew ? 0 : roundWaitMs);
    else {
      // Nobody follows anything: only the line itself is looked after.
      const reply = await fetchLive(pollPath({ topic: "ops" }, undefined, 0));
      handlers?.hb(reply.hb);
      await new Promise((go) => setTimeout(go, roundWaitMs));
    }
  };

  const run = async (own: number): Promise<void> => {
    try {
      const first = await fetchLive(pollPath({ topic: "ops" }, undefined, 0));
      if (own !== generation) return;
      connected = true;
      handlers?.connect();
      handlers?.hb(first.hb);
      while (own === generation) await round();
    } catch (reason) {
      if (own !== generation) return;
      console.info("live polling ended", String(reason));
      const stood = connected;
      connected = false;
      generation += 1;
      if (stood) handlers?.disconnect();
      else handlers?.refused();
    }
  };

  return {
    get connected() {
      return connected;
    },
    polling: true,
    listen: (given) => {
      handlers = given;
    },
    connect: () => {
      generation += 1;
      void run(generation);
    },
    disconnect: () => {
      generation += 1;
      connected = false;
    },
    subscribe: (request, answer) => {
      topics.set(topicKey(request.topic, request.params), {
        ...{ request, answer, have: request.have, askedAt: 0 },
      });
    },
    send: (message, body) => {
      // What else a page tells needs a socket; leaving a topic does not.
      if (message !== "unsubscribe") return;
      const { topic, params } = body as SubscribeRequest;
      topics.delete(topicKey(topic, params));
    },
  };
}
