import type { NamedRecord } from "@riskwall/schemas";
import { avroType } from "@riskwall/schemas/codec";
import { amountMaxMinor, businessTypes } from "@riskwall/schemas";
import { createClient } from "@clickhouse/client";
import { describe, expect, test } from "vitest";
import { startHistorian } from "../support/historian.ts";
import { testNamespace } from "../support/namespace.ts";
import { decision, orderPlaced } from "../support/sample-records.ts";
import { stack, waitFor } from "../support/stack.ts";

const now = Date.now();

/** Every business record, with every field filled by its schema's generator. */
function businessRecords(): NamedRecord[] {
  return Object.values(businessTypes).map((name, i) => {
    const random: unknown = avroType(name).random();
    const value = random as Record<string, unknown>;
    const filled: Record<string, unknown> = {};
    for (const [field, sample] of Object.entries(value)) {
      if (typeof sample === "number") filled[field] = Math.abs(sample) % 10_000;
      else filled[field] = sample;
    }
    const record = {
      name,
      value: {
        ...filled,
        eventId: `e-${String(i)}`,
        source: "test-erp",
        time: now,
        historical: false,
        // Whoever is erased has no rows.
        customerId: name === "CustomerErased" ? "C-2" : "C-1",
        ...("currency" in value ? { currency: "KWD" } : {}),
        ...("amount" in value ? { amount: 1_234_567 } : {}),
      },
    };
    // Made by the schema of its name.
    return record as unknown as NamedRecord;
  });
}

/** Cents of a decimal text, whose trailing zeros ClickHouse leaves out. */
function toCents(text: string): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(2, "0"));
}

describe("rows", () => {
  test("every business record is an event, every record is in the log", async () => {
    const space = await testNamespace();
    const records: NamedRecord[] = [
      ...businessRecords(),
      { name: "Tick", value: {} },
      {
        name: "HistorySealed",
        value: { source: "old", floor: now },
      },
    ];
    await startHistorian(space.namespace);
    await space.append(
      records.map((record) => ({
        topic: space.topics.events,
        key: "C-1",
        partition: 5,
        record,
      })),
    );
    // Tables of one flush are filled one after the other.
    const all = Object.keys(businessTypes).length;
    await waitFor(
      async () =>
        (await space.count("SELECT count() FROM log")) === records.length &&
        (await space.count("SELECT count() FROM events")) === all,
    );
    const types = await space.rows<{ type: string; amount: number | null }>(
      "SELECT type, amount FROM events ORDER BY `offset`",
    );
    expect(types.map((row) => row.type)).toEqual(Object.keys(businessTypes));
    const amounts = types.filter((row) => row.amount !== null);
    expect(new Set(amounts.map((row) => Number(row.amount)))).toEqual(
      new Set([1234.567]),
    );
    const stored = await space.rows<{ value64: string; offset: string }>(
      "SELECT base64Encode(value) AS value64, `offset` FROM log ORDER BY `offset`",
    );
    const decoded = stored.map((row) =>
      space.codec.decode(Buffer.from(row.value64, "base64")),
    );
    expect(
      decoded.map((item) => (item.kind === "record" ? item.record.name : item)),
    ).toEqual(records.map((record) => record.name));
    const invalid = await space.count(
      "SELECT countIf(NOT isValidJSON(data)) FROM events",
    );
    expect(invalid).toBe(0);
  });

  test("late, refused and broken records are where they belong", async () => {
    const space = await testNamespace();
    const { topics } = space;
    const old = orderPlaced(1, { time: now - 8 * 86_400_000 });
    const oldImport = orderPlaced(2, {
      time: now - 800 * 86_400_000,
      historical: true,
    });
    const raw = Buffer.from('{"id":"x"}');
    await startHistorian(space.namespace);
    await space.append([
      { topic: topics.events, key: "C-1", record: old },
      { topic: topics.events, key: "C-1", record: oldImport },
      {
        topic: topics.late,
        key: "C-1",
        partition: 2,
        record: {
          name: "Late",
          value: {
            partition: 2,
            offset: 7,
            n: 0,
            reason: "beyond-window",
            eventId: "e-1",
            source: "test-erp",
            type: "order.placed",
            customerId: "C-1",
            time: now,
            appendedAt: now,
            raw,
          },
        },
      },
      {
        topic: topics.deadletters,
        key: "",
        record: {
          name: "DeadLetter",
          value: {
            id: "d-1",
            at: now,
            stage: "http",
            source: null,
            eventId: "x",
            customerId: null,
            type: null,
            code: "missing_field",
            path: "data.customerId",
            message: "is missing",
            raw,
            topic: null,
            partition: -1,
            offset: -1,
          },
        },
      },
    ]);
    await waitFor(
      async () => (await space.count("SELECT count() FROM dead_letters")) === 1,
    );
    await waitFor(
      async () => (await space.count("SELECT count() FROM late")) === 1,
    );
    await waitFor(
      async () =>
        (await space.count("SELECT count() FROM log")) === 2 &&
        (await space.count("SELECT count() FROM events")) > 0,
    );
    expect(await space.rows("SELECT event_id FROM events")).toEqual([
      { event_id: "e-2" },
    ]);
    expect(
      await space.rows("SELECT code, path, event_id, raw FROM dead_letters"),
    ).toEqual([
      {
        code: "missing_field",
        path: "data.customerId",
        event_id: "x",
        raw: '{"id":"x"}',
      },
    ]);
    expect(
      await space.rows("SELECT reason, `partition`, customer_id FROM late"),
    ).toEqual([{ reason: "beyond-window", partition: 2, customer_id: "C-1" }]);
  });

  test("ten thousand random amounts sum exactly", async () => {
    const space = await testNamespace();
    await startHistorian(space.namespace);
    let cents = 0n;
    for (let chunk = 0; chunk < 4; chunk += 1) {
      const records = Array.from({ length: 2500 }, (_, i) => {
        const amount = Math.floor(Math.random() * 99_999_999_999);
        cents += BigInt(amount);
        const record = orderPlaced(chunk * 2500 + i, { amount });
        return {
          topic: space.topics.events,
          key: record.value.customerId,
          record,
        };
      });
      await space.append(records);
    }
    await waitFor(
      async () => (await space.count("SELECT count() FROM events")) === 10_000,
    );
    const sums = await space.rows<{ exact: string; rolled: string }>(
      "SELECT toString(sum(amount)) AS exact, (SELECT toString(sum(amount)) FROM events_hourly) AS rolled FROM events",
    );
    expect(toCents(sums[0]?.exact ?? "")).toBe(cents);
    expect(sums[0]?.rolled).toBe(sums[0]?.exact);
  });
});

test("the greatest amount, in a currency without decimals", async () => {
  const space = await testNamespace();
  const amount = amountMaxMinor;
  const record = orderPlaced(1, { amount, currency: "JPY" });
  await startHistorian(space.namespace);
  await space.append([
    { topic: space.topics.events, key: "C-1", record },
    {
      topic: space.topics.decisions,
      key: "C-1",
      partition: 0,
      record: decision({ amount, currency: "JPY" }),
    },
  ]);
  await waitFor(
    async () => (await space.count("SELECT count() FROM decisions")) === 1,
  );
  await waitFor(
    async () => (await space.count("SELECT count() FROM events")) === 1,
  );
  expect(
    await space.rows(
      "SELECT amount, JSONExtractString(data, 'amount') AS exact, (SELECT toString(amount) FROM decisions) AS decided FROM events",
    ),
  ).toEqual([
    { amount: null, exact: "100000000000000", decided: "100000000000000" },
  ]);
});

describe("a repeated token", () => {
  test("over two months of which one was stored already", async () => {
    const space = await testNamespace();
    const client = createClient({
      url: stack().clickhouseUrl,
      database: space.database,
      clickhouse_settings: {
        deduplicate_blocks_in_dependent_materialized_views: 1,
      },
    });
    const row = (month: string, offset: number): object => ({
      event_id: `e-${String(offset)}`,
      source: "test-erp",
      type: "order.placed",
      customer_id: "C-1",
      occurred_at: `2026-${month}-03 00:00:00.000`,
      appended_at: "2026-11-03 00:00:00.000",
      amount: "5.00",
      currency: "CNY",
      data: "{}",
      historical: false,
      partition: 0,
      offset,
    });
    const insert = async (token: string, values: object[]): Promise<void> => {
      await client.insert({
        table: "events",
        values,
        format: "JSONEachRow",
        clickhouse_settings: { insert_deduplication_token: token },
      });
    };
    await insert("a", [row("09", 1)]);
    // The same token again, as after a crash between the two parts.
    await insert("a", [row("09", 1), row("10", 2)]);
    await insert("a", [row("09", 1), row("10", 2)]);
    expect(await space.count("SELECT count() FROM events")).toBe(2);
    expect(await space.count("SELECT sum(events) FROM events_hourly")).toBe(2);
    // Another token with the same rows is another insert: FINAL removes it.
    await insert("b", [row("09", 1)]);
    expect(await space.count("SELECT count() FROM events")).toBe(3);
    expect(await space.count("SELECT count() FROM events FINAL")).toBe(2);
    await client.close();
  });
});
