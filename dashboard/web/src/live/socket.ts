/** The socket and its topics. Nothing connects on import. */
import {
  topicKey,
  type LiveDelta,
  type LiveDigest,
  type LiveDrain,
  type LiveHeartbeat,
  type LiveParams,
  type LiveTopic,
  type SubscribeReply,
} from "@riskwall/schemas/live";
import { io, type Socket } from "socket.io-client";
import { shallowReactive, shallowRef, type ShallowRef } from "vue";
import { freshnessOf, type Freshness } from "./freshness.ts";
import {
  emptyTopic,
  haveOf,
  onDelta,
  onDigest,
  onHeartbeat,
  onReply,
  type Ask,
  type TopicState,
} from "./store.ts";

const firstRetryMs = 500;
const retryMaxMs = 15_000;
const pixelShare = 0.01;

export interface Subscription {
  /** Rows as of the last painted frame; a new Map at each change. */
  readonly rows: ShallowRef<ReadonlyMap<string, unknown>>;
  readonly close: () => void;
}

export interface LiveStatus {
  freshness: Freshness;
  connected: boolean;
  lagMs: number;
  quietMs: number;
  serverNow: number;
  watermark: number;
  digestSeq: number;
  mismatches: number;
}

export interface LiveClient {
  readonly status: LiveStatus;
  subscribe: (topic: LiveTopic, params?: LiveParams) => Subscription;
  close: () => void;
}

interface Held {
  readonly state: TopicState;
  readonly rows: ShallowRef<ReadonlyMap<string, unknown>>;
  users: number;
  dirty: boolean;
  asking: boolean;
}

declare global {
  interface Window {
    __riskwall?: {
      hash: (key: string) => string | null;
      seq: (key: string) => number;
    };
  }
}

/** Connects with the session's cookie, or with a wall token. */
export function connectLive(
  token: string | null,
  hash: (rows: ReadonlyMap<string, unknown>) => string,
): LiveClient {
  const topics = new Map<string, Held>();
  const status = shallowReactive<LiveStatus>({
    freshness: "OFFLINE",
    connected: false,
    lagMs: 0,
    quietMs: 0,
    serverNow: Date.now(),
    watermark: 0,
    digestSeq: 0,
    mismatches: 0,
  });
  let beatAt = 0;
  let skew = 0;
  let changedAt: number | null = null;
  let frame = 0;
  let retryMs = firstRetryMs;
  let retryTimer: ReturnType<typeof setTimeout> | null = null;
  const socket: Socket = io({
    path: "/live",
    transports: ["websocket"],
    reconnection: false,
    ...(token === null ? {} : { auth: { token } }),
  });

  const paint = (): void => {
    frame = 0;
    for (const held of topics.values()) {
      if (!held.dirty) continue;
      held.dirty = false;
      held.rows.value = new Map(held.state.rows);
    }
  };
  const touch = (held: Held): void => {
    held.dirty = true;
    if (frame === 0) frame = requestAnimationFrame(paint);
  };
  const obey = (held: Held, ask: Ask): void => {
    if (ask !== null) request(held, ask.kind === "snapshot");
  };
  const request = (held: Held, whole: boolean): void => {
    if (held.asking || !socket.connected) return;
    held.asking = true;
    const { topic, params } = held.state;
    const have = whole ? undefined : haveOf(held.state);
    socket.emit(
      "subscribe",
      {
        topic,
        ...(params === undefined ? {} : { params }),
        ...(have === undefined ? {} : { have }),
      },
      (reply: SubscribeReply) => {
        held.asking = false;
        obey(held, onReply(held.state, reply));
        touch(held);
      },
    );
  };

  const retry = (afterMs: number): void => {
    if (retryTimer !== null) clearTimeout(retryTimer);
    retryTimer = setTimeout(() => {
      retryTimer = null;
      socket.connect();
    }, afterMs);
  };
  const backOff = (): void => {
    retry(Math.random() * retryMs);
    retryMs = Math.min(retryMaxMs, retryMs * 2);
  };

  socket.on("connect", () => {
    retryMs = firstRetryMs;
    status.connected = true;
    for (const held of topics.values()) {
      held.asking = false;
      request(held, false);
    }
  });
  socket.on("disconnect", () => {
    status.connected = false;
    backOff();
  });
  socket.on("connect_error", backOff);
  socket.on("drain", (message: LiveDrain) => {
    retryMs = message.retryAfterMs;
  });
  socket.on("hb", (beat: LiveHeartbeat) => {
    beatAt = performance.now();
    skew = beat.serverTime - Date.now();
    for (const held of topics.values()) {
      obey(held, onHeartbeat(held.state, beat, Date.now()));
    }
    refresh();
  });
  socket.on("delta", (delta: LiveDelta) => {
    const held = topics.get(topicKey(delta.topic, delta.params));
    if (!held) return;
    obey(held, onDelta(held.state, delta, Date.now()));
    if (delta.topic !== "ops") changedAt = Date.now() + skew;
    touch(held);
    if (delta.topic === "alerts" || Math.random() < pixelShare) {
      requestAnimationFrame(() => {
        const renderTime = Date.now() + skew;
        socket.emit("pixel", { ...delta.times, renderTime });
      });
    }
  });
  socket.on("digest", (digest: LiveDigest) => {
    const held = topics.get(topicKey(digest.topic, digest.params));
    if (!held) return;
    const before = held.state.mismatches;
    obey(held, onDigest(held.state, digest));
    status.digestSeq = held.state.agreedSeq;
    if (held.state.mismatches > before) {
      status.mismatches += 1;
      socket.emit("digest-mismatch");
    }
  });

  const refresh = (): void => {
    const serverNow = Date.now() + skew;
    const marks = [...topics.values()].map((held) => held.state.watermark);
    const watermark = marks.length === 0 ? serverNow : Math.min(...marks);
    const heartbeatAge = beatAt === 0 ? Infinity : performance.now() - beatAt;
    status.serverNow = serverNow;
    status.watermark = watermark;
    status.lagMs = Math.max(0, serverNow - watermark);
    status.quietMs =
      changedAt === null ? 0 : Math.max(0, serverNow - changedAt);
    status.freshness = freshnessOf({
      serverNow,
      watermark,
      heartbeatAge,
      sinceChange: changedAt === null ? null : serverNow - changedAt,
    });
  };
  const clock = setInterval(refresh, 1000);
  const onVisible = (): void => {
    if (document.visibilityState === "visible" && !socket.connected) retry(0);
  };
  document.addEventListener("visibilitychange", onVisible);
  window.__riskwall = {
    hash: (key) => {
      const held = topics.get(key);
      return held ? hash(held.state.rows) : null;
    },
    seq: (key) => topics.get(key)?.state.seq ?? -1,
  };

  return {
    status,
    subscribe: (topic, params) => {
      const key = topicKey(topic, params);
      let held = topics.get(key);
      if (!held) {
        held = {
          state: emptyTopic(topic, params),
          rows: shallowRef(new Map()),
          users: 0,
          dirty: false,
          asking: false,
        };
        topics.set(key, held);
        request(held, false);
      }
      held.users += 1;
      const mine = held;
      return {
        rows: mine.rows,
        close: () => {
          mine.users -= 1;
          if (mine.users > 0) return;
          topics.delete(key);
          socket.emit("unsubscribe", {
            topic,
            ...(params === undefined ? {} : { params }),
          });
        },
      };
    },
    close: () => {
      clearInterval(clock);
      document.removeEventListener("visibilitychange", onVisible);
      if (retryTimer !== null) clearTimeout(retryTimer);
      socket.off("disconnect");
      socket.disconnect();
    },
  };
}
