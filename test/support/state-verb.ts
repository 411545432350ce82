/** `./riskwall state …` in a test namespace, and what Redis holds of it. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { logPartitions, partitionTag } from "@riskwall/schemas/names";
import type { Redis } from "ioredis";
import type { TestNamespace } from "./namespace.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface VerbEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a state verb to its end. */
export async function stateVerb(
  ns: Pick<TestNamespace, "namespace">,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<VerbEnd> {
  const file =
    args[0] === "verify" ? "test/oracle/cli.ts" : "processor/src/state/cli.ts";
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [file, "state", ...args],
      {
        cwd: root,
        env: { ...process.env, RISKWALL_NAMESPACE: ns.namespace, ...env },
      },
      (_, stdout, stderr) => {
        done({ code: child.exitCode ?? -1, stdout, stderr });
      },
    );
  });
}

/** Fields that name who holds a partition, not what it holds. */
const ownerFields = new Set(["lease", "member"]);

async function valueOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case "string":
      return (await redis.getBuffer(key))?.toString("hex");
    case "zset":
      return redis.zrange(key, "0", "-1", "WITHSCORES");
    case "hash": {
      const fields = Object.entries(await redis.hgetall(key));
      // A sum that came back to zero is as good as none.
      const kept = fields.filter(
        ([name, value]) => value !== "0" && !ownerFields.has(name),
      );
      return Object.fromEntries(kept.sort());
    }
    default:
      throw new Error(`${key} has no known type`);
  }
}

/** Every key of the fold's state with its value, byte for byte. */
export async function dumpState(
  redis: Redis,
  namespace: string,
): Promise<ReadonlyMap<string, unknown>> {
  const dump = new Map<string, unknown>();
  for (let p = 0; p < logPartitions; p += 1) {
    const keys = await redis.keys(`${partitionTag(namespace, p)}:*`);
    for (const key of keys.sort()) dump.set(key, await valueOf(redis, key));
  }
  return dump;
}

/** Destroys the fold's state of a test namespace. */
export async function destroyState(
  redis: Redis,
  namespace: string,
): Promise<void> {
  if (!namespace.startsWith("test-")) throw new Error("not a test namespace");
  for (let p = 0; p < logPartitions; p += 1) {
    const keys = await redis.keys(`${partitionTag(namespace, p)}:*`);
    if (keys.length > 0) await redis.del(...keys);
  }
}
