/** The settings topic: read whole, and what is missing written. */
import { randomUUID } from "node:crypto";
import { Partitioners, type Admin, type Kafka } from "kafkajs";
import { groupName, topicNames } from "../names.ts";
import type { Setting } from "./credentials.ts";

const readMaxMs = 20_000;
const fetchWaitMs = 100;

/** Reading the settings topic to its end took too long. */
class SettingsUnread extends Error {}

/** What the settings topic holds now: values by key. */
export async function readSettings(
  kafka: Kafka,
  admin: Admin,
  namespace: string,
): Promise<ReadonlyMap<string, string>> {
  const topic = topicNames(namespace).settings;
  const [bounds] = await admin.fetchTopicOffsets(topic);
  const end = Number(bounds?.high ?? 0);
  const keys = new Map<string, string>();
  if (end === Number(bounds?.low ?? 0)) return keys;
  const groupId = groupName(namespace, `setup-${randomUUID()}`);
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: fetchWaitMs });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  try {
    await new Promise<void>((done, fail) => {
      const timer = setTimeout(() => {
        fail(new SettingsUnread(`${topic} was not read in time`));
      }, readMaxMs);
      const finish = (): void => {
        clearTimeout(timer);
        done();
      };
      consumer
        .run({
          autoCommit: false,
          eachBatch: ({ batch }) => {
            for (const { key, value } of batch.messages) {
              if (key === null) continue;
              if (value === null) keys.delete(key.toString());
              else keys.set(key.toString(), value.toString());
            }
            if (Number(batch.lastOffset()) >= end - 1) finish();
            return Promise.resolve();
          },
        })
        .catch(fail);
    });
  } finally {
    await consumer.disconnect();
  }
  await admin.deleteGroups([groupId]);
  return keys;
}

/** Appends settings and awaits all replicas. */
export async function writeSettings(
  kafka: Kafka,
  namespace: string,
  settings: readonly Setting[],
): Promise<void> {
  if (settings.length === 0) return;
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  try {
    await producer.send({
      topic: topicNames(namespace).settings,
      acks: -1,
      messages: settings.map(({ key, value }) => ({ key, value })),
    });
  } finally {
    await producer.disconnect();
  }
}
