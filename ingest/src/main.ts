/** Entry of the gateway and the gate. */
import { createCodec } from "@riskwall/schemas/codec";
import closeWithGrace from "close-with-grace";
import { pino } from "pino";
import { collectDefaultMetrics, Counter, Registry } from "prom-client";
import { loadConfig } from "./config.ts";
import { createGate } from "./gate.ts";
import { connectClickHouse, orderHistory } from "./io/clickhouse.ts";
import { followDecisions } from "./io/decisions.ts";
import { connectRedis, createDoor } from "./io/door.ts";
import {
  connectKafka,
  connectProducer,
  createAppender,
  createEncoder,
} from "./io/kafka.ts";
import { followSettings } from "./io/settings.ts";
import { dropNegativeTimerWarning } from "./quiet-warnings.ts";
import { buildServer } from "./server.ts";

dropNegativeTimerWarning();
const config = loadConfig(process.env);
const log = pino({ level: config.logLevel, base: { service: "ingest" } });
const { namespace } = config;
const metrics = new Registry();
collectDefaultMetrics({ register: metrics });
const events = new Counter({
  name: "riskwall_ingest_events_total",
  help: "Events at the door, by outcome",
  labelNames: ["outcome"] as const,
  registers: [metrics],
});

const redis = connectRedis(config.redisUrl);
redis.on("error", (error: Error) => {
  log.debug({ error: error.message }, "redis");
});
const clickhouse = connectClickHouse(config.clickhouseUrl, namespace);
const kafka = connectKafka(config.brokers, "riskwall-ingest", log);
const codec = await createCodec(config.registryUrl);
const producer = await connectProducer(kafka);
const appender = createAppender(producer);
const encoder = createEncoder(codec, namespace);
const door = createDoor(redis, namespace, log);
const decisions = await followDecisions(kafka, codec, namespace);
let refreshGate = (): void => undefined;
const settings = await followSettings(kafka, namespace, () => {
  refreshGate();
});
const gate = createGate({
  appender,
  encoder,
  door,
  kafka,
  codec,
  namespace,
  sources: settings.sources,
  log,
  now: Date.now,
});
refreshGate = () => {
  void gate.refresh();
};
await gate.refresh();

const app = await buildServer({
  appender,
  encoder,
  door,
  settings,
  decisions,
  orderHistory: async (id) => orderHistory(clickhouse, id),
  processorUrl: config.processorUrl,
  reportingCurrency: "CNY",
  keyRate: config.keyRate,
  metrics,
  events,
  ready: async () => {
    const ping = await clickhouse.ping();
    return { redis: redis.status === "ready", clickhouse: ping.success };
  },
  log,
  now: Date.now,
});
await app.listen({ host: config.host, port: config.port });
log.info({ port: config.port, namespace }, "ingest is up");

closeWithGrace({ delay: 8000, logger: log }, async () => {
  await app.close();
  await gate.stop();
  await decisions.stop();
  await settings.stop();
  await producer.disconnect();
  await clickhouse.close();
  redis.disconnect();
});
