/** A Kafka client whose own log is for debugging: callers tell of failures. */
import { Kafka, logLevel } from "kafkajs";

/** What a logger must offer for it. */
interface DebugLog {
  readonly debug: (about: object) => void;
}

export function connectKafka(
  brokers: readonly string[],
  clientId: string,
  log: DebugLog,
): Kafka {
  return new Kafka({
    clientId,
    brokers: [...brokers],
    logLevel: logLevel.WARN,
    connectionTimeout: 3000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 20 },
    logCreator:
      () =>
      ({ log: entry }) => {
        log.debug({ kafka: entry.message, error: entry["error"] });
      },
  });
}
