/** Topics of a namespace: made when absent, checked when present. */
import type { Admin, ITopicConfig } from "kafkajs";
import { logPartitions, topicNames } from "../names.ts";

/** A topic that is not as the contract says; the text names the cure. */
class TopicMismatch extends Error {}

const messageMaxBytes = 1_048_576;
const leadersMaxMs = 20_000;
const leadersPollMs = 100;

/** Settings that another value of would break; retention is the owner's. */
const checkedConfigs = [
  "message.timestamp.type",
  "cleanup.policy",
  "max.message.bytes",
] as const;

interface Wanted {
  readonly topic: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

function wantedTopics(namespace: string, retentionMs: string): Wanted[] {
  const names = topicNames(namespace);
  const stream = {
    "message.timestamp.type": "LogAppendTime",
    "cleanup.policy": "delete",
    "retention.ms": retentionMs,
    "max.message.bytes": String(messageMaxBytes),
  };
  const { settings, audit, ...streams } = names;
  return [
    ...Object.values(streams).map((topic) => ({
      topic,
      partitions: logPartitions,
      config: stream,
    })),
    {
      topic: settings,
      partitions: 1,
      config: { "cleanup.policy": "compact", "min.insync.replicas": "1" },
    },
    {
      topic: audit,
      partitions: 1,
      // What was done is never deleted, whatever the streams keep.
      config: { ...stream, "retention.ms": "-1" },
    },
  ];
}

/** Makes what is missing and checks what is there. */
export async function ensureTopics(
  admin: Admin,
  namespace: string,
  retentionMs: string,
): Promise<void> {
  const wanted = wantedTopics(namespace, retentionMs);
  const present = new Set(await admin.listTopics());
  const missing = wanted.filter((item) => !present.has(item.topic));
  const topics: ITopicConfig[] = missing.map((item) => ({
    topic: item.topic,
    numPartitions: item.partitions,
    configEntries: Object.entries(item.config).map(([name, value]) => ({
      name,
      value,
    })),
  }));
  if (topics.length > 0) {
    await admin.createTopics({ topics, waitForLeaders: false });
    await awaitLeaders(admin, missing);
  }
  const there = wanted.filter((item) => present.has(item.topic));
  const [first] = await problemsOf(admin, there);
  if (first) throw new TopicMismatch(`${first.what}: ${first.fix}`);
}

/** What is wrong with a topic, and how to mend it. */
export interface TopicProblem {
  readonly topic: string;
  readonly what: string;
  readonly fix: string;
}

/** Everything that is not as the contract says, missing topics included. */
export async function topicProblems(
  admin: Admin,
  namespace: string,
): Promise<TopicProblem[]> {
  // Retention is the owner's and not looked at.
  const wanted = wantedTopics(namespace, "-1");
  const present = new Set(await admin.listTopics());
  const missing = wanted
    .filter(({ topic }) => !present.has(topic))
    .map(({ topic }) => ({
      topic,
      what: `${topic} is missing`,
      fix: "start the product once: it makes what is missing",
    }));
  const there = wanted.filter(({ topic }) => present.has(topic));
  return [...missing, ...(await problemsOf(admin, there))];
}

/** A new topic is unknown to the metadata for a moment. */
async function awaitLeaders(
  admin: Admin,
  wanted: readonly Wanted[],
): Promise<void> {
  const deadline = Date.now() + leadersMaxMs;
  for (;;) {
    try {
      const { topics } = await admin.fetchTopicMetadata({
        topics: wanted.map((item) => item.topic),
      });
      const led = topics.every((topic) =>
        topic.partitions.every((partition) => partition.leader >= 0),
      );
      if (led) {
        // Metadata may know a leader before the leader knows itself.
        for (const { topic } of wanted) await admin.fetchTopicOffsets(topic);
        return;
      }
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    if (Date.now() > deadline) {
      throw new TopicMismatch("the new topics have no leaders: ask the broker");
    }
    await new Promise((go) => setTimeout(go, leadersPollMs));
  }
}

async function problemsOf(
  admin: Admin,
  wanted: readonly Wanted[],
): Promise<TopicProblem[]> {
  if (wanted.length === 0) return [];
  const { topics } = await admin.fetchTopicMetadata({
    topics: wanted.map((item) => item.topic),
  });
  const configs = await admin.describeConfigs({
    includeSynonyms: false,
    resources: wanted.map((item) => ({ type: 2, name: item.topic })),
  });
  const problems: TopicProblem[] = [];
  for (const { topic, partitions, config } of wanted) {
    const found = topics.find(({ name }) => name === topic)?.partitions.length;
    if (found !== partitions) {
      const what = `${topic} has ${String(found)} partitions, needs ${String(partitions)}`;
      problems.push({ topic, what, fix: "make it anew" });
    }
    const entries = configs.resources.find(
      (resource) => resource.resourceName === topic,
    );
    for (const name of checkedConfigs) {
      const value = entries?.configEntries.find(
        (entry) => entry.configName === name,
      )?.configValue;
      const needs = config[name];
      if (needs === undefined || value === needs) continue;
      const what = `${topic}: ${name} is ${String(value)}, needs ${needs}`;
      problems.push({ topic, what, fix: "alter the topic" });
    }
  }
  return problems;
}
