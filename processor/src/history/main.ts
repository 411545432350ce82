/** Entry of the historian: the log and the outputs into ClickHouse. */
import { createCodec } from "@riskwall/schemas/codec";
import closeWithGrace from "close-with-grace";
import { pino } from "pino";
import { connectKafka } from "../io/kafka.ts";
import { connectRedis } from "../io/redis.ts";
import { shippedRules } from "../rule-file.ts";
import { dropNegativeTimerWarning } from "@riskwall/schemas/quiet-warnings";
import { startAuditCopy } from "./audit-copy.ts";
import { loadHistoryConfig } from "./config.ts";
import { startErasing } from "./erasing.ts";
import { startFeatureDays } from "./feature-days.ts";
import { buildHealth, createMetrics } from "./health.ts";
import { startHistorian } from "./historian.ts";
import { createHistoryStore } from "./history-store.ts";

dropNegativeTimerWarning();
const config = loadHistoryConfig(process.env);
const log = pino({ level: config.logLevel, base: { service: "historian" } });
const metrics = createMetrics();
const store = createHistoryStore(config.clickhouseUrl, config.namespace);
const shared = {
  kafka: connectKafka(config.brokers, "riskwall-historian", log),
  ...{ store, log, namespace: config.namespace, onStored: metrics.stored },
  onFatal: (error: unknown) => {
    log.fatal({ err: error }, "historian cannot go on");
    process.exit(1);
  },
};
const historian = await startHistorian({
  ...shared,
  codec: await createCodec(config.registryUrl),
  onGap: metrics.gap,
});
const app = buildHealth({
  historian,
  ping: store.ping,
  metrics: metrics.registry,
});
await app.listen({ host: config.host, port: config.port });
const auditCopy = startAuditCopy(shared);
const redis = connectRedis(config.redisUrl);
// Said once per try by whoever asks; without a listener it would end the process.
redis.on("error", () => undefined);
const isWriter = (): boolean => historian.status().partitions > 0;
const featureDays = startFeatureDays({
  ...shared,
  ...{ redis, shipped: shippedRules().rules, now: Date.now, isWriter },
});
const erasing = startErasing({ store, log, isWriter, now: Date.now });
log.info({ port: config.port, namespace: config.namespace }, "historian is up");

closeWithGrace({ delay: 8000, logger: log }, async () => {
  await app.close();
  await featureDays.stop();
  await erasing.stop();
  redis.disconnect();
  await auditCopy.stop();
  await historian.stop();
  await store.close();
});
