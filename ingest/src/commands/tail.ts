/** `./riskwall ingest tail`: the events of the log as they come. */
import { randomUUID } from "node:crypto";
import { isBusinessName, toContract } from "@riskwall/schemas";
import type { Codec } from "@riskwall/schemas/codec";
import { groupName, topicNames } from "@riskwall/schemas/names";
import { Command, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import type { Config } from "../config.ts";
import { createConsumer } from "../io/kafka.ts";
import { codecOf, kafkaOf } from "./connect.ts";
import { reach } from "./exit-codes.ts";

interface TailOptions {
  readonly type?: string;
  readonly customer?: string;
  readonly n?: number;
  readonly fromBeginning: boolean;
  readonly output: "table" | "json" | "ndjson";
}

const fetchMaxMs = 200;

const eventSchema = z.looseObject({
  id: z.string(),
  source: z.string(),
  type: z.string(),
  time: z.string(),
  data: z.looseObject({ customerId: z.string() }),
});
type TailEvent = z.infer<typeof eventSchema>;

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError("a whole number from 1");
  }
  return value;
}

async function decode(value: Buffer, codec: Codec): Promise<TailEvent | null> {
  let decoded = codec.decode(value);
  if (decoded.kind === "unknown-id" && (await codec.learn(decoded.id))) {
    decoded = codec.decode(value);
  }
  if (decoded.kind !== "record") return null;
  if (!isBusinessName(decoded.record.name)) return null;
  return eventSchema.parse(toContract(decoded.record));
}

function line(event: TailEvent, output: TailOptions["output"]): string {
  if (output !== "table") return JSON.stringify(event);
  const { data, time, type, id } = event;
  const amount = data["amount"];
  const currency = data["currency"];
  const money =
    typeof amount === "string" ? `${amount} ${String(currency)}` : "";
  return [
    time,
    type.padEnd(20),
    data.customerId.padEnd(16),
    money.padStart(20),
    id,
  ].join("  ");
}

export function tailCommand(loadConfig: () => Config): Command {
  return new Command("tail")
    .description("follow the log: events as they come")
    .option("--type <type>", "this type only")
    .option("--customer <id>", "this customer only")
    .option("-n <count>", "end after so many", count)
    .option("--from-beginning", "all that is kept, too", false)
    .addOption(
      new Option("-o, --output <format>")
        .choices(["table", "json", "ndjson"])
        .default("table"),
    )
    .action(async (options: TailOptions) => tail(options, loadConfig()));
}

async function tail(options: TailOptions, config: Config): Promise<void> {
  const codec = await codecOf(config);
  const group = groupName(config.namespace, `tail.${randomUUID()}`);
  const consumer = createConsumer(kafkaOf(config, "tail"), group, fetchMaxMs);
  await reach("Kafka", "RISKWALL_KAFKA_BROKERS", async () =>
    consumer.connect(),
  );
  const end = Promise.withResolvers<undefined>();
  const stop = (): void => {
    end.resolve(undefined);
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  await consumer.subscribe({
    topic: topicNames(config.namespace).events,
    fromBeginning: options.fromBeginning,
  });
  let shown = 0;
  const most = options.n ?? Infinity;
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message }) => {
      if (message.value === null || shown >= most) return;
      const event = await decode(message.value, codec);
      if (event === null) return;
      const { type, customer } = options;
      if (type !== undefined && event.type !== type) return;
      if (customer !== undefined && event.data.customerId !== customer) return;
      process.stdout.write(`${line(event, options.output)}\n`);
      shown += 1;
      if (shown >= most) stop();
    },
  });
  await end.promise;
  await consumer.disconnect();
}
