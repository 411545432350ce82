/** `./riskwall ingest …` and `./riskwall simulate …`. */
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createCodec } from "@riskwall/schemas/codec";
import { toContract } from "@riskwall/schemas";
import { inboxTopic, topicNames } from "@riskwall/schemas/names";
import { Command } from "commander";
import { pino } from "pino";
import { connectKafka, connectProducer } from "./io/kafka.ts";
import { simulateCommand } from "./simulate/command.ts";

const { env } = process;
const namespace = env["RISKWALL_NAMESPACE"] ?? "riskwall";
const home = env["RISKWALL_HOME"] ?? ".riskwall";
const brokers = (env["RISKWALL_KAFKA_BROKERS"] ?? "127.0.0.1:4192").split(",");
const log = pino({ level: "silent" });
const inboxPartitions = 3;
const sourcePattern = /^[a-z][a-z0-9-]{1,39}$/;

function ingestKey(given: string | undefined): string {
  if (given) return given;
  const file = join(home, "credentials.json");
  if (!existsSync(file))
    throw new Error(
      `no key: use --key, or set RISKWALL_HOME to a home with credentials.json`,
    );
  return (JSON.parse(readFileSync(file, "utf8")) as { ingestKey: string })
    .ingestKey;
}

const program = new Command("riskwall").showHelpAfterError().exitOverride();
program.addCommand(simulateCommand(env));
const ingest = program.command("ingest").description("events in");

ingest
  .command("send")
  .description("post events: one JSON, an array, or NDJSON; - reads stdin")
  .argument("<file>")
  .option("--key <key>")
  .option("--historical", "score, but raise neither alert nor push", false)
  .action(
    async (file: string, options: { key?: string; historical: boolean }) => {
      const body = file === "-" ? process.stdin : createReadStream(file);
      const chunks: Buffer[] = [];
      for await (const chunk of body) chunks.push(Buffer.from(chunk as Buffer));
      const text = Buffer.concat(chunks).toString("utf8");
      const isJson = ((): boolean => {
        try {
          JSON.parse(text);
          return true;
        } catch {
          return false;
        }
      })();
      const url = env["RISKWALL_INGEST_URL"] ?? "http://127.0.0.1:4100";
      const reply = await fetch(
        `${url}/v1/events${options.historical ? "?historical=true" : ""}`,
        {
          method: "POST",
          headers: {
            authorization: `Bearer ${ingestKey(options.key)}`,
            "content-type": isJson
              ? "application/json"
              : "application/x-ndjson",
          },
          body: text,
        },
      );
      process.stdout.write(`${await reply.text()}\n`);
      process.exitCode =
        reply.status === 202 ? 0 : reply.status === 207 ? 3 : 1;
    },
  );

ingest
  .command("tail")
  .description("follow the log, one JSON event a line")
  .option("--type <type>")
  .option("--customer <id>")
  .option("-n <count>", "stop after that many", Number)
  .action(async (options: { type?: string; customer?: string; n?: number }) => {
    const codec = await createCodec(
      env["RISKWALL_REGISTRY_URL"] ?? "http://127.0.0.1:4181/apis/ccompat/v7",
    );
    const kafka = connectKafka(brokers, "riskwall-tail", log);
    const consumer = kafka.consumer({
      groupId: `${namespace}.tail.${crypto.randomUUID()}`,
      readUncommitted: true,
    });
    await consumer.connect();
    await consumer.subscribe({
      topic: topicNames(namespace).events,
      fromBeginning: false,
    });
    let seen = 0;
    await consumer.run({
      autoCommit: false,
      eachMessage: ({ message }) => {
        const decoded = codec.decode(message.value ?? Buffer.alloc(0));
        if (decoded.kind !== "record") return Promise.resolve();
        const event = toContract(decoded.record) as {
          type?: string;
          data?: { customerId?: string };
        };
        const wanted =
          (!options.type || event.type === options.type) &&
          (!options.customer || event.data?.customerId === options.customer);
        if (!wanted || event.data === undefined) return Promise.resolve();
        process.stdout.write(`${JSON.stringify(event)}\n`);
        seen += 1;
        if (options.n !== undefined && seen >= options.n)
          process.kill(process.pid, "SIGTERM");
        return Promise.resolve();
      },
    });
    await new Promise<void>((done) => {
      process.once("SIGINT", done);
      process.once("SIGTERM", done);
    });
    await consumer.disconnect();
  });

const source = ingest.command("source").description("outside producers");
source
  .command("add")
  .description("make the inbox topic of a source and let the gate read it")
  .argument("<name>")
  .action(async (name: string) => {
    if (!sourcePattern.test(name))
      throw new Error("a source is a-z, 0-9 and dashes, 2-40 characters");
    const kafka = connectKafka(brokers, "riskwall-source", log);
    const admin = kafka.admin();
    await admin.connect();
    const topic = inboxTopic(namespace, name);
    await admin.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic,
          numPartitions: inboxPartitions,
          configEntries: [
            { name: "compression.type", value: "uncompressed" },
            { name: "cleanup.policy", value: "delete" },
            { name: "retention.ms", value: String(7 * 86_400_000) },
          ],
        },
      ],
    });
    await admin.disconnect();
    const producer = await connectProducer(kafka);
    await producer.send({
      topic: topicNames(namespace).settings,
      acks: -1,
      messages: [
        {
          key: `source:${name}`,
          value: JSON.stringify({
            source: name,
            createdAt: new Date().toISOString(),
          }),
        },
      ],
    });
    await producer.disconnect();
    process.stdout.write(`${topic}\n`);
  });

try {
  await program.parseAsync();
} catch (error) {
  const code =
    error instanceof Error && "exitCode" in error
      ? Number(error.exitCode)
      : null;
  if (code === 0) process.exit(0);
  process.stderr.write(
    `riskwall: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exit(code !== null ? 2 : 1);
}
