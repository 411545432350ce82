/** Socket.IO around the feed: sign-in, rooms, heartbeat, digests, pressure. */
import type { Server as HttpServer } from "node:http";
import {
  liveTopics,
  topicKey,
  type LiveDelta,
  type LiveTopic,
  type SubscribeReply,
} from "@riskwall/schemas/live";
import { Server, type Socket } from "socket.io";
import { z } from "zod";
import { sessionCookie, type Auth, type Identity } from "./auth.ts";
import type { Feed } from "./core/feed.ts";
import type { Hub } from "./hub.ts";

const heartbeatMs = 1000;
const digestMs = 30_000;
/** A client whose unsent bytes stay above this for long is cut off. */
const pressureBytes = 1_048_576;
const pressureMs = 10_000;
const messageMaxBytes = 16_384;
/** Messages of one client per second. */
const clientRate = 50;
const drainRetryMs = 500;
const pixelKeep = 500;

const request = z.object({
  topic: z.enum(liveTopics),
  params: z.object({ id: z.string().min(1).max(128) }).optional(),
  have: z.object({ epoch: z.string(), seq: z.number().int() }).optional(),
});
const pixel = z.object({
  eventTime: z.number().optional(),
  appendTime: z.number().optional(),
  emitTime: z.number(),
  renderTime: z.number(),
});

export interface Live {
  send: (delta: LiveDelta) => void;
  clients: () => number;
  pixelP95: () => number | null;
  subscribe: (
    topic: LiveTopic,
    id: string | undefined,
    have: { epoch: string; seq: number } | undefined,
  ) => Promise<SubscribeReply>;
  /** Tells clients to come again later, then closes. */
  close: () => Promise<void>;
}

export interface LiveDeps {
  readonly http: HttpServer;
  readonly feed: Feed;
  readonly hub: () => Hub;
  readonly auth: Auth;
  readonly now: () => number;
  readonly onPixel: (seconds: number) => void;
  readonly onDigestMismatch: () => void;
}

/** Value of one cookie of a header. */
export function cookieOf(header: string | undefined, name: string): string {
  for (const part of (header ?? "").split(";")) {
    const [key, ...rest] = part.trim().split("=");
    if (key === name) return rest.join("=");
  }
  return "";
}

function originAllowed(
  origin: string | undefined,
  host: string | undefined,
): boolean {
  if (origin === undefined) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}

/** Bytes engine.io has not sent yet; it offers no public measure of them. */
function unsentBytes(socket: Socket): number {
  const buffer: unknown = Reflect.get(socket.conn, "writeBuffer");
  if (!Array.isArray(buffer)) return 0;
  return buffer.reduce<number>((sum, packet: unknown) => {
    const data: unknown =
      typeof packet === "object" && packet !== null
        ? Reflect.get(packet, "data")
        : null;
    return sum + (typeof data === "string" ? data.length : 0);
  }, 0);
}

export function createLive(deps: LiveDeps): Live {
  const { feed, auth } = deps;
  const io = new Server(deps.http, {
    path: "/live",
    transports: ["websocket"],
    maxHttpBufferSize: messageMaxBytes,
    perMessageDeflate: false,
    allowRequest: (req, done) => {
      done(null, originAllowed(req.headers.origin, req.headers.host));
    },
  });
  const pixels: number[] = [];
  const pressedSince = new Map<string, number>();

  const identify = async (socket: Socket): Promise<Identity | null> => {
    const given: unknown = socket.handshake.auth["token"];
    if (typeof given === "string") return auth.byToken(given);
    const session = cookieOf(socket.handshake.headers.cookie, sessionCookie);
    return session === "" ? null : auth.bySession(session);
  };

  io.use((socket, next) => {
    identify(socket).then(
      (identity) => {
        if (identity === null) next(new Error("unauthorized"));
        else next();
      },
      (error: unknown) => {
        next(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });

  const subscribe: Live["subscribe"] = async (topic, id, have) => {
    const params = id === undefined ? undefined : { id };
    if (topic === "customer" && id !== undefined) {
      deps.hub().watchCustomer(id, true);
      if (!feed.knows(topic, params)) {
        await deps.hub().refreshCustomer(id);
        for (const delta of feed.flush(deps.now())) send(delta);
      }
    }
    return feed.subscribe(topic, params, have);
  };

  const release = (socket: Socket, room: string): void => {
    if (!room.startsWith("customer:")) return;
    const others = io.sockets.adapter.rooms.get(room);
    if (others && (others.size > 1 || !others.has(socket.id))) return;
    const id = room.slice("customer:".length);
    deps.hub().watchCustomer(id, false);
    feed.release("customer", { id });
  };

  io.on("connection", (socket) => {
    let budget = clientRate;
    let budgetAt = deps.now();
    const mayGo = (): boolean => {
      const now = deps.now();
      budget = Math.min(
        clientRate,
        budget + ((now - budgetAt) / 1000) * clientRate,
      );
      budgetAt = now;
      if (budget < 1) return false;
      budget -= 1;
      return true;
    };
    socket.on("subscribe", (input: unknown, reply: unknown) => {
      if (typeof reply !== "function") return;
      const answer = reply as (value: SubscribeReply) => void;
      const parsed = request.safeParse(input);
      if (!mayGo() || !parsed.success) {
        const code = parsed.success ? "rate_limited" : "bad_request";
        answer({ error: { code, message: "not subscribed" } });
        return;
      }
      const { topic, params, have } = parsed.data;
      if ((topic === "customer") !== (params !== undefined)) {
        answer({
          error: { code: "bad_request", message: "customer takes params {id}" },
        });
        return;
      }
      subscribe(topic, params?.id, have).then(
        (value) => {
          void socket.join(topicKey(topic, params));
          answer(value);
        },
        (error: unknown) => {
          answer({ error: { code: "unavailable", message: String(error) } });
        },
      );
    });
    socket.on("unsubscribe", (input: unknown) => {
      const parsed = request.safeParse(input);
      if (!parsed.success) return;
      const room = topicKey(parsed.data.topic, parsed.data.params);
      void socket.leave(room);
      release(socket, room);
    });
    socket.on("digest-mismatch", deps.onDigestMismatch);
    socket.on("pixel", (input: unknown) => {
      const parsed = pixel.safeParse(input);
      if (!parsed.success || !mayGo()) return;
      const { appendTime, emitTime, renderTime } = parsed.data;
      const ms = Math.max(0, renderTime - (appendTime ?? emitTime));
      deps.onPixel(ms / 1000);
      pixels.push(ms);
      if (pixels.length > pixelKeep) pixels.shift();
    });
    socket.on("disconnecting", () => {
      for (const room of socket.rooms) release(socket, room);
    });
  });

  const send = (delta: LiveDelta): void => {
    io.to(topicKey(delta.topic, delta.params)).emit("delta", delta);
  };

  const pressure = (): void => {
    for (const [id, socket] of io.sockets.sockets) {
      const bytes = unsentBytes(socket);
      if (bytes < pressureBytes) {
        pressedSince.delete(id);
        continue;
      }
      const since = pressedSince.get(id) ?? deps.now();
      pressedSince.set(id, since);
      if (deps.now() - since > pressureMs) socket.disconnect(true);
    }
  };

  const beat = setInterval(() => {
    io.emit("hb", feed.heartbeat(deps.now()));
    pressure();
  }, heartbeatMs);
  const digest = setInterval(() => {
    for (const room of io.sockets.adapter.rooms.keys()) {
      const [name, ...rest] = room.split(":");
      const topic = liveTopics.find((item) => item === name);
      if (topic === undefined) continue;
      const params = rest.length === 0 ? undefined : { id: rest.join(":") };
      io.to(room).emit("digest", feed.digest(topic, params));
    }
  }, digestMs);

  return {
    send,
    subscribe,
    clients: () => io.sockets.sockets.size,
    pixelP95: () => {
      if (pixels.length === 0) return null;
      const sorted = [...pixels].sort((a, b) => a - b);
      return Math.round(sorted[Math.floor(sorted.length * 0.95)] ?? 0);
    },
    close: async () => {
      clearInterval(beat);
      clearInterval(digest);
      io.emit("drain", { retryAfterMs: drainRetryMs });
      await io.close();
    },
  };
}
