/** The brokers: reachable, of a version we speak, topics as they should be. */
import { topicNames } from "@riskwall/schemas/names";
import { topicProblems, type TopicProblem } from "@riskwall/schemas/setup";
import { Kafka, logLevel, type Admin } from "kafkajs";
import { down, skewMaxMs, up, wrong, whyOf, type Finding } from "./finding.ts";
import { askApis, judgeApis } from "./kafka-api.ts";

const part = "Kafka";

async function checkBroker(broker: string): Promise<Finding[]> {
  const [host = "", port = ""] = broker.trim().split(":");
  try {
    const said = judgeApis(await askApis(host, Number(port)));
    if (said === "") return [up(part, broker)];
    const fix = "run a broker between Kafka 2.1 and the newest tested, 4.x";
    return [wrong(part, broker, `wrong version: ${said}`, fix)];
  } catch (error) {
    const fix = "start it, or set RISKWALL_KAFKA_BROKERS";
    return [down(part, broker, whyOf(error), fix)];
  }
}

/** Records stamped beyond what our clock and its tolerance allow. */
async function checkClock(admin: Admin, topic: string): Promise<Finding[]> {
  const future = Date.now() + skewMaxMs;
  // In this order: where there is no such record, the later end is answered.
  const ends = await admin.fetchTopicOffsets(topic);
  const beyond = await admin.fetchTopicOffsetsByTimestamp(topic, future);
  const ahead = beyond.some(({ partition, offset }) => {
    const end = ends.find((row) => row.partition === partition)?.high ?? "0";
    return Number(offset) < Number(end);
  });
  if (!ahead) return [];
  const what = "the broker stamped records more than 60 s ahead of our clock";
  return [wrong("clock", topic, what, "synchronise the clocks (chrony, ntpd)")];
}

/** One finding a problem; one in all where nothing is there. */
function judgeTopics(
  namespace: string,
  problems: readonly TopicProblem[],
): Finding[] {
  const topics = new Set(problems.map(({ topic }) => topic));
  const absent = problems.every(({ what }) => what.endsWith("is missing"));
  if (absent && topics.size === Object.keys(topicNames(namespace)).length) {
    const fix = "start the product once, or set RISKWALL_NAMESPACE";
    return [wrong("namespace", namespace, "it is not set up", fix)];
  }
  return problems.map(({ topic, what, fix }) =>
    wrong("topic", topic, what, fix),
  );
}

export interface KafkaCheck {
  readonly findings: readonly Finding[];
  /** First offset after the end of each partition of the log; null = unknown. */
  readonly logEnds: ReadonlyMap<number, number> | null;
}

export async function checkKafka(
  brokers: readonly string[],
  namespace: string,
): Promise<KafkaCheck> {
  const findings = (await Promise.all(brokers.map(checkBroker))).flat();
  if (findings.every(({ state }) => state !== "up")) {
    return { findings, logEnds: null };
  }
  const kafka = new Kafka({
    clientId: "riskwall-doctor",
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2000,
    requestTimeout: 5000,
    retry: { retries: 1 },
  });
  const admin = kafka.admin();
  const { events } = topicNames(namespace);
  try {
    await admin.connect();
    const problems = await topicProblems(admin, namespace);
    findings.push(...judgeTopics(namespace, problems));
    if (problems.some(({ topic }) => topic === events)) {
      return { findings, logEnds: null };
    }
    findings.push(...(await checkClock(admin, events)));
    const ends = await admin.fetchTopicOffsets(events);
    const logEnds = new Map(
      ends.map(({ partition, high }) => [partition, Number(high)] as const),
    );
    return { findings, logEnds };
  } catch (error) {
    const fix = "see the broker's log";
    findings.push(wrong(part, brokers.join(","), whyOf(error), fix));
    return { findings, logEnds: null };
  } finally {
    await admin.disconnect();
  }
}
