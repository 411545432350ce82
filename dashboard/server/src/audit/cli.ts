/**
 * `./riskwall audit verify`: reads the audit topic and its copy, walks the
 * chain and names what does not hold. Needs no dashboard, only the servers.
 */
import { Command, CommanderError, Option } from "commander";
import { pino } from "pino";
import { connectKafka } from "@riskwall/schemas/kafka-client";
import { connectPast } from "../io/past.ts";
import { Problem } from "../problem.ts";
import { dropNegativeTimerWarning } from "@riskwall/schemas/quiet-warnings";
import { readCopies } from "./read-copies.ts";
import { mergeCopies, verifyChain, type Verdict } from "./verify-chain.ts";

dropNegativeTimerWarning();
/** Faults printed one by one; the rest is counted. */
const shownMax = 50;
/** The copy may be this many records behind: the historian is on its way. */
const behindMax = 1000;

function places(env: Readonly<Record<string, string | undefined>>): {
  readonly namespace: string;
  readonly brokers: readonly string[];
  readonly clickhouseUrl: string;
} {
  const base = Number(env["RISKWALL_PORT_BASE"] ?? "4000");
  const local = (offset: number): string =>
    `127.0.0.1:${String(base + offset)}`;
  return {
    namespace: env["RISKWALL_NAMESPACE"] ?? "riskwall",
    brokers: (env["RISKWALL_KAFKA_BROKERS"] ?? local(192)).split(","),
    clickhouseUrl: env["RISKWALL_CLICKHOUSE_URL"] ?? `http://${local(123)}`,
  };
}

async function verify(): Promise<Verdict & { readonly heads: number }> {
  const { namespace, brokers, clickhouseUrl } = places(process.env);
  const log = pino({ level: "silent" });
  const past = connectPast(clickhouseUrl, namespace);
  try {
    const kafka = connectKafka(brokers, "riskwall-audit", log);
    const { topic, copy, heads } = await readCopies(kafka, past, namespace);
    const end = topic.at(-1)?.offset ?? -1;
    const copied = copy.at(-1)?.offset ?? -1;
    const copiedTo = end - copied <= behindMax ? copied + 1 : end + 1;
    const merged = mergeCopies(topic, copy, copiedTo);
    const verdict = verifyChain(merged.records, heads);
    const faults = [...merged.faults, ...verdict.faults];
    return { ...verdict, faults, heads: heads.length };
  } finally {
    await past.close();
  }
}

function table({
  entries,
  voids,
  head,
  heads,
  faults,
}: Awaited<ReturnType<typeof verify>>): string {
  const lines = [
    `entries ${String(entries)}, void ${String(voids)}, published heads ${String(heads)}`,
    `head ${String(head.seq)} ${head.hash}`,
    ...faults.slice(0, shownMax).map(({ kind, offset, what }) => {
      const at = offset === null ? "" : ` at offset ${String(offset)}`;
      return `${kind}${at}: ${what}`;
    }),
    faults.length === 0 ? "whole" : `faults ${String(faults.length)}`,
  ];
  return `${lines.join("\n")}\n`;
}

const program = new Command("riskwall audit").showHelpAfterError();
program
  .command("verify")
  .description("whether the audit log is as it was written; exit 1 when not")
  .addOption(
    new Option("-o, --output <format>")
      .choices(["table", "json", "ndjson"])
      .default("table"),
  )
  .action(async ({ output }: { readonly output: string }) => {
    const verdict = await verify();
    process.stdout.write(
      output === "table" ? table(verdict) : `${JSON.stringify(verdict)}\n`,
    );
    process.exitCode = verdict.faults.length === 0 ? 0 : 1;
  });

try {
  await program.exitOverride().parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const away = error instanceof Problem && error.status === 503;
    const cause = away ? error.cause : error;
    process.stderr.write(`riskwall audit: ${String(cause)}\n`);
    process.exitCode = 4;
  }
}
