/**
 * `./riskwall notify`: settings from a file, what a channel answers, who gets
 * an alert, dead letters. Talks to the notifier; `apply` writes the settings
 * topic, as an operator of the servers may.
 */
import { readFileSync } from "node:fs";
import { sealingKeys, serviceSecret } from "@riskwall/schemas/home-keys";
import { connectKafka } from "@riskwall/schemas/kafka-client";
import { createSealing } from "@riskwall/schemas/sealing";
import {
  Command,
  CommanderError,
  InvalidArgumentError,
  Option,
} from "commander";
import { pino } from "pino";
import { z } from "zod";
import { severities } from "./core/brief.ts";
import { connectSettingsWriter } from "./io/kafka.ts";
import { dropNegativeTimerWarning } from "@riskwall/schemas/quiet-warnings";
import { readSettingsFile } from "./settings-file.ts";

dropNegativeTimerWarning();
const timeoutMs = 20_000;

class Failed extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

const env = process.env;
const base = Number(env["RISKWALL_PORT_BASE"] ?? "4000");
const local = (offset: number): string => `127.0.0.1:${String(base + offset)}`;
const notifierUrl = env["RISKWALL_NOTIFIER_URL"] ?? `http://${local(103)}`;
const brokers = (env["RISKWALL_KAFKA_BROKERS"] ?? local(192)).split(",");
const home = env["RISKWALL_HOME"] ?? ".riskwall";
const namespace = env["RISKWALL_NAMESPACE"] ?? "riskwall";

async function ask(path: string, body?: object): Promise<unknown> {
  let reply: Response;
  const authorization = `Bearer ${serviceSecret(home)}`;
  try {
    reply = await fetch(`${notifierUrl}${path}`, {
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined
        ? { headers: { authorization } }
        : {
            method: "POST",
            headers: { authorization, "content-type": "application/json" },
            body: JSON.stringify(body),
          }),
    });
  } catch (error) {
    throw new Failed(`no notifier at ${notifierUrl}: ${String(error)}`, 4);
  }
  const text = await reply.text();
  if (!reply.ok) throw new Failed(text, 1);
  return JSON.parse(text);
}

const print = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
};

const channelsShape = z.object({
  items: z.array(z.object({ id: z.string() })),
  routingVersion: z.number(),
});

async function apply(file: string, dryRun: boolean): Promise<void> {
  const standing = channelsShape.parse(await ask("/v1/channels"));
  const known = standing.items.map(({ id }) => id);
  const version = standing.routingVersion + 1;
  const read = readSettingsFile(readFileSync(file, "utf8"), version, known);
  if (read.kind === "bad") throw new Failed(read.problems.join("\n"), 1);
  if (!dryRun) {
    const log = pino({ level: "silent" });
    const kafka = connectKafka(brokers, "riskwall-notify", log);
    const writer = await connectSettingsWriter(
      ...([kafka, namespace, createSealing(sealingKeys(home)).seal] as const),
    );
    try {
      for (const { key, value } of read.entries) {
        await writer.setting(key, value);
      }
    } finally {
      await writer.stop();
    }
  }
  print({ applied: !dryRun, entries: read.entries.map(({ key }) => key) });
}

interface WhoOptions {
  readonly severity: string;
  readonly rule: string;
  readonly customer: string;
  readonly at?: string;
}

interface SimulateOptions extends WhoOptions {
  readonly ackAfter?: number;
  readonly hours: number;
  readonly money?: { readonly amount: string; readonly currency: string };
}

/** A number as an option; JSON would make null of what is none. */
function numberOf(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("expected a number");
}

function moneyOf(text: string): SimulateOptions["money"] {
  const [, amount, currency] = /^([\d.]+) ?([A-Z]{3})$/.exec(text) ?? [];
  if (amount !== undefined && currency !== undefined) {
    return { amount, currency };
  }
  throw new InvalidArgumentError("expected an amount like 50000.00CNY");
}

const program = new Command("riskwall notify").exitOverride();
program
  .command("apply")
  .description("check a YAML file and put what it says in force")
  .argument("<file>")
  .option("--dry-run", "check only", false)
  .action(async (file: string, options: { dryRun: boolean }) =>
    apply(file, options.dryRun),
  );
program
  .command("channels")
  .description("channels and their health")
  .action(async () => {
    print(await ask("/v1/channels"));
  });
program
  .command("test")
  .description("send a test message; shows the request and the raw answer")
  .argument("<channel>")
  .action(async (id: string) => {
    print(await ask(`/v1/channels/${encodeURIComponent(id)}/test`, {}));
  });
program
  .command("who")
  .description("who gets such an alert, when, and why")
  .addOption(
    new Option("--severity <severity>").choices(severities).default("high"),
  )
  .option("--rule <rule>", "its id", "ORD-01")
  .option("--customer <id>", "whose", "C-1")
  .option("--at <instant>", "RFC 3339; default now")
  .action(async (options: WhoOptions) => {
    print(await ask("/v1/routing/who", options));
  });
program
  .command("simulate")
  .description("who would get what when, were such an alert raised")
  .addOption(
    new Option("--severity <severity>").choices(severities).default("critical"),
  )
  .option("--rule <rule>", "its id", "ORD-01")
  .option("--customer <id>", "whose", "C-1")
  .option("--at <instant>", "RFC 3339; default now")
  .option("--money <amount>", "at risk: 50000.00CNY", moneyOf)
  .option("--ack-after <minutes>", "somebody acknowledges it then", numberOf)
  .option("--hours <hours>", "how far to look", numberOf, 4)
  .action(async ({ ackAfter, hours, ...alert }: SimulateOptions) => {
    const body = { ...alert, ackAfterMinutes: ackAfter ?? null, hours };
    print(await ask("/v1/oncall/simulate", body));
  });
program
  .command("oncall")
  .description("who is on call now and next, or the shifts of a schedule")
  .argument("[schedule]")
  .option("--days <days>", "how far to look at its shifts", numberOf, 14)
  .action(async (id: string | undefined, { days }: { days: number }) => {
    const one = `/v1/oncall/${encodeURIComponent(id ?? "")}`;
    const path = `${one}?days=${String(days)}`;
    print(await ask(id === undefined ? "/v1/oncall" : path));
  });
program
  .command("deliveries")
  .description("what became of the messages about an alert")
  .argument("<alert>")
  .action(async (id: string) => {
    print(await ask(`/v1/alerts/${encodeURIComponent(id)}/deliveries`));
  });
program
  .command("dead")
  .description("deliveries given up, the latest first")
  .action(async () => {
    print(await ask("/v1/deadletters"));
  });
program
  .command("resend")
  .description("send a dead delivery again, under its id")
  .argument("<delivery>")
  .action(async (id: string) => {
    print(await ask(`/v1/deadletters/${encodeURIComponent(id)}/resend`, {}));
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof Failed) {
    process.stderr.write(`riskwall: ${error.message}\n`);
    process.exitCode = error.exitCode;
  } else if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else throw error;
}
