/** The live side put together: outputs, panels, pages, and their rates. */
import { randomUUID } from "node:crypto";
import { alertView } from "@riskwall/schemas";
import type { Codec } from "@riskwall/schemas/codec";
import type {
  LiveDelta,
  SubscribeReply,
  SubscribeRequest,
} from "@riskwall/schemas/live";
import type { Tracing } from "@riskwall/schemas/tracing";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { closedMax, closedWindowMs } from "../core/alert-book.ts";
import type { Scale } from "../core/customer-row.ts";
import { createDirectory, type Directory } from "../core/directory.ts";
import { createFeed, type Feed } from "../core/feed.ts";
import { createHoldQueue, type HoldQueue } from "../core/hold-queue.ts";
import { createLatencyWindow } from "../core/latency.ts";
import { createRebuilding } from "../core/rebuilding.ts";
import { createWatermark } from "../core/watermark.ts";
import type { Admin, Kafka } from "../io/kafka.ts";
import { followOutputs } from "../io/outputs.ts";
import { readClosedAlerts } from "../io/past-outputs.ts";
import type { Past } from "../io/past.ts";
import { nameReadings } from "../name-readings.ts";
import type { Present } from "../io/present.ts";
import type { Processor } from "../io/processor.ts";
import type { Metrics } from "../metrics.ts";
import { createBroadcast, type Broadcast } from "./broadcast.ts";
import { createCustomerPages } from "./customer-pages.ts";
import { createDirectoryScan } from "./directory-scan.ts";
import { createHub, type Hub } from "./hub.ts";
import { createOpsPanel } from "./ops-panel.ts";
import {
  createPortfolioPanel,
  type PortfolioPanel,
} from "./portfolio-panel.ts";
import { reconcileAlerts } from "./reconcile.ts";
import { createRepeats } from "./repeat.ts";
import { createStandingHeads, type StandingHeads } from "./standing-heads.ts";
import { scheduleLive } from "./schedule.ts";

/** What the socket server gives back once it stands. */
export interface Sockets {
  readonly send: (room: string, delta: LiveDelta) => void;
  readonly hasRoom: (room: string) => boolean;
  readonly clients: () => number;
}

export interface Live {
  readonly feed: Feed;
  readonly hub: Hub;
  readonly directory: Directory;
  readonly standingHeads: StandingHeads;
  readonly queue: HoldQueue;
  readonly broadcast: Broadcast;
  readonly portfolio: PortfolioPanel;
  scale: () => Scale;
  /** Makes a topic ready and answers what the client lacks. */
  subscribe: (request: SubscribeRequest) => Promise<SubscribeReply>;
  /** A browser told how long an event took to its screen. */
  onPixel: (latencyMs: number) => void;
  attach: (sockets: Sockets) => void;
  /** True once all outputs that were there at start have been read. */
  caughtUp: () => boolean;
  stop: () => Promise<void>;
}

export interface LiveDeps {
  readonly config: Config;
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly codec: Codec;
  readonly present: Present;
  readonly past: Past;
  readonly processor: Processor;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly tracing: Tracing | null;
  readonly redisUp: () => boolean;
  readonly now: () => number;
  readonly onGap: (what: string) => void;
}

/** Starts consuming first, then loads: nothing lies between the two. */
export async function createLive(deps: LiveDeps): Promise<Live> {
  const { present, past, log, now, config } = deps;
  const feed = createFeed(randomUUID());
  const broadcast = createBroadcast();
  const directory = createDirectory(nameReadings);
  const queue = createHoldQueue();
  const latency = createLatencyWindow();
  const rebuilding = createRebuilding();
  const standingHeads = createStandingHeads({ present, rebuilding, now });
  let sockets: Sockets | null = null;
  let reading = await present.reading();
  let logTime = await logTimeOf(present);
  const logNow = (): number => (reading.simulated ? logTime : now());
  const scale = (): Scale => reading.scale;

  const pages = createCustomerPages({
    ...{ feed, present, rebuilding, now },
    processor: deps.processor,
    hasRoom: (room) => sockets?.hasRoom(room) ?? false,
  });
  const hub = createHub({
    ...{ feed, broadcast, rebuilding, now, logNow },
    tracing: deps.tracing,
    onTouched: pages.touch,
    onAcknowledged: ({ severity, openedAt, updatedAt }) => {
      const seconds = Math.max(0, updatedAt - openedAt) / 1000;
      deps.metrics.ackSeconds.observe({ severity }, seconds);
    },
  });
  const outputs = await followOutputs({
    kafka: deps.kafka,
    admin: deps.admin,
    codec: deps.codec,
    namespace: config.namespace,
    log,
    onRecord: hub.onOutput,
    onSkipped: hub.touch,
    onGap: deps.onGap,
  });
  const scan = createDirectoryScan({
    ...{ present, directory, queue, rebuilding, now },
    onAlert: (alert) => {
      if (!hub.book.knows(alert.alertId, alert.version)) {
        hub.takeAlert(alertView(alert));
      }
    },
  });
  const ops = createOpsPanel({
    ...{ feed, present, past, outputs, hub, rebuilding, latency, now },
    admin: deps.admin,
    namespace: config.namespace,
    processor: deps.processor,
    tracker: createWatermark(reading.simulated ? now() : logTime || now()),
    clients: () => sockets?.clients() ?? 0,
    redisUp: deps.redisUp,
    ingestUrl: config.ingestUrl,
    historianUrl: config.historianUrl,
    notifierUrl: config.notifierUrl,
  });
  const portfolio = createPortfolioPanel({
    ...{ feed, present, past, directory, hub, queue },
    ...{ rebuilding, standingHeads },
    ...{ scale, now, logNow },
    watermark: ops.watermark,
  });

  /** What only history knows; the wall is right without it, but emptier. */
  const loadHistory = async (): Promise<void> => {
    await portfolio.backfill();
    const since = logNow() - closedWindowMs;
    for (const alert of await readClosedAlerts(past, since, closedMax)) {
      hub.takeAlert(alert);
    }
    await portfolio.refreshHistory();
  };

  while (!(await scan.step())) await Promise.resolve();
  await portfolio.refreshTotals();
  await ops.refresh();
  const repeats = createRepeats(log);
  scheduleLive(repeats, {
    ...{ hub, portfolio, ops, scan, pages, loadHistory },
    onSecond: async () => {
      logTime = await logTimeOf(present);
    },
    refreshReading: async () => {
      reading = await present.reading();
    },
    reconcile: async () => {
      if (rebuilding.any()) return;
      const gone = await reconcileAlerts({ book: hub.book, present, logNow });
      hub.sendAlerts([...gone, ...hub.book.prune(logNow())]);
    },
  });

  return {
    ...{ feed, hub, directory, standingHeads, queue, broadcast },
    ...{ portfolio, scale },
    subscribe: async ({ topic, params, have }) => {
      const reply =
        topic === "customer" && params?.id !== undefined
          ? await pages.subscribe(params.id, have)
          : feed.subscribe(topic, params, have);
      const [result = "error"] = Object.keys(reply);
      deps.metrics.resumes.inc({ result });
      return reply;
    },
    onPixel: (ms) => {
      latency.add(now(), ms);
      deps.metrics.pixelSeconds.observe(ms / 1000);
    },
    attach: (given) => {
      sockets = given;
      broadcast.attach(given.send);
    },
    caughtUp: outputs.caughtUp,
    stop: async () => {
      repeats.stop();
      await outputs.stop();
    },
  };
}

/** Greatest log time of any partition; 0 before the first record. */
async function logTimeOf(present: Present): Promise<number> {
  const places = await present.places();
  return Math.max(0, ...places.map((place) => place.logTime));
}
