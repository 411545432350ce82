import type {
  LiveDelta,
  LiveDigest,
  LiveDrain,
  LiveHeartbeat,
  SubscribeReply,
  SubscribeRequest,
} from "@riskwall/schemas/live";
import { io, type Socket } from "socket.io-client";

/** What a connection tells. */
export interface LiveHandlers {
  readonly connect: () => void;
  readonly disconnect: () => void;
  /** The server cannot be reached, or wants another sign-in. */
  readonly refused: () => void;
  readonly hb: (beat: LiveHeartbeat) => void;
  readonly delta: (delta: LiveDelta) => void;
  readonly digest: (digest: LiveDigest) => void;
  readonly drain: (drain: LiveDrain) => void;
}

export type LiveMessage = "unsubscribe" | "pixel" | "digest-mismatch";

/** A connection that opens when told to and never by itself. */
export interface LiveSocket {
  readonly connected: boolean;
  /** True while messages are fetched because sockets do not get through. */
  readonly polling: boolean;
  listen: (handlers: LiveHandlers) => void;
  connect: () => void;
  disconnect: () => void;
  subscribe: (
    request: SubscribeRequest,
    answer: (reply: SubscribeReply) => void,
  ) => void;
  send: (message: LiveMessage, body: object) => void;
}

type ServerEvents = Pick<LiveHandlers, "hb" | "delta" | "digest" | "drain">;

interface ClientEvents {
  subscribe: LiveSocket["subscribe"];
  unsubscribe: (body: object) => void;
  pixel: (body: object) => void;
  "digest-mismatch": (body: object) => void;
}

/** Socket.IO to the server this page came from: by cookie or wall token. */
export function createLiveSocket(token: string | null): LiveSocket {
  const socket: Socket<ServerEvents, ClientEvents> = io({
    path: "/live",
    transports: ["websocket"],
    autoConnect: false,
    reconnection: false,
    ...(token === null ? {} : { auth: { token } }),
  });
  return {
    get connected() {
      return socket.connected;
    },
    polling: false,
    listen: (handlers) => {
      socket.on("connect", handlers.connect);
      socket.on("disconnect", handlers.disconnect);
      socket.on("connect_error", handlers.refused);
      socket.on("hb", handlers.hb);
      socket.on("delta", handlers.delta);
      socket.on("digest", handlers.digest);
      socket.on("drain", handlers.drain);
    },
    connect: () => {
      socket.connect();
    },
    disconnect: () => {
      socket.disconnect();
    },
    subscribe: (request, answer) => {
      socket.emit("subscribe", request, answer);
    },
    send: (message, body) => {
      socket.emit(message, body);
    },
  };
}
