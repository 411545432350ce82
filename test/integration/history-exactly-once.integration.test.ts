import { describe, expect, test } from "vitest";
import { clickhouseProxy, startHistorian } from "../support/historian.ts";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import {
  alert,
  decision,
  orderPlaced,
  scoreChange,
} from "../support/sample-records.ts";
import { waitFor } from "../support/stack.ts";

async function appendOrders(
  space: TestNamespace,
  from: number,
  count: number,
): Promise<void> {
  await space.append(
    Array.from({ length: count }, (_, i) => {
      const record = orderPlaced(from + i);
      return {
        topic: space.topics.events,
        key: record.value.customerId,
        record,
      };
    }),
  );
}

/** Places of the log that have several rows, with the plans, for a message. */
async function repeats(space: TestNamespace, table: string): Promise<string> {
  const places = await space.rows(
    `SELECT \`partition\`, count() AS n, min(\`offset\`) AS low, max(\`offset\`) AS high, groupUniqArrayArray(parts) AS parts
     FROM (SELECT \`partition\`, \`offset\`, groupArray(_part) AS parts FROM ${table} GROUP BY 1, 2 HAVING count() > 1) GROUP BY 1`,
  );
  if (places.length === 0) return "";
  const plans = await space.rows(
    "SELECT * FROM history_plan ORDER BY seq, topic, `partition`",
  );
  return [table, ...places, ...plans]
    .map((row) => JSON.stringify(row))
    .join("\n");
}

/** Every order of 0 … count-1 is stored once, also without FINAL, and summed. */
async function expectOrders(
  space: TestNamespace,
  count: number,
  timeoutMs = 30_000,
): Promise<void> {
  await waitFor(
    async () =>
      (await space.count("SELECT uniqExact(event_id) FROM events")) === count,
    { timeoutMs },
  );
  await waitFor(
    async () =>
      (await space.count(
        "SELECT count() FROM history_plan FINAL WHERE NOT done",
      )) === 0,
  );
  expect(await repeats(space, "log")).toBe("");
  expect(await repeats(space, "events")).toBe("");
  expect(await space.count("SELECT count() FROM events")).toBe(count);
  expect(await space.count("SELECT count() FROM log")).toBe(count);
  const cents = (count * 100 + (count * (count - 1)) / 2) / 100;
  const sums = await space.rows<{ events: string; amount: number }>(
    "SELECT sum(events) AS events, sum(amount) AS amount FROM events_hourly",
  );
  expect(sums.map((row) => [Number(row.events), Number(row.amount)])).toEqual([
    [count, cents],
  ]);
}

describe("every record is stored exactly once", () => {
  test("killed after the inserts, before the plan was marked done", async () => {
    const space = await testNamespace();
    const proxy = await clickhouseProxy();
    const historian = await startHistorian(space.namespace, { proxy });
    const held = proxy.holdRequest('"done":true');
    await appendOrders(space, 0, 500);
    await held;
    expect(await space.count("SELECT count() FROM log")).toBeGreaterThan(0);
    await historian.kill();
    // More is there when the plan is repeated than when it was made.
    await appendOrders(space, 500, 500);
    await startHistorian(space.namespace);
    await expectOrders(space, 1000);
  });

  test("killed after the plan, before the inserts", async () => {
    const space = await testNamespace();
    const proxy = await clickhouseProxy();
    const historian = await startHistorian(space.namespace, { proxy });
    const held = proxy.holdRequest("INSERT+INTO+events");
    await appendOrders(space, 0, 500);
    await held;
    await historian.kill();
    expect(await space.count("SELECT count() FROM events")).toBe(0);
    await startHistorian(space.namespace);
    await expectOrders(space, 500);
  });

  test("the reply to an insert is lost", async () => {
    const space = await testNamespace();
    const proxy = await clickhouseProxy();
    await startHistorian(space.namespace, { proxy });
    const lost = proxy.loseReply("INSERT+INTO+events");
    await appendOrders(space, 0, 500);
    await lost;
    await expectOrders(space, 500);
  });

  test("ClickHouse goes away under load and comes back", async () => {
    const space = await testNamespace();
    const proxy = await clickhouseProxy();
    const historian = await startHistorian(space.namespace, { proxy });
    await appendOrders(space, 0, 200);
    await expectOrders(space, 200);
    proxy.cut();
    await appendOrders(space, 200, 3000);
    await waitFor(
      async () => (await fetch(`${historian.url}/readyz`)).status === 503,
    );
    expect((await fetch(`${historian.url}/livez`)).status).toBe(200);
    proxy.restore();
    await expectOrders(space, 3200);
    // Marked positions and lag follow the rows by one flush.
    await waitFor(async () => {
      const answer = await fetch(`${historian.url}/readyz?verbose`);
      const health = (await answer.json()) as {
        readonly lag: number;
        readonly waitingFor: string | null;
      };
      return answer.ok && health.lag === 0 && health.waitingFor === null;
    });
  });

  test("killed again and again under load", async () => {
    const space = await testNamespace();
    let sent = 0;
    for (let round = 0; round < 4; round += 1) {
      const historian = await startHistorian(space.namespace, {
        unready: true,
      });
      for (let i = 0; i < 6; i += 1) {
        await appendOrders(space, sent, 300);
        sent += 300;
      }
      await waitFor(async () => {
        const answer = await fetch(`${historian.url}/metrics`);
        return /history_rows_total\{table="log"\} [1-9]/.test(
          await answer.text(),
        );
      });
      await historian.kill();
    }
    await startHistorian(space.namespace);
    await expectOrders(space, sent, 60_000);
  });

  test("a second historian stands by and takes over", async () => {
    const space = await testNamespace();
    const status = async (url: string): Promise<number> => {
      const answer = await fetch(`${url}/readyz`);
      const body = (await answer.json()) as { readonly partitions: number };
      return answer.ok ? body.partitions : -1;
    };
    const first = await startHistorian(space.namespace);
    const second = await startHistorian(space.namespace);
    await waitFor(async () => {
      const sum = (await status(first.url)) + (await status(second.url));
      return sum === 72;
    });
    const [writer, standby] =
      (await status(first.url)) === 72 ? [first, second] : [second, first];
    expect(await status(standby.url)).toBe(0);
    await appendOrders(space, 0, 300);
    await expectOrders(space, 300);
    await writer.kill();
    await appendOrders(space, 300, 300);
    await expectOrders(space, 600, 60_000);
    expect(await status(standby.url)).toBe(72);
  });

  test("outputs sent again are dropped by their position", async () => {
    const space = await testNamespace();
    const { topics } = space;
    const batch = Array.from({ length: 10 }, (_, i) => [
      {
        topic: topics.decisions,
        key: "C-1",
        partition: 3,
        record: decision({ partition: 3, offset: i, id: `3-${String(i)}-0` }),
      },
      {
        topic: topics.alerts,
        key: "C-1",
        partition: 3,
        record: alert({ partition: 3, offset: i, n: 1, version: i + 1 }),
      },
      {
        topic: topics.scores,
        key: "C-1",
        partition: 3,
        record: scoreChange({ partition: 3, offset: i, n: 2 }),
      },
    ]).flat();
    await startHistorian(space.namespace);
    await space.append(batch.slice(0, 18));
    // The processor repeats a whole batch after a crash.
    await space.append(batch);
    for (const table of ["decisions", "alerts", "score_changes"]) {
      await waitFor(
        async () => (await space.count(`SELECT count() FROM ${table}`)) === 10,
      );
      expect(
        await space.count(`SELECT uniqExact(\`offset\`) FROM ${table}`),
      ).toBe(10);
    }
    expect(await space.count("SELECT sum(alerts) FROM alerts_hourly")).toBe(1);
    expect(
      await space.count("SELECT sum(decisions) FROM decisions_hourly"),
    ).toBe(10);
    expect(await space.count("SELECT sum(changes) FROM scores_hourly")).toBe(
      10,
    );
    expect(
      await space.rows(
        "SELECT alert_id, version, JSONExtractString(explain, 'median') AS median, JSONExtractString(reasons, 1, 'textZh') AS text FROM alerts_latest",
      ),
    ).toEqual([
      { alert_id: "A-1", version: 10, median: "10000.00", text: "大额" },
    ]);
    expect(await space.count("SELECT count() FROM decisions_latest")).toBe(1);
    expect(await space.count("SELECT count() FROM score_changes_latest")).toBe(
      1,
    );
  });

  test("an event sent twice is one row", async () => {
    const space = await testNamespace();
    const record = orderPlaced(1);
    const item = {
      topic: space.topics.events,
      key: record.value.customerId,
      record,
    };
    const historian = await startHistorian(space.namespace);
    await space.append([item, item]);
    await waitFor(
      async () => (await space.count("SELECT count() FROM log")) === 2,
    );
    await historian.kill();
    await startHistorian(space.namespace);
    await space.append([item]);
    await waitFor(
      async () => (await space.count("SELECT count() FROM log")) === 3,
    );
    expect(await space.count("SELECT count() FROM events")).toBe(1);
    expect(await space.count("SELECT sum(events) FROM events_hourly")).toBe(1);
  });
});
