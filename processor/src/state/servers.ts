/** The servers that the state verbs need, connected and named where away. */
import { createCodec } from "@riskwall/schemas/codec";
import { logPartitions, topicNames } from "@riskwall/schemas/names";
import { pino } from "pino";
import { loadConfig } from "../config.ts";
import { loadHistoryConfig } from "../history/config.ts";
import { connectKafka, logBounds } from "../io/kafka.ts";
import { connectRedis, createStateStore } from "../io/redis.ts";
import { connectArchive } from "./archive.ts";
import { createAreas } from "./areas.ts";
import type { BackupDeps } from "./backup.ts";
import { createHistoryCopy } from "./history-copy.ts";
import { followLog } from "./log-tail.ts";
import type { RebuildDeps } from "./rebuild.ts";
import type { RestoreDeps } from "./restore.ts";

/** Decoded customers kept in memory while folding, all partitions together. */
const cacheCustomers = 200_000;
/** Time between two lines of progress. */
const progressEveryMs = 2000;

/** A server does not answer. */
export class NotReachable extends Error {}

export interface Servers {
  readonly rebuildDeps: () => RebuildDeps;
  readonly copyDeps: () => BackupDeps & RestoreDeps;
  readonly close: () => Promise<void>;
}

async function reach<Value>(
  what: string,
  variable: string,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const text = `${what} cannot be reached (${variable}): ${why}`;
    throw new NotReachable(text, { cause });
  }
}

/** A line on stderr now and then. */
export function createProgress(): (folded: number, wanted: number) => void {
  const began = performance.now();
  let next = progressEveryMs;
  return (folded, wanted) => {
    const ms = performance.now() - began;
    if (ms < next) return;
    next = ms + progressEveryMs;
    const share = wanted === 0 ? 100 : Math.floor((100 * folded) / wanted);
    const n = (value: number): string => value.toLocaleString("en-GB");
    process.stderr.write(
      `  ${n(folded)} of ${n(wanted)} records, ${String(share)} %, ${(ms / 1000).toFixed(0)} s\n`,
    );
  };
}

/** Connects to every server of `env`; rejects with `NotReachable`. */
export async function connectServers(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Servers> {
  const { namespace, ...config } = loadConfig(env);
  const { clickhouseUrl } = loadHistoryConfig(env);
  const redis = connectRedis(config.redisUrl);
  // The first command reports the failure.
  redis.on("error", () => undefined);
  const kafka = connectKafka(
    config.brokers,
    "riskwall-state",
    pino({ level: "silent" }),
  );
  const admin = kafka.admin({ retry: { retries: 2 } });
  try {
    await reach("Redis", "RISKWALL_REDIS_URL", async () => redis.ping());
    const cluster = await reach("Kafka", "RISKWALL_KAFKA_BROKERS", async () => {
      await admin.connect();
      return (await admin.describeCluster()).clusterId;
    });
    const codec = await reach(
      "the schema registry",
      "RISKWALL_REGISTRY_URL",
      async () => createCodec(config.registryUrl),
    );
    const archive = connectArchive(clickhouseUrl, namespace, codec);
    const history = createHistoryCopy(clickhouseUrl, namespace);
    await reach("ClickHouse", "RISKWALL_CLICKHOUSE_URL", async () =>
      history.rows(),
    );
    const areas = createAreas(redis, namespace);
    return {
      rebuildDeps: () => ({
        ...{ codec, cluster, archive, areas },
        store: createStateStore(redis, namespace, "rebuild"),
        batchRecords: config.batchRecords,
        cachePerPartition: Math.ceil(cacheCustomers / logPartitions),
        bounds: async () => logBounds(admin, topicNames(namespace).events),
        follow: async (from) => followLog(kafka, namespace, from),
        onProgress: createProgress(),
        warn: (text) => {
          process.stderr.write(`${text}\n`);
        },
      }),
      copyDeps: () => ({
        ...{ namespace, cluster, redis, areas, history, admin },
        bounds: async (topic) => logBounds(admin, topic),
      }),
      close: async () => {
        redis.disconnect();
        await admin.disconnect();
        await archive.close();
        await history.close();
      },
    };
  } catch (error) {
    redis.disconnect();
    await admin.disconnect();
    throw error;
  }
}
