/** Entry of the dashboard: configuration, clients, panels, server, end. */
import { alertLinkKey } from "@riskwall/schemas/alert-links";
import { createCodec } from "@riskwall/schemas/codec";
import { sealingKeys, serviceSecret } from "@riskwall/schemas/home-keys";
import { connectKafka } from "@riskwall/schemas/kafka-client";
import { topicNames } from "@riskwall/schemas/names";
import { createSealing } from "@riskwall/schemas/sealing";
import closeWithGrace from "close-with-grace";
import { pino } from "pino";
import { openAuditLog } from "./audit/audit-log.ts";
import { createAuditTrail } from "./audit/trail.ts";
import { loadConfig } from "./config.ts";
import { connectIngest } from "./io/ingest-door.ts";
import { connectWriter, topicBounds } from "./io/kafka.ts";
import { connectPast } from "./io/past.ts";
import { connectRedis, createPresent } from "./io/present.ts";
import { createNotifierCall } from "./io/notifier-call.ts";
import { createOnce } from "./io/once.ts";
import { connectProcessor } from "./io/processor.ts";
import { createRedrives } from "./io/redrives.ts";
import {
  createSettings,
  followSettings,
  settledWriter,
} from "./io/settings.ts";
import { createSessions } from "./io/sessions.ts";
import { createLive, type Live } from "./live/live.ts";
import { createEntrance } from "./people/entrance.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { openTracing } from "@riskwall/schemas/tracing";
import { dropNegativeTimerWarning } from "@riskwall/schemas/quiet-warnings";
import { serve } from "./serve.ts";

dropNegativeTimerWarning();
const config = loadConfig(process.env);
const { namespace, home } = config;
const log = pino({ level: config.logLevel, base: { service: "dashboard" } });
const now = Date.now;
const sealing = createSealing(sealingKeys(home));

const redis = connectRedis(config.redisUrl);
redis.on("error", (error: Error) => {
  log.debug({ error: error.message }, "redis");
});
const present = createPresent(redis, namespace);
const past = connectPast(config.clickhouseUrl, namespace);
const processor = connectProcessor(config.processorUrl);
const kafka = connectKafka(config.brokers, "riskwall-dashboard", log);
const codec = await createCodec(config.registryUrl);
const plainWriter = await connectWriter(
  ...([kafka, codec, namespace, sealing.seal] as const),
);
const admin = kafka.admin();
await admin.connect();
let dropRights = (_: string): void => undefined;
const settings = createSettings({ now, onRights: (who) => dropRights(who) });
const following = await followSettings({
  ...{ kafka, admin, namespace, log, store: settings, open: sealing.open },
});
const writer = settledWriter(plainWriter, following);
const auditLog = await openAuditLog({
  ...{ kafka, admin, namespace, writer, log, now },
  headEveryMs: config.auditHeadMs,
});
const audit = createAuditTrail(auditLog, now);
const sessions = createSessions(redis, namespace, settings, now);
const entrance = await createEntrance({
  ...{ config, redis, settings, sessions, audit, writer, now },
  linkKey: alertLinkKey(serviceSecret(home)),
});
const redisUp = (): boolean => redis.status === "ready";

const metrics: Metrics = createMetrics({
  alerts: () => live.hub.book.list(),
  deadLetters: async () => {
    const topic = topicNames(namespace).deadletters;
    const { high } = await topicBounds(admin, topic);
    return high.reduce((sum, end) => sum + end, 0);
  },
  log,
});
const tracing = await openTracing("dashboard", config.tracesUrl);
const live: Live = await createLive({
  tracing,
  ...{ config, kafka, admin, codec, present, past, processor, metrics, log },
  redisUp,
  now,
  // What is shown can no longer be right: a new start reads everything anew.
  onGap: (what) => {
    log.fatal({ what }, "OUTPUT_GAP: starting over");
    process.exit(1);
  },
});
const server = await serve({
  ...{ config, live, present, past, processor, settings, sessions, writer },
  ...{ metrics, log, redisUp, now, codec, audit, entrance },
  auditHead: auditLog.head,
  onRights: (drop) => {
    dropRights = drop;
  },
  callNotifier: createNotifierCall(config.notifierUrl, serviceSecret(home)),
  redrives: createRedrives(past, redis, namespace),
  once: createOnce(redis, namespace),
  door: connectIngest(config.ingestUrl, config.home),
});
log.info({ port: server.port, namespace }, "dashboard is up");

closeWithGrace({ delay: 8000, logger: log }, async () => {
  await server.stop();
  await live.stop();
  await auditLog.stop();
  await following.stop();
  await writer.stop();
  await admin.disconnect();
  await past.close();
  await tracing?.stop();
  redis.disconnect();
});
