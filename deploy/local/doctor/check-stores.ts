/** Registry, Redis and ClickHouse: reachable, new enough, set as needed. */
import { statfs } from "node:fs/promises";
import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
} from "@clickhouse/client";
import {
  databaseName,
  logPartitions,
  partitionKeys,
  topicNames,
} from "@riskwall/schemas/names";
import { schemaProblems } from "@riskwall/schemas/schema-check";
import {
  openRedis,
  redisNodes,
  type RedisClient,
} from "@riskwall/schemas/redis-client";
import {
  down,
  isAtLeast,
  judgeDisk,
  judgeRedis,
  judgeSkew,
  up,
  wrong,
  type Finding,
  whyOf,
} from "./finding.ts";

/** SMISMEMBER, ZMSCORE and COPY came with it. */
const redisLeast = "6.2";
/** Deduplication through materialised views came with it. */
const clickhouseLeast = "24.3";
const timeoutMs = 5000;

/** `up` where nothing else was found. */
function orUp(part: string, at: string, findings: Finding[]): Finding[] {
  return findings.length > 0 ? findings : [up(part, at)];
}

export async function checkRegistry(url: string): Promise<Finding[]> {
  const part = "schema registry";
  const fix = "start it, or set RISKWALL_REGISTRY_URL";
  let text: string;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    text = await (await fetch(`${url}/subjects`, { signal })).text();
  } catch (error) {
    return [down(part, url, whyOf(error), fix)];
  }
  if (!text.trimStart().startsWith("[")) {
    const what = "answers, but not as a Confluent-compatible registry";
    const hint = "check the path: Apicurio 2 has /apis/ccompat/v7";
    return [wrong(part, url, what, hint)];
  }
  try {
    const problems = await schemaProblems(url);
    const found = problems.map(({ subject, why }) =>
      wrong(
        "schema",
        subject,
        `not compatible with the registered one: ${why}`,
        "run the build that registered it, or another registry: schemas only grow",
      ),
    );
    return orUp(part, url, found);
  } catch (error) {
    return [down(part, url, whyOf(error), fix)];
  }
}

function parseInfo(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("\r\n").flatMap((line) => {
      const at = line.indexOf(":");
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
}

/** A client that says at once why it cannot connect. */
export async function withRedis<Value>(
  url: string,
  work: (redis: RedisClient) => Promise<Value>,
): Promise<Value> {
  const redis = openRedis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let failure: Error | null = null;
  redis.on("error", (error: Error) => {
    failure = error;
  });
  try {
    await redis.connect();
    return await work(redis);
  } catch (error) {
    throw failure ?? error;
  } finally {
    redis.disconnect();
  }
}

/** Every node that the setting names. */
export async function checkRedis(setting: string): Promise<Finding[]> {
  return (await Promise.all(redisNodes(setting).map(checkNode))).flat();
}

async function checkNode(url: string): Promise<Finding[]> {
  const part = "Redis";
  const at = new URL(url).host;
  try {
    return await withRedis(url, async (redis) => {
      const info = parseInfo(await redis.info());
      const from = Date.now();
      const [seconds, micros] = await redis.time();
      const to = Date.now();
      const now = Number(seconds) * 1000 + Number(micros) / 1000;
      const skew = judgeSkew(`${part} ${at}`, now, { from, to });
      const found = judgeRedis(at, info, redisLeast);
      return [...orUp(part, at, found), ...(skew ? [skew] : [])];
    });
  } catch (error) {
    const fix = "start it, or set RISKWALL_REDIS_URL";
    return [down(part, at, whyOf(error), fix)];
  }
}

async function firstRow<Row>(
  client: ClickHouseClient,
  query: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<Row[]> {
  const reply = await client.query({
    query,
    query_params: { ...params },
    format: "JSONEachRow",
  });
  return reply.json<Row>();
}

async function withClickHouse<Value>(
  url: string,
  work: (client: ClickHouseClient) => Promise<Value>,
): Promise<Value> {
  const client = createClient({
    url,
    request_timeout: timeoutMs,
    log: { level: ClickHouseLogLevel.OFF },
  });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

export async function checkClickHouse(
  url: string,
  diskPercent: number,
): Promise<Finding[]> {
  const part = "ClickHouse";
  const at = new URL(url).host;
  try {
    return await withClickHouse(url, async (client) => {
      const from = Date.now();
      const [row] = await firstRow<{ version: string; now: string }>(
        client,
        "SELECT version() AS version, toString(toUnixTimestamp64Milli(now64(3))) AS now",
      );
      const to = Date.now();
      const version = row?.version ?? "unknown";
      const found = isAtLeast(version, clickhouseLeast)
        ? []
        : [
            wrong(
              part,
              at,
              `version ${version}, needs ${clickhouseLeast}`,
              `install ClickHouse ${clickhouseLeast} or newer`,
            ),
          ];
      const skew = judgeSkew(`${part} ${at}`, Number(row?.now), { from, to });
      const disks = await firstRow<{
        path: string;
        free: string;
        total: string;
      }>(
        client,
        "SELECT path, toString(free_space) AS free, toString(total_space) AS total FROM system.disks WHERE total_space > 0",
      );
      const full = disks.map(({ path, free, total }) =>
        judgeDisk(`${part} ${path}`, Number(free), Number(total), diskPercent),
      );
      const more = [skew, ...full].filter((finding) => finding !== null);
      return [...orUp(part, at, found), ...more];
    });
  } catch (error) {
    const fix = "start it, or set RISKWALL_CLICKHOUSE_URL";
    return [down(part, at, whyOf(error), fix)];
  }
}

/** The file system of the home, where the local servers keep their data. */
export async function checkHome(
  home: string,
  diskPercent: number,
): Promise<Finding[]> {
  try {
    const { bavail, blocks } = await statfs(home);
    const full = judgeDisk(home, bavail, blocks, diskPercent);
    return full ? [full] : [];
  } catch (error) {
    // Servers of one's own need no home.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return [];
    }
    throw error;
  }
}

/** Records of the log that the fold committed, all partitions together. */
export async function foldedRecords(
  redisUrl: string,
  namespace: string,
): Promise<number> {
  return withRedis(redisUrl, async (redis) => {
    const nexts = await Promise.all(
      Array.from({ length: logPartitions }, async (_, partition) =>
        redis.hget(partitionKeys(namespace, partition).meta, "next"),
      ),
    );
    return nexts.reduce((sum, next) => sum + Number(next ?? 0), 0);
  });
}

/** Records of the log that history holds; 0 before the first. */
export async function storedRecords(
  url: string,
  namespace: string,
): Promise<number> {
  return withClickHouse(url, async (client) => {
    const database = databaseName(namespace);
    const [row] = await firstRow<{ n: string }>(
      client,
      `SELECT toString(sum(\`to\`)) AS n FROM ${database}.history_plan FINAL WHERE topic = {topic:String} AND done`,
      { topic: topicNames(namespace).events },
    );
    return Number(row?.n ?? 0);
  });
}
