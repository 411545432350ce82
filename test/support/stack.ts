/** The real servers that tests run against, named by the environment. */
import { randomBytes } from "node:crypto";

export interface Stack {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly redisUrl: string;
  readonly clickhouseUrl: string;
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") {
    throw new Error(`${name} is not set: run these tests with npm test`);
  }
  return value;
}

/** Where the servers are; throws when the environment does not say. */
export function stack(): Stack {
  return {
    brokers: variable("RISKWALL_KAFKA_BROKERS").split(","),
    registryUrl: variable("RISKWALL_REGISTRY_URL"),
    redisUrl: variable("RISKWALL_REDIS_URL"),
    clickhouseUrl: variable("RISKWALL_CLICKHOUSE_URL"),
  };
}

/** A namespace of its own for one test. */
export function randomNamespace(): string {
  return `test-${randomBytes(4).toString("hex")}`;
}

export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly everyMs?: number;
}

const waitMs = 30_000;
const pollMs = 100;

/**
 * Asks again until the condition gives something other than false, null or
 * undefined; fails with the last error, if any, when the time is over.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = waitMs, everyMs = pollMs }: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let failure: unknown = null;
    try {
      const value = await condition();
      if (value !== false && value !== null && value !== undefined) {
        return value as Exclude<T, false | null | undefined>;
      }
    } catch (error) {
      failure = error;
    }
    if (Date.now() >= deadline) {
      throw new Error(`not so after ${String(timeoutMs)} ms`, {
        cause: failure,
      });
    }
    await new Promise((go) => setTimeout(go, everyMs));
  }
}
