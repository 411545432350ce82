/** Kafka's own console producer, the Java one, for tests of the gate. */
import { execFileSync } from "node:child_process";
import { kafkaLibs, mavenArtifact } from "../../deploy/local/servers.ts";

const version = "4.1.0";

/** Sends lines as records with the Java console producer. */
export async function javaProduce(
  brokers: readonly string[],
  topic: string,
  codec: string,
  lines: readonly string[],
): Promise<void> {
  const tools = await mavenArtifact(
    `kafka-tools-${version}`,
    `org.apache.kafka:kafka-tools:${version}`,
  );
  const classPath = `${tools}/*:${await kafkaLibs()}/*`;
  execFileSync(
    "java",
    [
      ...[
        "-XX:TieredStopAtLevel=1",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
      ],
      ...["-cp", classPath, "org.apache.kafka.tools.ConsoleProducer"],
      ...["--bootstrap-server", brokers.join(","), "--topic", topic],
      ...["--compression-codec", codec],
    ],
    { input: lines.map((line) => `${line}\n`).join(""), stdio: "pipe" },
  );
}
