/** Entry of the fold: configuration, clients, pipeline, HTTP, end. */
import { createCodec } from "@riskwall/schemas/codec";
import { groupName, logPartitions, topicNames } from "@riskwall/schemas/names";
import closeWithGrace from "close-with-grace";
import { pino } from "pino";
import { loadConfig } from "./config.ts";
import { localDay } from "./core/calendar.ts";
import { subjectOf } from "./core/log-record.ts";
import { buildHttp } from "./http.ts";
import {
  connectKafka,
  connectProducer,
  createControlWriter,
  createSink,
  heartbeatEveryMs,
  startConsumer,
  logBounds,
} from "./io/kafka.ts";
import { createExpectedWeek } from "./expected-week.ts";
import { withFailpoint } from "./io/failpoint.ts";
import { traceFold } from "./io/fold-traces.ts";
import { connectRedis, createStateStore } from "./io/redis.ts";
import { createMetrics } from "./metrics.ts";
import { createOwnership, type Ownership } from "./ownership.ts";
import { startPortfolio } from "./portfolio.ts";
import { createPortfolioForecast } from "./portfolio-forecast.ts";
import { openTracing } from "@riskwall/schemas/tracing";
import { dropNegativeTimerWarning } from "@riskwall/schemas/quiet-warnings";
import { shippedRules } from "./rule-file.ts";
import { createStandingStates } from "./standing-states.ts";

dropNegativeTimerWarning();
const config = loadConfig(process.env);
const log = pino({ level: config.logLevel, base: { service: "processor" } });
const { namespace } = config;
const topic = topicNames(namespace).events;
const redis = connectRedis(config.redisUrl);
const kafka = connectKafka(
  config.brokers,
  "riskwall-processor",
  log,
  (partition) => {
    ownership.onDoubt(partition);
  },
);
const codec = await createCodec(config.registryUrl);
const producer = await connectProducer(kafka);
const admin = kafka.admin();
await admin.connect();
const { clusterId } = await admin.describeCluster();
const writer = createControlWriter(producer, codec, namespace);
const shipped = shippedRules();

const tracing = await openTracing("processor", config.tracesUrl);
const sink = createSink(producer, codec, namespace);
const traces = tracing && traceFold(sink, tracing, Date.now);
const parts = {
  store: createStateStore(redis, namespace),
  sink: traces?.sink ?? sink,
};
const metrics = createMetrics({
  bounds: async () => logBounds(admin, topic),
  status: () => ownership.status(),
  ...{ log, now: Date.now },
});
const ownership: Ownership = createOwnership({
  ...withFailpoint(parts, config.failpoint),
  codec,
  writer,
  admin,
  topic,
  cluster: clusterId,
  shipped,
  speed: config.speed,
  heartbeatMs: heartbeatEveryMs(config.sessionMs),
  batchRecords: config.batchRecords,
  cachePerPartition: Math.ceil(config.cacheCustomers / logPartitions),
  log,
  now: Date.now,
  elapsedMs: () => performance.now(),
  beforeFold: ({ record }) => {
    if (config.failCustomer === null) return;
    if (subjectOf(record) === config.failCustomer) {
      throw new Error("told to fail at this customer");
    }
  },
  onFolded: metrics.onFolded,
});

const consumer = await startConsumer({
  kafka,
  groupId: groupName(namespace, "processor"),
  topic,
  sessionMs: config.sessionMs,
  onJoin: ownership.onJoin,
  onBatch: async (payload) => {
    traces?.note(payload.batch);
    await ownership.onBatch(payload);
  },
  onCrash: (error, restart) => {
    log.error({ err: error, restart }, "consumer crashed");
    if (!restart) process.exit(1);
  },
});
const standing = { redis, namespace, shipped: shipped.rules, now: Date.now };
const states = createStandingStates(standing);
const stopPortfolio = startPortfolio({
  redis,
  namespace,
  writer,
  ownership,
  log,
  now: Date.now,
  deadLetters: async () => {
    const bounds = await logBounds(admin, topicNames(namespace).deadletters);
    return [...bounds.values()].reduce((sum, { high }) => sum + high, 0);
  },
  rates: async () => (await states.present()).env.rates,
  today: async () => {
    const { env, now } = await states.present();
    return localDay(now, env.rules.zoneOffsetMinutes);
  },
  expectedCash: createExpectedWeek({
    forecast: createPortfolioForecast({ ...standing, present: states.present }),
    present: states.present,
  }),
});
const app = buildHttp({
  redis,
  namespace,
  shipped: shipped.rules,
  ownership,
  metrics: metrics.registry,
  log,
  now: Date.now,
});
await app.listen({ host: config.host, port: config.port });
log.info({ port: config.port, namespace, topic }, "processor is up");

closeWithGrace({ delay: 8000, logger: log }, async () => {
  stopPortfolio();
  await ownership.stop();
  await consumer.disconnect();
  await producer.disconnect();
  await admin.disconnect();
  await app.close();
  redis.disconnect();
  await tracing?.stop();
});
