/** A Redis Cluster of three primaries and a replica of each, on the loopback. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { onTestFinished } from "vitest";
import { freePort, isFree } from "./ports.ts";
import { waitFor } from "./stack.ts";

const nodes = 6;
/** A primary that is silent for so long is replaced. */
const nodeTimeoutMs = 1000;
/** The bus of a node listens this much above its port. */
const busAbove = 10_000;

export interface RedisCluster {
  /** Value of `RISKWALL_REDIS_URL`. */
  readonly setting: string;
  /** Kills the primary that has a key's slot, as kill -9 does. */
  readonly killPrimaryOf: (key: string) => Promise<void>;
  /** Where a key's slot is now. */
  readonly primaryOf: (key: string) => Promise<number>;
}

/** Ports whose buses find theirs free, too. */
async function freePorts(): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < nodes) {
    const port = await freePort();
    const bus = port + busAbove;
    if (bus < 65_536 && (await isFree(bus))) ports.add(port);
  }
  return [...ports];
}

function startNode(port: number, dir: string): ChildProcess {
  const settings = {
    ...{ port, bind: "127.0.0.1", dir, save: "", appendonly: "no" },
    ...{ "cluster-enabled": "yes", "maxmemory-policy": "noeviction" },
    "cluster-config-file": `nodes-${String(port)}.conf`,
    "cluster-node-timeout": nodeTimeoutMs,
    "cluster-replica-validity-factor": 0,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);
  return spawn("redis-server", args, { stdio: "ignore" });
}

/** Starts a cluster for one test and waits until every slot is served. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const dir = mkdtempSync(join(tmpdir(), "riskwall-cluster-"));
  const ports = await freePorts();
  const running = new Map(ports.map((port) => [port, startNode(port, dir)]));
  onTestFinished(async () => {
    for (const child of running.values()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((done) => child.once("exit", done));
      child.kill("SIGKILL");
      await gone;
    }
    rmSync(dir, { recursive: true, force: true });
  });
  const places = ports.map((port) => `127.0.0.1:${String(port)}`);
  const ask = async <T>(
    port: number,
    question: (redis: Redis) => Promise<T>,
  ): Promise<T> => {
    const redis = new Redis(port, "127.0.0.1", {
      ...{ lazyConnect: true, maxRetriesPerRequest: 0 },
      retryStrategy: () => null,
    });
    redis.on("error", () => undefined);
    try {
      await redis.connect();
      return await question(redis);
    } finally {
      redis.disconnect();
    }
  };
  const info = async (port: number): Promise<string> =>
    ask(port, async (redis) => redis.cluster("INFO"));
  for (const port of ports) await waitFor(async () => info(port));
  await promisify(execFile)("redis-cli", [
    ...["--cluster", "create", ...places],
    ...["--cluster-replicas", "1", "--cluster-yes"],
  ]);
  const isWhole = (text: string): boolean =>
    text.includes("cluster_state:ok") &&
    text.includes(`cluster_known_nodes:${String(nodes)}`);
  for (const port of ports)
    await waitFor(async () => isWhole(await info(port)));
  const primaryOf = async (key: string): Promise<number> => {
    const [port] = [...running.keys()];
    if (port === undefined) throw new Error("no node runs");
    return ask(port, async (redis) => {
      const slot = await redis.cluster("KEYSLOT", key);
      for (const [from, to, owner] of await redis.cluster("SLOTS")) {
        if (owner && slot >= from && slot <= to) return owner[1];
      }
      throw new Error(`nobody has slot ${String(slot)}`);
    });
  };
  return {
    setting: places.map((place) => `redis://${place}`).join(","),
    primaryOf,
    killPrimaryOf: async (key) => {
      const port = await primaryOf(key);
      running.get(port)?.kill("SIGKILL");
      running.delete(port);
    },
  };
}
