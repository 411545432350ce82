/** The public import command on the real servers, killed and run again. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  fileIn,
  ingestVerb,
  readTopic,
  startGateway,
  testFolder,
} from "../support/ingest.ts";
import { testNamespace } from "../support/namespace.ts";
import { waitFor } from "../support/stack.ts";

const mapping = `
format: csv
delimiter: ";"
timezone: Asia/Shanghai
source: test-old
decimals: 2
events:
  - type: invoice.issued
    id: "invoice-{row}"
    time: "{ISSUED}"
    data: { customerId: "{CUSTOMER}", invoiceId: "D-{row}", amount: "{AMOUNT}", currency: CNY, issueDate: "{ISSUED}", dueDate: "{DUE}" }
  - type: payment.received
    when: "{PAID}"
    id: "payment-{row}"
    time: "{PAID}"
    data: { customerId: "{CUSTOMER}", paymentId: "P-{row}", invoiceId: "D-{row}", amount: "{AMOUNT}", currency: CNY, valueDate: "{PAID}" }
`;

const day = (i: number): string =>
  new Date(Date.UTC(2019, 0, 1) + i * 86_400_000).toISOString().slice(0, 10);

/** Rows of which every fifth is not paid, and every hundredth is not valid. */
function csv(rows: number): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const amount = i % 100 === 99 ? "n/a" : `${String(i)}.10000000001`;
    const paid = i % 5 === 4 ? "" : day((i % 700) + 30);
    return `C-${String(i % 53)};${amount};${day(i % 700)};${day((i % 700) + 30)};${paid}`;
  });
  return `CUSTOMER;AMOUNT;ISSUED;DUE;PAID\n${lines.join("\n")}\n`;
}

const lastLine = (text: string): unknown =>
  JSON.parse(text.trim().split("\n").at(-1) ?? "");

describe("ingest import", () => {
  it("is killed and run again until it is through, with exact counts", async () => {
    const test = await testNamespace();
    const home = testFolder();
    const rows = 20_000;
    const file = `${home}/in.csv.gz`;
    writeFileSync(file, gzipSync(csv(rows)));
    const map = fileIn(home, "map.yaml", mapping);
    const args = ["import", file, "--map", map, "--historical", "-o", "json"];
    const env = { RISKWALL_HOME: home };
    for (const appended of [1, 8000, 20_000]) {
      const verb = ingestVerb(test, args, env);
      await waitFor(
        async () => {
          const admin = test.kafka.admin();
          await admin.connect();
          const ends = await admin.fetchTopicOffsets(test.topics.events);
          await admin.disconnect();
          const sum = ends.reduce((all, { high }) => all + Number(high), 0);
          return sum >= appended;
        },
        { timeoutMs: 60_000 },
      );
      verb.kill();
      expect((await verb.done).signal).toBe("SIGKILL");
    }
    const done = await ingestVerb(test, args, env).done;
    expect(done.code).toBe(3);
    const valid = rows - rows / 100;
    // Every hundredth row is refused, and is one of the unpaid ones.
    const accepted = valid + (rows / 5) * 4;
    const answer = lastLine(done.stdout);
    expect(answer).toMatchObject({
      accepted,
      duplicates: 0,
      rejected: rows / 100,
      rows,
      rounded: expect.any(Number) as unknown,
    });
    const log = await readTopic(test, test.topics.events);
    const ids = new Set(
      log.map(({ record }) =>
        "eventId" in record.value ? record.value.eventId : "",
      ),
    );
    expect(ids.size).toBe(accepted);
    const { rejects } = answer as { rejects: string };
    const refused = readFileSync(rejects, "utf8").trim().split("\n");
    expect(refused).toHaveLength(1 + rows / 100);
    expect(refused[1]).toMatch(
      /^101,invoice-100,amount_malformed,data.amount,/,
    );
    const again = await ingestVerb(test, args, env).done;
    expect(again.code).toBe(3);
    expect(lastLine(again.stdout)).toMatchObject({
      accepted: 0,
      duplicates: accepted,
    });
  });

  it("seals the source when told so", async () => {
    const test = await testNamespace();
    const home = testFolder();
    const file = fileIn(home, "in.csv", csv(20));
    const map = fileIn(home, "map.yaml", mapping);
    const args = ["import", file, "--map", map, "--historical", "--seal"];
    const done = await ingestVerb(test, args, { RISKWALL_HOME: home }).done;
    expect(done).toMatchObject({ code: 0 });
    const seals = (await readTopic(test, test.topics.events)).filter(
      ({ record }) => record.name === "HistorySealed",
    );
    expect(new Set(seals.map(({ partition }) => partition)).size).toBe(12);
    expect(seals[0]?.record.value).toMatchObject({ source: "test-old" });
  });

  it("says what it needs, and with which code it ends", async () => {
    const test = await testNamespace();
    const home = testFolder();
    const file = fileIn(home, "in.csv", csv(3));
    const map = fileIn(home, "map.yaml", mapping);
    const wrong = fileIn(home, "wrong.yaml", mapping.replace("{DUE}", "{X}"));
    const env = { RISKWALL_HOME: home };
    const cases: [string[], Record<string, string>, number, RegExp][] = [
      [["import", file], {}, 2, /--map/],
      [["import", "/none", "--map", map], {}, 2, /no such file/],
      [["import", file, "--map", wrong], {}, 2, /no column X/],
      [
        ["import", file, "--map", map],
        { RISKWALL_KAFKA_BROKERS: "127.0.0.1:9" },
        4,
        /Kafka cannot be reached/,
      ],
      [["send", file], { RISKWALL_INGEST_URL: "http://127.0.0.1:9" }, 2, /key/],
    ];
    for (const [args, more, code, message] of cases) {
      const result = await ingestVerb(test, args, { ...env, ...more }).done;
      expect(result.stderr).toMatch(message);
      expect(result.code).toBe(code);
    }
  });
});

describe("ingest send and tail", () => {
  it("what is sent is seen", async () => {
    const test = await testNamespace();
    const { service, key } = await startGateway(test);
    const home = testFolder();
    const env = { RISKWALL_INGEST_URL: service.url };
    const args = ["--from-beginning", "-n", "1", "-o", "ndjson"];
    const tail = ingestVerb(test, ["tail", ...args, "--customer", "C-7"]);
    const lines = [6, 7]
      .map((i) =>
        JSON.stringify({
          id: `t-${String(i)}`,
          source: "test",
          type: "order.cancelled",
          time: new Date().toISOString(),
          data: { customerId: `C-${String(i)}`, orderId: "O" },
        }),
      )
      .join("\n");
    const file = fileIn(home, "events.ndjson", lines);
    const sent = await ingestVerb(test, ["send", file, "--key", key], env).done;
    expect(sent).toMatchObject({ code: 0 });
    expect(sent.stdout).toMatch(/accepted 2/);
    const seen = await tail.done;
    expect(seen.code).toBe(0);
    expect(lastLine(seen.stdout)).toMatchObject({
      id: "t-7",
      type: "order.cancelled",
      data: { customerId: "C-7" },
    });
  });
});
