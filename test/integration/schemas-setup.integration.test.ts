import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { schemaText, subjectName } from "@riskwall/schemas/codec";
import {
  migrate,
  MigrationChanged,
  MigrationLocked,
  readMigrations,
  withMigrationLock,
} from "@riskwall/schemas/migrations";
import { recordFiles, type RecordName } from "@riskwall/schemas";
import { databaseName, topicNames } from "@riskwall/schemas/names";
import { setupNamespace } from "@riskwall/schemas/setup";
import { Kafka, logLevel } from "kafkajs";
import { describe, expect, onTestFinished, test } from "vitest";
import { testNamespace } from "../support/namespace.ts";
import { randomNamespace, stack, waitFor } from "../support/stack.ts";

interface AvroRecord {
  readonly fields: readonly object[];
}

async function register(name: RecordName, schema: object): Promise<Response> {
  const url = `${stack().registryUrl}/subjects/${subjectName(name)}/versions`;
  return fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/vnd.schemaregistry.v1+json" },
    body: JSON.stringify({ schema: JSON.stringify(schema) }),
  });
}

describe("schemas", () => {
  const names = Object.keys(recordFiles) as RecordName[];

  test("the registry refuses a breaking change of any record", async () => {
    await testNamespace();
    for (const name of names) {
      const schema = JSON.parse(schemaText(name)) as AvroRecord;
      const fields = [...schema.fields, { name: "added", type: "string" }];
      const answer = await register(name, { ...schema, fields });
      expect([name, answer.status]).toEqual([name, 409]);
    }
  });

  test("registering again gives the same ids", async () => {
    const space = await testNamespace();
    const again = await testNamespace();
    const tick = space.codec.encode("Tick", {});
    expect(again.codec.encode("Tick", {})).toEqual(tick);
  });
});

function emptyDatabase(): { namespace: string; database: string } {
  const namespace = randomNamespace();
  const database = databaseName(namespace);
  onTestFinished(async () => {
    const client = createClient({ url: stack().clickhouseUrl });
    await client.command({ query: `DROP DATABASE IF EXISTS ${database}` });
    await client.close();
  });
  return { namespace, database };
}

describe("migrations", () => {
  const ids = readMigrations().map((item) => item.id);

  test("are applied once", async () => {
    const { namespace } = emptyDatabase();
    const { clickhouseUrl } = stack();
    expect(await migrate(clickhouseUrl, namespace)).toEqual(ids);
    expect(await migrate(clickhouseUrl, namespace)).toEqual([]);
  });

  test("a changed one is refused", async () => {
    const { namespace } = emptyDatabase();
    const { clickhouseUrl } = stack();
    await migrate(clickhouseUrl, namespace);
    const changed = readMigrations().map((item) => ({
      ...item,
      checksum: `${item.checksum}0`,
    }));
    await expect(migrate(clickhouseUrl, namespace, changed)).rejects.toThrow(
      MigrationChanged,
    );
  });

  test("one that was cut in the middle is applied whole", async () => {
    const { namespace } = emptyDatabase();
    const { clickhouseUrl } = stack();
    const [first] = readMigrations();
    if (!first) throw new Error("no migrations");
    const half = `${first.sql.split("\n;")[0] ?? ""}\n;\nSELECT broken_here`;
    const cut = [{ ...first, sql: half }];
    await expect(migrate(clickhouseUrl, namespace, cut)).rejects.toThrow();
    expect(await migrate(clickhouseUrl, namespace)).toEqual(ids);
  });

  test("several migrators at once: each is applied once", async () => {
    const { namespace, database } = emptyDatabase();
    const { clickhouseUrl } = stack();
    const runs = await Promise.all(
      [1, 2, 3].map(async () => migrate(clickhouseUrl, namespace)),
    );
    expect(runs.flat().sort()).toEqual(ids);
    const client = createClient({ url: clickhouseUrl, database });
    const reply = await client.query({
      query: "SELECT id FROM migrations ORDER BY id",
      format: "JSONEachRow",
    });
    const rows = await reply.json<{ id: string }>();
    await client.close();
    expect(rows.map((row) => row.id)).toEqual(ids);
  });

  test("a lock that is held and alive is not taken", async () => {
    const { namespace, database } = emptyDatabase();
    const { clickhouseUrl } = stack();
    await migrate(clickhouseUrl, namespace);
    const client = createClient({
      url: clickhouseUrl,
      log: { level: ClickHouseLogLevel.OFF },
    });
    const never = async (): Promise<void> =>
      Promise.reject(new Error("two at once"));
    await withMigrationLock(client, database, async () => {
      await expect(
        withMigrationLock(client, database, never, 500),
      ).rejects.toThrow(MigrationLocked);
    });
    await withMigrationLock(client, database, async () => Promise.resolve());
    await client.close();
  });
});

function setup(namespace: string, home: string | null): Promise<void> {
  const { brokers, registryUrl, clickhouseUrl } = stack();
  return setupNamespace({
    namespace,
    brokers,
    registryUrl,
    clickhouseUrl,
    home,
    retentionMs: "-1",
  });
}

describe("topics", () => {
  test("made as the contract says", async () => {
    const space = await testNamespace();
    const admin = space.kafka.admin();
    await admin.connect();
    onTestFinished(async () => admin.disconnect());
    const { settings, events } = space.topics;
    const found = await admin.fetchTopicMetadata({
      topics: [events, settings],
    });
    expect(
      Object.fromEntries(
        found.topics.map((t) => [t.name, t.partitions.length]),
      ),
    ).toEqual({ [events]: 12, [settings]: 1 });
  });

  test("a topic with other partitions is refused by name", async () => {
    const namespace = randomNamespace();
    emptyDatabase();
    const topic = topicNames(namespace).events;
    const kafka = new Kafka({
      clientId: "riskwall-test",
      brokers: [...stack().brokers],
      logLevel: logLevel.NOTHING,
    });
    const admin = kafka.admin();
    await admin.connect();
    onTestFinished(async () => {
      const topics = (await admin.listTopics()).filter((name) =>
        name.startsWith(`${namespace}.`),
      );
      await admin.deleteTopics({ topics });
      await admin.disconnect();
      const client = createClient({ url: stack().clickhouseUrl });
      const database = databaseName(namespace);
      await client.command({ query: `DROP DATABASE IF EXISTS ${database}` });
      await client.close();
    });
    await admin.createTopics({
      topics: [{ topic, numPartitions: 3 }],
      waitForLeaders: false,
    });
    await waitFor(async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]?.partitions.length === 3;
    });
    await expect(setup(namespace, null)).rejects.toThrow(
      `${topic} has 3 partitions, needs 12`,
    );
  });
});

describe("first credentials", () => {
  test("made once; a missing setting is written again, a revoked one stays", async () => {
    const space = await testNamespace();
    const home = mkdtempSync(join(tmpdir(), "riskwall-test-"));
    onTestFinished(() => {
      rmSync(home, { recursive: true });
    });
    await setup(space.namespace, home);
    const text = readFileSync(join(home, "credentials.json"), "utf8");
    const { ingestKey } = JSON.parse(text) as { readonly ingestKey: string };
    const key = `apikey:${ingestKey.split("_")[2] ?? ""}`;
    const producer = space.kafka.producer();
    await producer.connect();
    onTestFinished(async () => producer.disconnect());
    const { settings } = space.topics;
    const revoked = JSON.stringify({ revokedAt: "2026-11-20T00:00:00Z" });
    await producer.send({
      topic: settings,
      messages: [
        { key, value: revoked },
        { key: "user:operator", value: null },
      ],
    });
    await setup(space.namespace, home);
    expect(readFileSync(join(home, "credentials.json"), "utf8")).toBe(text);

    const consumer = space.kafka.consumer({
      groupId: `${space.namespace}.read`,
      maxWaitTimeInMs: 100,
    });
    await consumer.connect();
    onTestFinished(async () => consumer.disconnect());
    await consumer.subscribe({ topic: settings, fromBeginning: true });
    const values: [string, string | null][] = [];
    await consumer.run({
      eachMessage: ({ message }) => {
        values.push([
          message.key?.toString() ?? "",
          message.value?.toString() ?? null,
        ]);
        return Promise.resolve();
      },
    });
    // Three at first, the two of the test, the one that was missing.
    await waitFor(() => values.length === 6);
    const last = new Map(values);
    expect(last.get(key)).toBe(revoked);
    expect(last.get("user:operator")).toContain("$argon2id$v=19$");
  });
});
