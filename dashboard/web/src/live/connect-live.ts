/**
 * The socket and its topics. Nothing connects on import.
 *
 * Messages change plain states (`store.ts`); `painting.ts` shows them.
 */
import {
  topicKey,
  type LiveDelta,
  type LiveDigest,
  type LiveDrain,
  type LiveHeartbeat,
  type LiveParams,
  type LiveRows,
  type LiveTopic,
  type SubscribeRequest,
} from "@riskwall/schemas/live";
import { shallowReactive, shallowRef, type ShallowRef } from "vue";
import { createClockSkew } from "./clock-skew.ts";
import { exposeForTests } from "./expose.ts";
import { freshnessOf, lagOf, worstOf } from "./freshness.ts";
import {
  offline,
  type FreshnessStatus,
  type LiveClient,
  type LiveStatus,
} from "./live-client.ts";
import type { LiveSocket } from "./live-socket.ts";
import { createPainting, type Painted } from "./painting.ts";
import { createPixelProbe } from "./pixel-probe.ts";
import { createReconnect } from "./reconnect.ts";
import {
  emptyTopic,
  haveOf,
  onDelta,
  onDigest,
  onHeartbeat,
  onReply,
  type Ask,
} from "./store.ts";

/** A subscription without an answer for this long is asked again. */
export const askAgainMs = 5000;

interface Held extends Painted {
  readonly fresh: FreshnessStatus;
  users: number;
  askedAt: number | null;
}

export type { LiveClient } from "./live-client.ts";

export interface LiveOptions {
  /** Called when the server refuses a connection: the session may be over. */
  readonly onRefused?: () => void;
  /** Called when a connection stands again: rights may have changed. */
  readonly onBack?: () => void;
}

/** Follows topics over a socket that does not reconnect by itself. */
export function connectLive(
  socket: LiveSocket,
  options: LiveOptions = {},
): LiveClient {
  const topics = new Map<string, Held>();
  const skew = createClockSkew();
  let isRebuilding = false;
  const status = shallowReactive<LiveStatus>({
    ...offline(),
    connected: false,
    polling: false,
    serverNow: Date.now(),
    digestSeq: 0,
    digestAt: 0,
    mismatches: 0,
    retryAt: 0,
  });
  let beatAt: number | null = null;
  let eventAt: number | null = null;

  const serverNow = (): number => Date.now() + skew.ms();

  const painting = createPainting(() => topics.values());
  const touch = painting.touch;

  const request = (held: Held, whole: boolean): void => {
    const now = Date.now();
    const waiting = held.askedAt !== null && now - held.askedAt < askAgainMs;
    if (waiting || !socket.connected) return;
    held.askedAt = now;
    const { topic, params } = held.state;
    const have = whole ? undefined : haveOf(held.state);
    const message: SubscribeRequest = {
      topic,
      ...(params === undefined ? {} : { params }),
      ...(have === undefined ? {} : { have }),
    };
    socket.subscribe(message, (reply) => {
      held.askedAt = "error" in reply ? now : null;
      obey(held, onReply(held.state, reply));
      touch(held);
    });
  };
  const obey = (held: Held, ask: Ask): void => {
    if (ask !== null) request(held, ask === "snapshot");
  };

  const reconnect = createReconnect({
    connect: () => {
      socket.connect();
    },
    onPlan: (atMs) => {
      status.retryAt = atMs;
    },
  });
  const probe = createPixelProbe({
    serverNow,
    send: (sample) => {
      socket.send("pixel", sample);
    },
  });

  const onConnect = (): void => {
    reconnect.succeeded();
    status.connected = true;
    status.polling = socket.polling;
    for (const held of topics.values()) {
      held.askedAt = null;
      request(held, false);
    }
  };
  const onLost = (): void => {
    status.connected = false;
    reconnect.later();
  };
  const onDrain = (message: LiveDrain): void => {
    socket.disconnect();
    reconnect.after(message.retryAfterMs * (0.5 + Math.random() / 2));
  };
  const onBeat = (beat: LiveHeartbeat): void => {
    beatAt = performance.now();
    skew.sample(beat.serverTime, Date.now());
    isRebuilding = beat.rebuilding;
    for (const held of topics.values()) {
      obey(held, onHeartbeat(held.state, beat, Date.now()));
      if (held.state.epoch === "") request(held, true);
    }
    refresh();
  };
  const onChange = (delta: LiveDelta): void => {
    const held = topics.get(topicKey(delta.topic, delta.params));
    if (!held) return;
    if (delta.times.appendTime !== undefined) eventAt = performance.now();
    obey(held, onDelta(held.state, delta, Date.now()));
    touch(held);
    probe.take(delta);
  };
  const onCheck = (digest: LiveDigest): void => {
    const held = topics.get(topicKey(digest.topic, digest.params));
    if (!held) return;
    const before = held.state.mismatches;
    obey(held, onDigest(held.state, digest));
    if (held.state.mismatches > before) {
      status.mismatches += 1;
      socket.send("digest-mismatch", { topic: digest.topic });
    } else if (held.state.agreedSeq === digest.seq) {
      status.digestSeq = digest.seq;
      status.digestAt = serverNow();
    }
  };

  const refreshTopic = (held: Held, heartbeatAgeMs: number): void => {
    const { gapSince, watermark } = held.state;
    const quietMs = eventAt === null ? null : performance.now() - eventAt;
    const input = {
      serverNow: status.serverNow,
      watermark,
      heartbeatAgeMs,
      sinceEventMs: quietMs,
      gapAgeMs: gapSince === null ? 0 : Date.now() - gapSince,
    };
    held.fresh.state = freshnessOf(input);
    held.fresh.lagMs = lagOf(input);
    held.fresh.quietMs = quietMs ?? 0;
    held.fresh.watermark = watermark;
    held.fresh.rebuilding = isRebuilding;
  };
  const refresh = (): void => {
    status.serverNow = serverNow();
    const heartbeatAgeMs =
      beatAt === null ? Infinity : performance.now() - beatAt;
    const loaded = [...topics.values()].filter(
      (held) => held.state.epoch !== "",
    );
    for (const held of topics.values()) refreshTopic(held, heartbeatAgeMs);
    const marks = loaded.map((held) => held.fresh);
    status.state =
      marks.length === 0 ? "OFFLINE" : worstOf(marks.map((mark) => mark.state));
    status.rebuilding = isRebuilding;
    status.lagMs = Math.max(0, ...marks.map((mark) => mark.lagMs));
    status.quietMs = marks[0]?.quietMs ?? 0;
    status.watermark =
      marks.length === 0 ? 0 : Math.min(...marks.map((mark) => mark.watermark));
  };
  const clock = setInterval(refresh, 1000);
  const onVisible = (): void => {
    const back = document.visibilityState === "visible" && !socket.connected;
    if (back) reconnect.after(0);
  };
  document.addEventListener("visibilitychange", onVisible);
  const hide = exposeForTests((key) => topics.get(key)?.state);

  const open = (topic: LiveTopic, params: LiveParams | undefined): Held => {
    const key = topicKey(topic, params);
    const known = topics.get(key);
    if (known) return known;
    const held: Held = {
      state: emptyTopic(topic, params),
      rows: shallowRef(new Map()),
      loaded: shallowRef(false),
      refused: shallowRef(null),
      fresh: shallowReactive(offline()),
      users: 0,
      dirty: false,
      paintedAt: 0,
      askedAt: null,
    };
    topics.set(key, held);
    request(held, false);
    return held;
  };
  const leave = (held: Held): void => {
    held.users -= 1;
    if (held.users > 0) return;
    const { topic, params } = held.state;
    topics.delete(topicKey(topic, params));
    if (!socket.connected) return;
    socket.send("unsubscribe", {
      topic,
      ...(params === undefined ? {} : { params }),
    });
  };

  let stood = false;
  socket.listen({
    connect: () => {
      onConnect();
      if (stood) options.onBack?.();
      stood = true;
    },
    disconnect: onLost,
    refused: () => {
      onLost();
      options.onRefused?.();
    },
    hb: onBeat,
    delta: onChange,
    digest: onCheck,
    drain: onDrain,
  });
  socket.connect();
  return {
    status,
    subscribe: (topic, params) => {
      const held = open(topic, params);
      held.users += 1;
      let left = false;
      return {
        // Both sides compile against `LiveRows`: the row type of each topic.
        rows: held.rows as ShallowRef<
          ReadonlyMap<string, LiveRows[typeof topic]>
        >,
        loaded: held.loaded,
        refused: held.refused,
        fresh: held.fresh,
        close: () => {
          if (!left) leave(held);
          left = true;
        },
      };
    },
    close: () => {
      clearInterval(clock);
      document.removeEventListener("visibilitychange", onVisible);
      reconnect.stop();
      hide();
      socket.disconnect();
    },
  };
}
