import { expect, test } from "vitest";
import { withLocalServers } from "./local-servers.ts";

test("what is left out is the local stack, from the base of its ports", () => {
  expect(withLocalServers({})).toEqual({
    RISKWALL_KAFKA_BROKERS: "127.0.0.1:4192",
    RISKWALL_REGISTRY_URL: "http://127.0.0.1:4181/apis/ccompat/v7",
    RISKWALL_REDIS_URL: "redis://127.0.0.1:4179",
    RISKWALL_CLICKHOUSE_URL: "http://127.0.0.1:4123",
    RISKWALL_INGEST_URL: "http://127.0.0.1:4100",
  });
});

test("what is named stays; the rest follows the base", () => {
  const env = withLocalServers({
    RISKWALL_PORT_BASE: "14000",
    RISKWALL_REDIS_URL: "redis://elsewhere:6379",
    RISKWALL_KAFKA_BROKERS: undefined,
    LOG_LEVEL: "warn",
  });
  expect(env).toMatchObject({
    RISKWALL_REDIS_URL: "redis://elsewhere:6379",
    RISKWALL_CLICKHOUSE_URL: "http://127.0.0.1:14123",
    RISKWALL_KAFKA_BROKERS: "127.0.0.1:14192",
    LOG_LEVEL: "warn",
  });
});
