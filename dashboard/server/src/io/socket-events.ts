/** What a client may say on its socket, checked and bounded. */
import {
  liveTopics,
  stateHash,
  topicKey,
  type LiveDigest,
  type LiveParams,
  type LiveTopic,
  type SubscribeReply,
  type SubscribeRequest,
} from "@riskwall/schemas/live";
import type { Logger } from "pino";
import type { Socket } from "socket.io";
import { z } from "zod";
import { may, type Caller, type Identity } from "../access.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { Feed } from "../core/feed.ts";
import {
  allMasks,
  maskCode,
  maskReply,
  maskState,
  type Mask,
} from "../core/mask.ts";
import { createTokenBucket } from "../core/token-bucket.ts";

/** Messages of one client at once, and then per second. */
const messagesBurst = 50;
const messagesPerSecond = 20;
/** Rooms of one client at most. */
export const roomsMax = 32;
const room = z.object({
  topic: z.enum(liveTopics),
  params: z.object({ id: z.string().min(1).max(200) }).optional(),
});
const subscription = room.extend({
  have: z
    .object({ epoch: z.string().max(64), seq: z.number().int().min(0) })
    .optional(),
});
const pixel = z.object({
  appendTime: z.number().optional(),
  emitTime: z.number(),
  renderTime: z.number(),
});

export interface SocketEventsDeps {
  readonly feed: Feed;
  /** Makes a topic ready and answers what the client lacks. */
  readonly subscribe: (request: SubscribeRequest) => Promise<SubscribeReply>;
  readonly audit: Pick<AuditTrail, "customerRead">;
  /** Who this socket belongs to now; null when the right has ended. */
  readonly identify: () => Promise<Identity | null>;
  /** What this socket does not see, as of the last check. */
  readonly maskOf: () => Mask | null;
  readonly onPixel: (latencyMs: number) => void;
  readonly onDigestMismatch: () => void;
  readonly log: Logger;
  readonly now: () => number;
}

/** A request whose topic and params fit together, else null. */
function parseRoom(input: unknown): {
  readonly topic: LiveTopic;
  readonly params: LiveParams | undefined;
} | null {
  const parsed = room.safeParse(input);
  if (!parsed.success) return null;
  const { topic, params } = parsed.data;
  return (topic === "customer") === (params !== undefined)
    ? { topic, params }
    : null;
}

/** The room of a topic for those who see it under a mask. */
export function maskedRoom(name: string, mask: Mask | null): string {
  return mask === null ? name : `${maskCode(mask)}|${name}`;
}

/** The digest of what a client under a mask holds. */
export function digestFor(
  feed: Pick<Feed, "digest" | "rows">,
  {
    topic,
    params,
  }: Pick<SubscribeRequest, "topic"> & {
    readonly params: LiveParams | undefined;
  },
  mask: Mask | null,
): LiveDigest {
  const digest = feed.digest(topic, params);
  if (mask === null) return digest;
  const state = maskState(topic, feed.rows(topic, params), mask);
  return { ...digest, hash: stateHash(state) };
}

function failed(code: string, message: string): SubscribeReply {
  return { error: { code, message } };
}

function callerOf(socket: Socket, identity: Identity): Caller {
  const { address } = socket.handshake;
  return { ...identity, address, requestId: socket.id };
}

async function onSubscribe(
  socket: Socket,
  input: unknown,
  deps: SocketEventsDeps,
): Promise<SubscribeReply> {
  const asked = parseRoom(input);
  const parsed = subscription.safeParse(input);
  if (asked === null || !parsed.success) {
    return failed("bad_request", "topic, params or have is not valid");
  }
  if (socket.rooms.size > roomsMax) {
    return failed("too_many_topics", "leave a topic first");
  }
  const { topic, params } = asked;
  const { have } = parsed.data;
  const identity = await deps.identify();
  if (identity === null || !may(identity, "watch")) {
    socket.disconnect(true);
    return failed("unauthorized", "sign in first");
  }
  if (topic === "customer" && !may(identity, "look")) {
    return failed("forbidden", "a shared wall shows no single customer");
  }
  if (params?.id !== undefined) {
    const who = callerOf(socket, identity);
    await deps.audit.customerRead(who, params.id, "live");
  }
  const reply = await deps.subscribe({
    topic,
    ...(params === undefined ? {} : { params }),
    ...(have === undefined ? {} : { have }),
  });
  // Joined in the same turn as the answer was made: nothing lies between.
  if ("error" in reply) return reply;
  const { mask = null } = identity;
  void socket.join(maskedRoom(topicKey(topic, params), mask));
  return mask === null ? reply : maskReply(reply, mask);
}

/** Listens to a client; the rate is bounded per socket. */
export function attachEvents(socket: Socket, deps: SocketEventsDeps): void {
  const { feed, log, maskOf } = deps;
  const bucket = createTokenBucket(messagesBurst, messagesPerSecond);
  const mayGo = (): boolean => bucket.take(deps.now());
  socket.on("subscribe", (input: unknown, acknowledge: unknown) => {
    if (typeof acknowledge !== "function") return;
    // Socket.IO passes the acknowledgement as a plain function.
    const answer = acknowledge as (reply: SubscribeReply) => void;
    if (!mayGo()) {
      answer(failed("rate_limited", "too many messages"));
      return;
    }
    onSubscribe(socket, input, deps).then(answer, (error: unknown) => {
      log.warn({ error: String(error) }, "subscribe");
      answer(failed("unavailable", "the topic cannot be read now"));
    });
  });
  socket.on("unsubscribe", (input: unknown) => {
    const asked = mayGo() ? parseRoom(input) : null;
    if (!asked) return;
    const name = topicKey(asked.topic, asked.params);
    for (const mask of [null, ...allMasks]) {
      void socket.leave(maskedRoom(name, mask));
    }
  });
  socket.on("digest?", (input: unknown, acknowledge: unknown) => {
    const asked = mayGo() ? parseRoom(input) : null;
    if (!asked || !feed.knows(asked.topic, asked.params)) return;
    const digest = digestFor(feed, asked, maskOf());
    if (typeof acknowledge === "function") acknowledge(digest);
    else socket.emit("digest", digest);
  });
  socket.on("digest-mismatch", () => {
    if (mayGo()) deps.onDigestMismatch();
  });
  socket.on("pixel", (input: unknown) => {
    const parsed = mayGo() ? pixel.safeParse(input) : null;
    if (!parsed?.success) return;
    const { appendTime, emitTime, renderTime } = parsed.data;
    deps.onPixel(Math.max(0, renderTime - (appendTime ?? emitTime)));
  });
}
