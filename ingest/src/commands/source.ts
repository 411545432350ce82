/** `./riskwall ingest source add NAME`: an inbox for an outside producer. */
import { inboxTopic, topicNames } from "@riskwall/schemas/names";
import { Command } from "commander";
import type { Config } from "../config.ts";
import { connectProducer, type Kafka } from "../io/kafka.ts";
import { kafkaOf } from "./connect.ts";
import { exitCodes, reach, VerbFailed } from "./exit-codes.ts";

const inboxPartitions = 3;
const retentionMs = 7 * 86_400_000;
const sourcePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

const configEntries = [
  // Any codec of a producer arrives plain: the broker recompresses.
  { name: "compression.type", value: "uncompressed" },
  { name: "cleanup.policy", value: "delete" },
  { name: "retention.ms", value: String(retentionMs) },
];

async function makeInbox(kafka: Kafka, topic: string): Promise<boolean> {
  const admin = kafka.admin();
  await reach("Kafka", "RISKWALL_KAFKA_BROKERS", async () => admin.connect());
  try {
    const made = await admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions: inboxPartitions, configEntries }],
    });
    if (!made) {
      await admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: 2, name: topic, configEntries }],
      });
    }
    return made;
  } finally {
    await admin.disconnect();
  }
}

async function publish(
  kafka: Kafka,
  topic: string,
  source: string,
): Promise<void> {
  const producer = await connectProducer(kafka);
  try {
    const createdAt = new Date().toISOString();
    const value = JSON.stringify({ source, createdAt });
    await producer.send({
      topic,
      acks: -1,
      messages: [{ key: `source:${source}`, value }],
    });
  } finally {
    await producer.disconnect();
  }
}

export function sourceCommand(loadConfig: () => Config): Command {
  const source = new Command("source").description("outside producers");
  source
    .command("add")
    .description("make the inbox topic of a source and let the gate read it")
    .argument("<name>")
    .action(async (name: string) => {
      if (!sourcePattern.test(name)) {
        throw new VerbFailed(
          exitCodes.usage,
          "a source has letters, digits, - and _, at most 64",
        );
      }
      const config = loadConfig();
      const kafka = kafkaOf(config, "source");
      const topic = inboxTopic(config.namespace, name);
      const made = await makeInbox(kafka, topic);
      await publish(kafka, topicNames(config.namespace).settings, name);
      process.stdout.write(`${topic}\n`);
      process.stderr.write(made ? "inbox made\n" : "inbox was there\n");
    });
  return source;
}
