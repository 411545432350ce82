/** Faults of the servers that the fold stands on, and of the way to them. */
import { readdirSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { ownProcesses } from "../bench/processes.ts";
import { stack, waitFor } from "../support/stack.ts";
import { killNow, pause, type Fault, type Site } from "./fault.ts";
import { isUp, startReplica } from "./redis-replica.ts";

/** Part of every commit, and of nothing else that goes to Redis. */
const commitMark = '"hash":"';
/** Bytes cut off the end of the append-only file at most. */
const tailMaxBytes = 30_000;
/** Above the threshold of the alert `RiskwallFoldStalled`. */
const stalledSeconds = 5;
const heapMaxBytes = 1024 ** 3;

async function redisSetting(site: Site, name: string): Promise<string> {
  const reply = await site.space.redis.config("GET", name);
  const [, value] = reply as readonly string[];
  if (value === undefined) throw new Error(`Redis has no setting ${name}`);
  return value;
}

/** The append-only file that is written now. */
async function appendOnlyFile(site: Site): Promise<string> {
  const [dir, folder] = await Promise.all([
    redisSetting(site, "dir"),
    redisSetting(site, "appenddirname"),
  ]);
  const files = join(dir, folder);
  const [newest] = readdirSync(files)
    .filter((name) => name.endsWith(".incr.aof"))
    .map((name) => join(files, name))
    .toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (newest === undefined) throw new Error("Redis writes no file");
  return newest;
}

/** True while a process can still write: it is there, and no zombie. */
function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
    return !/^\d+ \(.*\) Z/.test(stat);
  } catch {
    return false;
  }
}

const tornLog: Fault = {
  number: 8,
  what: "kill -9 Redis, its append-only file loses up to 30,000 bytes",
  times: 5,
  act: async (site) => {
    await pause(500 + site.below(1500));
    const file = await appendOnlyFile(site);
    const pid = site.pidOf("redis");
    killNow(pid);
    // The supervisor waits 250 ms at least before it starts Redis again.
    await waitFor(() => !isAlive(pid), { timeoutMs: 200, everyMs: 1 });
    const size = statSync(file).size;
    truncateSync(file, Math.max(0, size - 1 - site.below(tailMaxBytes)));
    return site.nextCommit();
  },
};

const lostReply: Fault = {
  number: 10,
  what: "the reply to a commit is lost on its way",
  times: 20,
  proxied: true,
  act: async (site) => {
    await pause(200 + site.below(500));
    await site.proxy.loseReply(commitMark);
    return site.nextCommit();
  },
};

/** The longest time the metrics say that a partition waits for something. */
function stalledFor(metrics: string): number {
  const line = /^riskwall_processor_stalled_seconds\{[^}]*\} ([\d.e+-]+)$/gm;
  return Math.max(...[...metrics.matchAll(line)].map(([, n]) => Number(n)));
}

async function text(url: string): Promise<string> {
  return (await fetch(url)).text();
}

/** What has to be true while Redis is full. */
async function judgeFull(site: Site): Promise<void> {
  await waitFor(
    async () =>
      stalledFor(await text(`${site.processorUrl}/metrics`)) > stalledSeconds,
    { timeoutMs: 60_000, everyMs: 500 },
  );
  const ready = await fetch(`${site.processorUrl}/readyz`);
  const said = await ready.text();
  if (ready.status !== 503 || !said.includes("OOM")) {
    throw new Error(`readyz says ${String(ready.status)} ${said}`);
  }
  const evicted = /evicted_keys:(\d+)/.exec(await site.space.redis.info());
  if (evicted?.[1] !== "0") throw new Error(`evicted: ${String(evicted?.[1])}`);
  judgeMemory();
}

/** What the processor keeps is bounded, whatever waits. */
function judgeMemory(): void {
  const [processor] = ownProcesses().filter(({ role }) => role === "processor");
  const bytes = processor?.residentBytes ?? Infinity;
  if (bytes > heapMaxBytes) throw new Error(`${String(bytes)} bytes resident`);
}

const fullRedis: Fault = {
  number: 11,
  what: "Redis full (noeviction), then given room",
  times: 2,
  act: async (site) => {
    const { redis } = site.space;
    const before = await redisSetting(site, "maxmemory");
    await redis.config("SET", "maxmemory", "1mb");
    try {
      await judgeFull(site);
    } finally {
      await redis.config("SET", "maxmemory", before);
    }
    const took = await site.nextCommit();
    await waitFor(
      async () => (await fetch(`${site.processorUrl}/readyz`)).status === 200,
      { timeoutMs: 30_000, everyMs: 250 },
    );
    return took;
  },
};

const slowLink: Fault = {
  number: 14,
  what: "500 ms on every way to Redis, broken twenty times in 20 s",
  times: 1,
  proxied: true,
  act: async (site) => {
    site.proxy.delay(500);
    for (let i = 0; i < 20; i += 1) {
      await pause(500 + site.below(1000));
      site.proxy.cut();
      site.proxy.restore();
    }
    judgeMemory();
    site.proxy.delay(0);
    return site.nextCommit();
  },
};

const failback: Fault = {
  number: 9,
  what: "an async replica 1.5 s behind is promoted; the old primary returns as its replica, and is promoted in turn",
  times: 2,
  proxied: true,
  act: async (site) => {
    const primary = new URL(stack().redisUrl);
    const first = { host: primary.hostname, port: Number(primary.port) };
    const replica = await startReplica(first);
    try {
      await pause(1000 + site.below(1000));
      // What the primary commits from here on, the replica never hears of.
      replica.link.cut();
      await pause(1500);
      site.proxy.retarget(replica.at);
      await replica.client.replicaof("NO", "ONE");
      const { redis } = site.space;
      await redis.replicaof(replica.at.host, replica.at.port);
      const took = await site.nextCommit();
      await waitFor(async () => isUp(await redis.info("replication")), {
        timeoutMs: 30_000,
      });
      await pause(1000);
      site.proxy.retarget(first);
      await redis.replicaof("NO", "ONE");
      return Math.max(took, await site.nextCommit());
    } finally {
      await replica.stop();
    }
  },
};

export const serverFaults: readonly Fault[] = [
  tornLog,
  failback,
  lostReply,
  fullRedis,
  slowLink,
];
