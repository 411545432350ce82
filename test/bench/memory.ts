/**
 * Redis memory per customer of the simulated population after three years of
 * history: the state's key, and the customer's share of the two sorted sets.
 */
import { spawn } from "node:child_process";
import { createHistogram } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import type { CustomerState } from "@riskwall/schemas";
import { logPartitions, partitionKeys } from "@riskwall/schemas/names";
import { decodeState, stateType } from "@riskwall/schemas/state";
import type { Redis } from "ioredis";
import { parseRegister } from "../../processor/src/io/redis.ts";
import type { Product } from "../support/product.ts";
import { waitFor } from "../support/stack.ts";
import {
  sum,
  withNamespace,
  withProduct,
  type BenchNamespace,
} from "./bench-namespace.ts";
import type { Benchmark } from "./benchmark.ts";
import type { Figure } from "./figure.ts";

const years = 3;
const scanPiece = 1000;
const sweepMaxMs = 60_000;
const outputMaxChars = 4000;
const root = fileURLToPath(new URL("../..", import.meta.url));

async function simulate(product: Product, customers: number): Promise<void> {
  const args = ["--customers", String(customers), "--years", String(years)];
  const child = spawn(
    process.execPath,
    ["ingest/src/cli.ts", "simulate", "run", "--no-live", ...args],
    {
      cwd: root,
      env: {
        ...process.env,
        RISKWALL_HOME: product.home,
        RISKWALL_INGEST_URL: product.ingest,
        RISKWALL_NAMESPACE: product.namespace,
      },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let output = "";
  child.stderr.on("data", (bytes: Buffer) => {
    output = (output + bytes.toString()).slice(-outputMaxChars);
  });
  const code = await new Promise((done) => child.once("exit", done));
  if (code !== 0) throw new Error(`simulate run: ${output}`);
}

/** Waits until no partition has subjects left to visit after the seals. */
async function swept(space: BenchNamespace): Promise<void> {
  await space.settled();
  await waitFor(
    async () => {
      for (let p = 0; p < logPartitions; p += 1) {
        const { meta } = partitionKeys(space.namespace, p);
        const text = await space.redis.hget(meta, "register");
        const { sealed, sweep } = parseRegister(text ?? undefined);
        const isDone = Object.keys(sealed).length > 0 && sweep === null;
        if (!isDone) return false;
      }
      return true;
    },
    { timeoutMs: sweepMaxMs },
  );
}

interface Keys {
  /** Bytes of each state key: what Redis spends, and the state alone. */
  readonly spent: readonly number[];
  readonly alone: readonly number[];
  /** Bytes of `wake` and `all`. */
  readonly sets: number;
  /** Mean encoded bytes of each field of a state, the largest first. */
  readonly fields: readonly (readonly [string, number])[];
}

function fieldBytes(states: readonly CustomerState[]): Keys["fields"] {
  return stateType.fields
    .map(({ name, type }) => {
      const bytes = states.map(
        // The fields of the type are the names of the state.
        (state) => type.toBuffer(state[name as keyof CustomerState]).length,
      );
      return [name, sum(bytes) / states.length] as const;
    })
    .sort((a, b) => b[1] - a[1]);
}

/** Numbers that a command answers for each key. */
async function ask(
  redis: Redis,
  keys: readonly string[],
  command: "memory" | "strlen",
): Promise<number[]> {
  const pipeline = redis.pipeline();
  for (const key of keys) {
    if (command === "strlen") pipeline.strlen(key);
    else pipeline.memory("USAGE", key, "SAMPLES", "0");
  }
  const replies = (await pipeline.exec()) ?? [];
  return replies.map(([error, value]) => {
    if (error) throw error;
    return Number(value ?? 0);
  });
}

async function inspect(redis: Redis, namespace: string): Promise<Keys> {
  const spent: number[] = [];
  const alone: number[] = [];
  const states: CustomerState[] = [];
  let sets = 0;
  for (let p = 0; p < logPartitions; p += 1) {
    const names = partitionKeys(namespace, p);
    const subjects = await redis.zrange(names.all, "0", "-1");
    for (let i = 0; i < subjects.length; i += scanPiece) {
      const keys = subjects.slice(i, i + scanPiece).map(names.customer);
      spent.push(...(await ask(redis, keys, "memory")));
      alone.push(...(await ask(redis, keys, "strlen")));
      for (const bytes of await redis.mgetBuffer(...keys)) {
        if (bytes !== null) states.push(decodeState(bytes));
      }
    }
    sets += sum(await ask(redis, [names.wake, names.all], "memory"));
  }
  return { spent, alone, sets, fields: fieldBytes(states) };
}

/** Percentiles of sizes, within a thousandth. */
function sizesOf(bytes: readonly number[]): {
  readonly percentile: (percent: number) => number;
} {
  const histogram = createHistogram({ figures: 3 });
  for (const size of bytes) histogram.record(Math.max(1, Math.round(size)));
  return { percentile: (percent) => histogram.percentile(percent) };
}

export const memory: Benchmark = {
  name: "memory",
  run: async ({ full }) => {
    const customers = full ? 4000 : 500;
    return withNamespace(async (space) =>
      withProduct(space, async (product) => {
        await simulate(product, customers);
        await swept(space);
        const keys = await inspect(space.redis, space.namespace);
        const share = keys.sets / keys.spent.length;
        const whole = sizesOf(keys.spent.map((bytes) => bytes + share));
        const alone = sizesOf(keys.alone);
        const figure = (
          percent: number,
          atMost: number,
        ): Omit<Figure, "name"> => ({
          value: whole.percentile(percent),
          unit: "B",
          samples: keys.spent.length,
          target: { atMost },
          limit: {
            what: "B, the encoded state alone",
            value: alone.percentile(percent),
          },
        });
        const largest = keys.fields
          .slice(0, 8)
          .map(([name, bytes]) => `${name} ${bytes.toFixed(0)}`)
          .join(", ");
        const note = `${String(keys.spent.length)} simulated customers after ${String(years)} years; key and ${share.toFixed(0)} B of wake and all included; mean bytes of the largest fields: ${largest}`;

        return [
          {
            name: "Redis memory per customer, median",
            ...figure(50, 1024),
            note,
          },
          { name: "Redis memory per customer, p99", ...figure(99, 6144) },
        ];
      }),
    );
  },
};
