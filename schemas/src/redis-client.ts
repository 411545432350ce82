/** The one way to Redis: a single server, or a Redis Cluster when told several. */
import { Cluster, Redis } from "ioredis";

/** Both take the same commands; a command's keys lie in one slot (names.ts). */
export type RedisClient = Redis | Cluster;

export interface RedisSettings {
  /** Attempts at a command while there is no connection. */
  readonly maxRetriesPerRequest?: number;
  readonly commandTimeout?: number;
  /** False: fail at once while there is no connection. */
  readonly enableOfflineQueue?: boolean;
  readonly lazyConnect?: boolean;
  readonly connectTimeout?: number;
  /** Pause before the next attempt to connect, ms; null = give up. */
  readonly retryStrategy?: (times: number) => number | null;
}

/** Pause of a command whose slot has no owner just now, ms. */
const failoverPauseMs = 200;
/** Attempts at a command while the slots move or a primary is replaced. */
const redirectionsMax = 16;

/** The addresses in a setting: one server, or some nodes of one cluster. */
export function redisNodes(setting: string): readonly string[] {
  return setting.split(",").map((node) => node.trim());
}

/** True for `redis://…` or `rediss://…`, also several, comma separated. */
export function isRedisSetting(setting: string): boolean {
  return redisNodes(setting).every(
    (node) => /^rediss?:\/\//.test(node) && URL.canParse(node),
  );
}

/** Host and port of an address. */
function placeOf(node: string): { host: string; port: number } {
  const { hostname, port } = new URL(node);
  return { host: hostname, port: port === "" ? 6379 : Number(port) };
}

/**
 * Connects to what `RISKWALL_REDIS_URL` says. Two or more addresses are nodes
 * of one cluster, of which one has to answer; user, password and TLS are those
 * of the first.
 */
export function openRedis(
  setting: string,
  settings: RedisSettings = {},
): RedisClient {
  const nodes = redisNodes(setting);
  const [first = ""] = nodes;
  if (nodes.length === 1) return new Redis(first, settings);
  const { username, password, protocol } = new URL(first);
  const { retryStrategy, lazyConnect, enableOfflineQueue, ...each } = settings;
  return new Cluster(nodes.map(placeOf), {
    ...(lazyConnect === undefined ? {} : { lazyConnect }),
    ...(enableOfflineQueue === undefined ? {} : { enableOfflineQueue }),
    ...(retryStrategy ? { clusterRetryStrategy: retryStrategy } : {}),
    maxRedirections: redirectionsMax,
    retryDelayOnFailover: failoverPauseMs,
    retryDelayOnClusterDown: failoverPauseMs,
    redisOptions: {
      ...each,
      ...(username === "" ? {} : { username: decodeURIComponent(username) }),
      ...(password === "" ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === "rediss:" ? { tls: {} } : {}),
    },
  });
}
