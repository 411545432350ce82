/** Entry of the dashboard: API, live feed, web app. */
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { CustomerView } from "@riskwall/schemas";
import { createCodec } from "@riskwall/schemas/codec";
import { topicNames } from "@riskwall/schemas/names";
import closeWithGrace from "close-with-grace";
import { pino } from "pino";
import {
  collectDefaultMetrics,
  Counter,
  Histogram,
  Registry,
} from "prom-client";
import { createAuth } from "./auth.ts";
import { loadConfig } from "./config.ts";
import { createFeed } from "./core/feed.ts";
import { createHub, type Hub } from "./hub.ts";
import { connectPast } from "./io/clickhouse.ts";
import {
  connectKafka,
  connectWriter,
  followSettings,
  followTopics,
  logEnds,
} from "./io/kafka.ts";
import { connectRedis, createPresent } from "./io/redis.ts";
import { startPush, type Push } from "./push/push.ts";
import { dropNegativeTimerWarning } from "./quiet-warnings.ts";
import { buildServer } from "./server.ts";
import { createLive, type Live } from "./socket.ts";

dropNegativeTimerWarning();
const config = loadConfig(process.env);
const log = pino({ level: config.logLevel, base: { service: "dashboard" } });
const { namespace } = config;
const metrics = new Registry();
collectDefaultMetrics({ register: metrics });
const pixelSeconds = new Histogram({
  name: "riskwall_event_to_pixel_seconds",
  help: "From broker append to paint, sampled by browsers",
  buckets: [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 3, 10],
  registers: [metrics],
});
const mismatches = new Counter({
  name: "riskwall_ws_digest_mismatch_total",
  help: "Digests that a client found different from its own state",
  registers: [metrics],
});

const redis = connectRedis(config.redisUrl);
redis.on("error", (error: Error) => {
  log.debug({ error: error.message }, "redis");
});
const present = createPresent(redis, namespace);
const past = connectPast(config.clickhouseUrl, namespace);
const kafka = connectKafka(config.brokers, "riskwall-dashboard", log);
const codec = await createCodec(config.registryUrl);
const auth = createAuth(redis, namespace, Date.now);
const writer = await connectWriter(kafka, codec, namespace);
const admin = kafka.admin();
await admin.connect();
const push: Push = startPush({ redis, namespace, log, now: Date.now });
const stopSettings = await followSettings(kafka, namespace, (key, value) => {
  auth.onSetting(key, value);
  push.onSetting(key, value);
});
const feed = createFeed(randomUUID());
const topics = topicNames(namespace);

const customerView = async (id: string): Promise<CustomerView | null> => {
  const url = `${config.processorUrl}/v1/customers/${encodeURIComponent(id)}`;
  const reply = await fetch(url, { signal: AbortSignal.timeout(3000) });
  if (reply.status === 404) return null;
  if (!reply.ok) throw new Error(`processor answered ${String(reply.status)}`);
  return (await reply.json()) as CustomerView;
};
const isUp = async (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(1000) }).then(
    (reply) => reply.ok,
    () => false,
  );
let deadLetters = { at: 0, count: 0 };

const app = await buildServer({
  hub: () => hub,
  live: () => live,
  past,
  auth,
  writer,
  webhooks: push.webhooks,
  customerView,
  portfolio: () => feed.rows("portfolio", undefined).get("totals") ?? null,
  ready: async () => ({
    redis: redis.status === "ready",
    clickhouse: await past.ping(),
    live: started,
  }),
  webRoot: fileURLToPath(new URL("../../web/dist", import.meta.url)),
  metrics,
  log,
  now: Date.now,
});
let started = false;
const live: Live = createLive({
  http: app.server,
  feed,
  hub: () => hub,
  auth,
  now: Date.now,
  onPixel: (seconds) => {
    pixelSeconds.observe(seconds);
  },
  onDigestMismatch: () => {
    mismatches.inc();
  },
});
const hub: Hub = createHub({
  present,
  feed,
  currency: "CNY",
  log,
  now: Date.now,
  logEnds: async () => logEnds(admin, topics.events),
  customerView,
  deadLetters24h: async () => {
    if (Date.now() - deadLetters.at > 10_000) {
      const rows = await past.rows<{ n: string }>(
        "SELECT count() AS n FROM dead_letters WHERE occurred_at > now() - INTERVAL 1 DAY",
      );
      deadLetters = { at: Date.now(), count: Number(rows[0]?.n ?? 0) };
    }
    return deadLetters.count;
  },
  services: async () => {
    const processor = await isUp(`${config.processorUrl}/livez`);
    return {
      processor: processor ? "up" : "down",
      redis: redis.status === "ready" ? "up" : "down",
      clickhouse: (await past.ping()) ? "up" : "down",
    };
  },
  send: (delta) => {
    live.send(delta);
  },
  clients: () => live.clients(),
  pixelP95: () => live.pixelP95(),
});
const stopOutputs = await followTopics(
  kafka,
  codec,
  [topics.scores, topics.alerts, topics.decisions],
  `${namespace}.dashboard`,
  hub.onOutput,
);
const stopPush = await push.follow(kafka, codec);
await hub.start();
started = true;
await app.listen({ host: config.host, port: config.port });
log.info({ port: config.port, namespace }, "dashboard is up");

closeWithGrace({ delay: 8000, logger: log }, async () => {
  started = false;
  await live.close();
  hub.stop();
  await app.close();
  await stopOutputs();
  await stopPush();
  await stopSettings();
  await writer.stop();
  await admin.disconnect();
  await past.close();
  redis.disconnect();
});
