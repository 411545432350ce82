/** Entry of the gateway and the gate. */
import { createCodec } from "@riskwall/schemas/codec";
import { topicNames } from "@riskwall/schemas/names";
import closeWithGrace from "close-with-grace";
import { pino } from "pino";
import { loadConfig } from "./config.ts";
import { createMeter } from "./core/token-bucket.ts";
import { createGate } from "./gate/gate.ts";
import { createAppender } from "./io/appender.ts";
import {
  connectClickHouse,
  orderHistory,
  storedDecision,
} from "./io/clickhouse.ts";
import { followDecisions } from "./io/decisions.ts";
import { connectRedis, createDoor, createRequestMemory } from "./io/door.ts";
import {
  connectKafka,
  connectProducer,
  createEncoder,
  createKafkaCheck,
} from "./io/kafka.ts";
import { followSettings } from "./io/settings.ts";
import { tracedAppender } from "./io/traced-appender.ts";
import { createMetrics } from "./metrics.ts";
import { openTracing } from "@riskwall/schemas/tracing";
import { dropNegativeTimerWarning } from "@riskwall/schemas/quiet-warnings";
import { buildServer } from "./server.ts";
import { shippedTextReader } from "./text-reader.ts";

dropNegativeTimerWarning();
const config = loadConfig(process.env);
const log = pino({ level: config.logLevel, base: { service: "ingest" } });
const { namespace } = config;
const redis = connectRedis(config.redisUrl);
redis.on("error", (error: Error) => {
  log.debug({ error: error.message }, "redis");
});
const clickhouse = connectClickHouse(config.clickhouseUrl, namespace);
const kafka = connectKafka(config.brokers, "riskwall-ingest", log);
const kafkaCheck = createKafkaCheck(kafka, topicNames(namespace).events, 2000);
const codec = await createCodec(config.registryUrl);
const producer = await connectProducer(kafka);
const tracing = await openTracing("ingest", config.tracesUrl);
const appender = tracedAppender(createAppender(producer), tracing);
const observed = createMetrics(appender.depth);
let refreshGate = (): void => undefined;
const settings = await followSettings(
  kafka,
  namespace,
  () => {
    refreshGate();
  },
  log,
);
const decisions = await followDecisions(kafka, codec, namespace);
const door = {
  appender,
  encoder: createEncoder(codec, namespace),
  door: createDoor(redis, namespace, log),
  count: observed.count,
  now: Date.now,
  simulated: config.simulated,
  readText: shippedTextReader(),
  log,
};
const { sources } = settings;
const gate = createGate({ ...door, kafka, codec, namespace, sources });
refreshGate = () => void gate.refresh();
await gate.refresh();

let draining = false;
const app = await buildServer({
  ...door,
  meter: createMeter(config.keyRate),
  settings,
  decisions,
  memory: createRequestMemory(redis, namespace),
  storedDecision: async (order) => storedDecision(clickhouse, order),
  orderHistory: async (id) => orderHistory(clickhouse, id),
  processorUrl: config.processorUrl,
  observed,
  tracing,
  parts: async () => ({
    serving: { up: !draining, needed: true },
    kafka: { up: await kafkaCheck.ask(), needed: true },
    decisions: { up: decisions.ready(), needed: true },
    redis: { up: redis.status === "ready", needed: false },
    clickhouse: { up: (await clickhouse.ping()).success, needed: false },
  }),
});
await app.listen({ host: config.host, port: config.port });
log.info({ port: config.port, namespace }, "ingest is up");

closeWithGrace({ delay: 8000, logger: log }, async () => {
  draining = true;
  await app.close();
  await gate.stop();
  await decisions.stop();
  await settings.stop();
  await producer.disconnect();
  await kafkaCheck.stop();
  await clickhouse.close();
  redis.disconnect();
  await tracing?.stop();
});
