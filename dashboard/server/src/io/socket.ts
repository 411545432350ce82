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
  type LiveDelta,
  type LiveParams,
  type LiveTopic,
} from "@riskwall/schemas/live";
import { Server, type Socket } from "socket.io";
import { cookieOf, isOwnOrigin, may, type Identity } from "../access.ts";
import {
  catchUp,
  createHoldBack,
  mayBeHeld,
  type HoldBack,
} from "../core/hold-back.ts";
import { allMasks, maskCode, maskDelta, type Mask } from "../core/mask.ts";
import type { Sessions } from "./sessions.ts";
import type { Settings } from "./settings.ts";
import {
  attachEvents,
  digestFor,
  maskedRoom,
  type SocketEventsDeps,
} from "./socket-events.ts";

export const heartbeatMs = 1000;
export const digestMs = 30_000;
/** Largest message a client may send. */
export const messageMaxBytes = 16_384;
/** Members of this room are held back: only alerts are sent to them. */
const heldRoom = "held";
/**
 * How often the right to read is checked again, for what other servers end;
 * with it a session with an open page counts as used.
 */
const recheckMs = 15_000;
/** When a client may come again while this server ends. */
const drainRetryMs = 500;
/** Pause between telling clients and closing their sockets. */
const drainGraceMs = 250;

export interface LiveSockets {
  /** Sends a delta to everyone in its room. */
  send: (room: string, delta: LiveDelta) => void;
  hasRoom: (room: string) => boolean;
  clients: () => number;
  /** Cuts off the sockets of a session that ended. */
  endSession: (session: string) => void;
  /** Cuts off a user, or `wall:id`, whose rights changed: it comes again. */
  dropUser: (user: string) => void;
  /** Tells clients to come again, then closes. */
  close: () => Promise<void>;
}

export interface LiveSocketsDeps extends Omit<
  SocketEventsDeps,
  "identify" | "maskOf"
> {
  readonly http: HttpServer;
  readonly sessions: Pick<Sessions, "find">;
  readonly settings: Pick<Settings, "byToken">;
  readonly cookieName: string;
  readonly publicUrl: string;
}

/** What a socket was opened with; enough to ask again. */
interface Credentials {
  readonly token: string | null;
  readonly session: string;
}

interface Member {
  readonly credentials: Credentials;
  /** Whose it is, as of the last check. */
  identity: Identity;
  readonly socket: Socket;
  readonly hold: HoldBack;
}

interface RoomOf {
  readonly topic: LiveTopic;
  readonly params: LiveParams | undefined;
  /** Of the shared walls in it; null: they see everything. */
  readonly mask: Mask | null;
}

/** What a room is for; null for rooms that Socket.IO or we keep. */
function roomOf(name: string): RoomOf | null {
  const at = name.indexOf("|");
  const code = at < 0 ? "" : name.slice(0, at);
  const mask = allMasks.find((item) => maskCode(item) === code) ?? null;
  if (at >= 0 && mask === null) return null;
  const [head = "", ...rest] = name.slice(at + 1).split(":");
  const topic = liveTopics.find((item) => item === head);
  if (topic === undefined) return null;
  const params = rest.length === 0 ? undefined : { id: rest.join(":") };
  return { topic, params, mask };
}

function credentialsOf(socket: Socket, cookieName: string): Credentials {
  const given: unknown = socket.handshake.auth["token"];
  const { cookie } = socket.handshake.headers;
  return {
    token: typeof given === "string" ? given : null,
    session: cookieOf(cookie, cookieName),
  };
}

export function createLiveSockets(deps: LiveSocketsDeps): LiveSockets {
  const { feed, log } = deps;
  const members = new Map<string, Member>();
  /** Sequence sent last, by room. */
  const sent = new Map<string, number>();
  const io = new Server(deps.http, {
    path: "/live",
    transports: ["websocket"],
    maxHttpBufferSize: messageMaxBytes,
    perMessageDeflate: false,
    serveClient: false,
    allowRequest: (request, done) => {
      const { origin, host } = request.headers;
      done(null, isOwnOrigin(origin, host, deps.publicUrl));
    },
  });

  const identify = async (from: Credentials): Promise<Identity | null> =>
    from.token === null
      ? deps.sessions.find(from.session)
      : deps.settings.byToken(from.token);

  /** Who was found at the door, until the connection stands. */
  const admitted = new WeakMap<Socket, Identity>();
  io.use((socket, next) => {
    identify(credentialsOf(socket, deps.cookieName)).then(
      (identity) => {
        if (identity !== null && may(identity, "watch")) {
          admitted.set(socket, identity);
          next();
        } else next(new Error("unauthorized"));
      },
      (error: unknown) => {
        log.warn({ error: String(error) }, "socket sign-in");
        next(new Error("unavailable"));
      },
    );
  });

  io.on("connection", (socket) => {
    const identity = admitted.get(socket);
    if (identity === undefined) throw new Error("a socket that nobody let in");
    const member: Member = {
      credentials: credentialsOf(socket, deps.cookieName),
      identity,
      socket,
      hold: createHoldBack(),
    };
    members.set(socket.id, member);
    // The engine holds packets back until its transport took the last ones.
    socket.conn.on("packetCreate", (packet) => {
      const data: unknown = packet.data;
      const bytes = typeof data === "string" ? data.length : 0;
      if (member.hold.waits(bytes, sent)) void socket.join(heldRoom);
    });
    socket.conn.on("drain", () => {
      const heldAt = member.hold.taken();
      if (heldAt === null) return;
      void socket.leave(heldRoom);
      const deltas = catchUp(socket.rooms, heldAt, (name, seq) => {
        const of = roomOf(name);
        const delta = of && feed.merged(of.topic, of.params, seq);
        return delta && of?.mask ? maskDelta(delta, of.mask) : delta;
      });
      for (const delta of deltas) socket.emit("delta", delta);
    });
    socket.on("disconnect", () => {
      members.delete(socket.id);
    });
    attachEvents(socket, {
      ...deps,
      // Asked anew: the right may have ended since the socket was opened.
      identify: async () => identify(member.credentials),
      maskOf: () => member.identity.mask ?? null,
    });
  });

  const relieve = (): void => {
    const now = deps.now();
    for (const member of members.values()) {
      if (!member.hold.isLost(now)) continue;
      log.warn({ unsent: member.hold.unsent() }, "slow client cut off");
      member.socket.disconnect(true);
    }
  };

  const recheck = async (): Promise<void> => {
    for (const member of [...members.values()]) {
      const identity = await identify(member.credentials);
      if (identity === null || !may(identity, "watch")) {
        member.socket.disconnect(true);
      } else member.identity = identity;
    }
  };

  const sendDigests = (): void => {
    for (const name of io.sockets.adapter.rooms.keys()) {
      const of = roomOf(name);
      if (of !== null && feed.knows(of.topic, of.params)) {
        const { topic, params, mask } = of;
        io.to(name).emit("digest", digestFor(feed, { topic, params }, mask));
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

  const { rooms } = io.sockets.adapter;
  const sendTo = (name: string, delta: LiveDelta): void => {
    sent.set(name, delta.seq);
    const room = io.to(name);
    const open = mayBeHeld(delta.topic) ? room.except(heldRoom) : room;
    open.emit("delta", delta);
  };

  return {
    send: (name, delta) => {
      if (rooms.has(name)) sendTo(name, delta);
      for (const mask of allMasks) {
        const masked = maskedRoom(name, mask);
        if (rooms.has(masked)) sendTo(masked, maskDelta(delta, mask));
      }
    },
    hasRoom: (name) => rooms.has(name),
    clients: () => members.size,
    endSession: (session) => {
      for (const { identity, socket } of members.values()) {
        if (identity.session === session) socket.disconnect(true);
      }
    },
    dropUser: (user) => {
      for (const { identity, socket } of members.values()) {
        if (identity.user === user) socket.disconnect(true);
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
