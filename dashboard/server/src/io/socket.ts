/**
 * Socket.IO around the feed: sign-in, rooms, heartbeat, digests, pressure.
 *
 * Client → server, the first two acknowledged:
 *   subscribe {topic, params?, have?}  → SubscribeReply
 *   digest? {topic, params?}           → LiveDigest
 *   unsubscribe {topic, params?}
 *   pixel {appendTime?, emitTime, renderTime}   server's clock, ms
 *   digest-mismatch {topic}
 * Server → client: delta, hb, digest, drain.
 */
import type { Server as HttpServer } from "node:http";
import {
  liveTopics,
  topicKey,
  type LiveDelta,
  type LiveParams,
  type LiveTopic,
  type SubscribeReply,
  type SubscribeRequest,
} from "@riskwall/schemas/live";
import type { Logger } from "pino";
import { Server, type Socket } from "socket.io";
import { z } from "zod";
import { cookieOf, isOwnOrigin, may, type Identity } from "../access.ts";
import type { Feed } from "../core/feed.ts";
import { createTokenBucket } from "../core/token-bucket.ts";
import { sessionCookie, type Sessions } from "./sessions.ts";
import type { Settings } from "./settings.ts";

export const heartbeatMs = 1000;
export const digestMs = 30_000;
/** Largest message a client may send. */
export const messageMaxBytes = 16_384;
/** Messages of one client at once, and then per second. */
const messagesBurst = 50;
const messagesPerSecond = 20;
/** Rooms of one client at most. */
export const roomsMax = 32;
/** A client whose unsent bytes stay above this for long is cut off. */
export const pressureBytes = 1_048_576;
export const pressureMs = 10_000;
/** How often the right to read is checked again. */
const recheckMs = 60_000;
/** When a client may come again while this server ends. */
const drainRetryMs = 500;
/** Pause between telling clients and closing their sockets. */
const drainGraceMs = 250;

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

export interface LiveSockets {
  /** Sends a delta to everyone in its room. */
  send: (room: string, delta: LiveDelta) => void;
  hasRoom: (room: string) => boolean;
  clients: () => number;
  /** Cuts off the sockets of a session that ended. */
  endSession: (token: string) => void;
  /** Tells clients to come again, then closes. */
  close: () => Promise<void>;
}

export interface LiveSocketsDeps {
  readonly http: HttpServer;
  readonly feed: Feed;
  readonly sessions: Pick<Sessions, "find">;
  readonly settings: Pick<Settings, "byToken">;
  /** Makes a topic ready and answers what the client lacks. */
  readonly subscribe: (request: SubscribeRequest) => Promise<SubscribeReply>;
  readonly onPixel: (latencyMs: number) => void;
  readonly onDigestMismatch: () => void;
  readonly log: Logger;
  readonly now: () => number;
}

/** What a socket was opened with; enough to ask again. */
interface Credentials {
  readonly token: string | null;
  readonly session: string;
}

interface Member {
  readonly credentials: Credentials;
  readonly socket: Socket;
  /** Bytes handed to the engine that it has not taken yet. */
  unsent: number;
  /** When `unsent` passed the bound, or null. */
  pressedSince: number | null;
}

function credentialsOf(socket: Socket): Credentials {
  const given: unknown = socket.handshake.auth["token"];
  const { cookie } = socket.handshake.headers;
  return {
    token: typeof given === "string" ? given : null,
    session: cookieOf(cookie, sessionCookie),
  };
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

function failed(code: string, message: string): SubscribeReply {
  return { error: { code, message } };
}

export function createLiveSockets(deps: LiveSocketsDeps): LiveSockets {
  const { feed, log } = deps;
  const members = new Map<string, Member>();
  const io = new Server(deps.http, {
    path: "/live",
    transports: ["websocket"],
    maxHttpBufferSize: messageMaxBytes,
    perMessageDeflate: false,
    serveClient: false,
    allowRequest: (request, done) => {
      const { origin, host } = request.headers;
      done(null, isOwnOrigin(origin, host));
    },
  });

  const identify = async (from: Credentials): Promise<Identity | null> =>
    from.token === null
      ? deps.sessions.find(from.session)
      : deps.settings.byToken(from.token);

  io.use((socket, next) => {
    identify(credentialsOf(socket)).then(
      (identity) => {
        if (may(identity, "read")) next();
        else next(new Error("unauthorized"));
      },
      (error: unknown) => {
        log.warn({ error: String(error) }, "socket sign-in");
        next(new Error("unavailable"));
      },
    );
  });

  const onSubscribe = async (
    socket: Socket,
    input: unknown,
  ): Promise<SubscribeReply> => {
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
    const reply = await deps.subscribe({
      topic,
      ...(params === undefined ? {} : { params }),
      ...(have === undefined ? {} : { have }),
    });
    // Joined in the same turn as the answer was made: nothing lies between.
    if (!("error" in reply)) void socket.join(topicKey(topic, params));
    return reply;
  };

  const attach = (socket: Socket): void => {
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
      onSubscribe(socket, input).then(answer, (error: unknown) => {
        log.warn({ error: String(error) }, "subscribe");
        answer(failed("unavailable", "the topic cannot be read now"));
      });
    });
    socket.on("unsubscribe", (input: unknown) => {
      const asked = mayGo() ? parseRoom(input) : null;
      if (asked) void socket.leave(topicKey(asked.topic, asked.params));
    });
    socket.on("digest?", (input: unknown, acknowledge: unknown) => {
      const asked = mayGo() ? parseRoom(input) : null;
      if (!asked || !feed.knows(asked.topic, asked.params)) return;
      const digest = feed.digest(asked.topic, asked.params);
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
  };

  io.on("connection", (socket) => {
    const member: Member = {
      credentials: credentialsOf(socket),
      socket,
      unsent: 0,
      pressedSince: null,
    };
    members.set(socket.id, member);
    // The engine holds packets back until its transport took the last ones.
    socket.conn.on("packetCreate", (packet) => {
      const data: unknown = packet.data;
      member.unsent += typeof data === "string" ? data.length : 0;
    });
    socket.conn.on("drain", () => {
      member.unsent = 0;
    });
    socket.on("disconnect", () => {
      members.delete(socket.id);
    });
    attach(socket);
  });

  const relieve = (): void => {
    const now = deps.now();
    for (const member of members.values()) {
      if (member.unsent < pressureBytes) member.pressedSince = null;
      else member.pressedSince ??= now;
      const since = member.pressedSince ?? now;
      if (now - since < pressureMs) continue;
      log.warn({ unsent: member.unsent }, "slow client cut off");
      member.socket.disconnect(true);
    }
  };

  const recheck = async (): Promise<void> => {
    for (const { credentials, socket } of [...members.values()]) {
      const identity = await identify(credentials);
      if (!may(identity, "read")) socket.disconnect(true);
    }
  };

  const sendDigests = (): void => {
    for (const name of io.sockets.adapter.rooms.keys()) {
      const [head = "", ...rest] = name.split(":");
      const topic = liveTopics.find((item) => item === head);
      if (topic === undefined) continue;
      const params = rest.length === 0 ? undefined : { id: rest.join(":") };
      if (feed.knows(topic, params)) {
        io.to(name).emit("digest", feed.digest(topic, params));
      }
    }
  };

  const timers = [
    setInterval(() => {
      io.volatile.emit("hb", feed.heartbeat(deps.now()));
      relieve();
    }, heartbeatMs),
    setInterval(sendDigests, digestMs),
    setInterval(() => {
      recheck().catch((error: unknown) => {
        log.warn({ error: String(error) }, "sessions were not checked again");
      });
    }, recheckMs),
  ];

  return {
    send: (name, delta) => {
      io.to(name).emit("delta", delta);
    },
    hasRoom: (name) => io.sockets.adapter.rooms.has(name),
    clients: () => members.size,
    endSession: (token) => {
      for (const { credentials, socket } of members.values()) {
        if (credentials.session === token && credentials.token === null) {
          socket.disconnect(true);
        }
      }
    },
    close: async () => {
      for (const timer of timers) clearInterval(timer);
      io.emit("drain", { retryAfterMs: drainRetryMs });
      await new Promise((go) => setTimeout(go, drainGraceMs));
      await io.close();
    },
  };
}
