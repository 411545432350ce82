/** `./riskwall state verify`: the independent oracle against the state. */
import { withLocalServers } from "@riskwall/schemas/local-servers";
import { parseArgs } from "node:util";
import { ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { createCodec } from "@riskwall/schemas/codec";
import { databaseName, namespacePattern } from "@riskwall/schemas/names";
import { openRedis } from "@riskwall/schemas/redis-client";
import { Kafka, logLevel } from "kafkajs";
import { LogProblem, type LogSource } from "./log-source.ts";
import { printVerdict, type Output } from "./print-verdict.ts";
import { verify, type Verdict } from "./verify.ts";

/** How the verb ends (contract 6). */
const exitCodes = { ok: 0, failure: 1, usage: 2, notReachable: 4 } as const;

const usage = `usage: ./riskwall state verify [-o table|json|ndjson] [--explain ID]

Folds archive and log from offset 0 with the independent oracle and compares
every customer with the state in Redis, each partition at the position its
state stands at, while events go on.

  -o, --output FORMAT   table (default), json or ndjson
      --explain ID      the fields of this customer that differ, both values

Exit: 0 no difference, 1 differences, 2 usage, 4 a server is not reachable.
`;

interface Options {
  readonly output: Output;
  readonly explain: string | null;
}

class UsageError extends Error {}
class NotReachable extends Error {}

function readOptions(args: readonly string[]): Options | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        output: { type: "string", short: "o", default: "table" },
        explain: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return null;
    if (positionals.join(" ") !== "state verify")
      throw new Error("unknown verb");
    const { output } = values;
    if (output !== "table" && output !== "json" && output !== "ndjson") {
      throw new Error(`no output format ${output}`);
    }
    return { output, explain: values.explain ?? null };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(why, { cause });
  }
}

async function reach<T>(
  what: string,
  variable: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof LogProblem) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NotReachable(`${what} cannot be reached (${variable}): ${why}`, {
      cause,
    });
  }
}

/** Connects, verifies and closes. `env` names the servers as everywhere. */
async function run(env: ReturnType<typeof withLocalServers>): Promise<Verdict> {
  const namespace = env["RISKWALL_NAMESPACE"] ?? "riskwall";
  if (!namespacePattern.test(namespace)) {
    throw new UsageError(`RISKWALL_NAMESPACE ${namespace} is no namespace`);
  }
  const redis = openRedis(env.RISKWALL_REDIS_URL, {
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    retryStrategy: () => null,
  });
  let redisError: Error | null = null;
  redis.on("error", (error: Error) => {
    redisError = error;
  });
  const clickhouse = createClient({
    url: env.RISKWALL_CLICKHOUSE_URL,
    database: databaseName(namespace),
    // What fails is said once, by the verb itself.
    log: { level: ClickHouseLogLevel.OFF },
  });
  const kafka = new Kafka({
    clientId: "riskwall-verify",
    brokers: env.RISKWALL_KAFKA_BROKERS.split(","),
    logLevel: logLevel.NOTHING,
    retry: { retries: 3 },
  });
  try {
    await reach("Redis", "RISKWALL_REDIS_URL", async () => {
      try {
        await redis.connect();
      } catch (error) {
        throw redisError ?? error;
      }
    });
    const codec = await reach(
      "the schema registry",
      "RISKWALL_REGISTRY_URL",
      async () => createCodec(env.RISKWALL_REGISTRY_URL),
    );
    const source: LogSource = { kafka, codec, clickhouse, namespace };
    return await verify(redis, source, reach);
  } finally {
    redis.disconnect();
    await clickhouse.close();
  }
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === null) {
    process.stdout.write(usage);
    return exitCodes.ok;
  }
  const verdict = await run(withLocalServers(process.env));
  printVerdict(verdict, options.output, options.explain);
  return verdict.differing.size > 0 ? exitCodes.failure : exitCodes.ok;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n${usage}`);
    process.exitCode = exitCodes.usage;
  } else if (error instanceof NotReachable) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = exitCodes.notReachable;
  } else if (error instanceof LogProblem) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = exitCodes.failure;
  } else throw error;
}
