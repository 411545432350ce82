/**
 * Real payments and real orders through the public import command: every row
 * is accounted for, the sums in ClickHouse equal sums made here from the file,
 * and the score tells late payers from prompt ones before the invoice is due.
 */
import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test } from "vitest";
import { startHistorian } from "../support/historian.ts";
import { fileIn, ingestVerb, testFolder } from "../support/ingest.ts";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import { startProcessor } from "../support/processor.ts";
import {
  areaUnderCurve,
  centsOf,
  dataFile,
  plainRows,
} from "../support/real-data.ts";
import { folded, recordsIn } from "../support/replay.ts";
import { stack, waitFor } from "../support/stack.ts";

const wholeMs = { timeoutMs: 240_000 };
/** Wanted of the untrained card for "paid at least 1 day late". */
const aucWanted = 0.83;
/** What "at least 5 days late" reaches, see docs/error-rates.md. */
const aucFiveFloor = 0.825;

interface Imported {
  readonly ns: TestNamespace;
  readonly answer: {
    readonly rows: number;
    readonly accepted: number;
    readonly duplicates: number;
    readonly rejected: number;
  };
}

interface Import {
  readonly file: string;
  readonly mapping: string;
}

/**
 * Imports files as history, one after the other, and waits until all is folded
 * and stored; answers what the last import said.
 */
async function importHistory(imports: readonly Import[]): Promise<Imported> {
  const ns = await testNamespace();
  const redis = new Redis(stack().redisUrl);
  onTestFinished(() => {
    redis.disconnect();
  });
  await startHistorian(ns.namespace);
  await startProcessor(ns.namespace);
  const home = testFolder();
  let accepted = 0;
  let answer: Imported["answer"] | null = null;
  for (const { file, mapping } of imports) {
    const map = fileIn(home, "map.yaml", mapping);
    const args = ["import", file, "--map", map, "--historical", "-o", "json"];
    const verb = ingestVerb(ns, args, { RISKWALL_HOME: home });
    const { stdout, stderr, code } = await verb.done;
    if (code !== 0 && code !== 3) throw new Error(stderr);
    const said = stdout.trim().split("\n").at(-1) ?? "";
    answer = JSON.parse(said) as Imported["answer"];
    accepted += answer.accepted;
  }
  if (answer === null) throw new Error("nothing was imported");
  // Control records come on top of what was imported.
  await waitFor(
    async () => (await folded(redis, ns.namespace)) >= accepted + 12,
    wholeMs,
  );
  await waitFor(
    async () => (await ns.count("SELECT count() FROM events")) >= accepted,
    wholeMs,
  );
  // All is folded, so every score change is in its topic.
  const changes = await recordsIn(ns, ns.topics.scores);
  await waitFor(
    async () =>
      (await ns.count(
        "SELECT (SELECT count() FROM score_changes) + (SELECT count() FROM limit_changes)",
      )) >= changes,
    wholeMs,
  );
  return { ns, answer };
}

async function sumsByType(ns: TestNamespace): Promise<Map<string, bigint>> {
  const rows = await ns.rows<{ type: string; cents: string }>(
    "SELECT type, toString(toInt128(sum(amount) * 100)) AS cents FROM events WHERE amount IS NOT NULL GROUP BY type",
  );
  return new Map(rows.map(({ type, cents }) => [type, BigInt(cents)]));
}

const payments = dataFile("datarisk_payments", "payments.csv.gz");
const customers = dataFile("datarisk_payments", "customers.csv.gz");
const sales = dataFile("sme_invoices", "sales_invoices.csv.gz");
const absent = "the data set is not on this machine";

describe("real input", () => {
  test("payments of 1,077 customers", async ({ skip }) => {
    if (payments === null || customers === null) {
      skip(absent);
      return;
    }
    const master = `
format: csv
delimiter: ";"
source: datarisk
events:
  - type: customer.upserted
    id: "customer-{ID_CLIENTE}"
    time: "{DATA_CADASTRO}"
    data: { customerId: "{ID_CLIENTE}", since: "{DATA_CADASTRO}", industry: "{SEGMENTO_INDUSTRIAL}" }
`;
    const money = `
format: csv
delimiter: ";"
source: datarisk
decimals: 2
events:
  - type: invoice.issued
    id: "invoice-{row}"
    time: "{DATA_EMISSAO_DOCUMENTO}"
    data: { customerId: "{ID_CLIENTE}", invoiceId: "D-{row}", amount: "{VALOR_A_PAGAR}", currency: CNY, issueDate: "{DATA_EMISSAO_DOCUMENTO}", dueDate: "{DATA_VENCIMENTO}" }
  - type: payment.received
    when: "{DATA_PAGAMENTO}"
    id: "payment-{row}"
    time: "{DATA_PAGAMENTO}"
    data: { customerId: "{ID_CLIENTE}", paymentId: "P-{row}", invoiceId: "D-{row}", amount: "{VALOR_A_PAGAR}", currency: CNY, valueDate: "{DATA_PAGAMENTO}" }
`;
    const { ns, answer } = await importHistory([
      { file: customers, mapping: master },
      { file: payments, mapping: money },
    ]);
    const rows = plainRows(payments, ";").map(
      ([customer = "", , issued = "", paid = "", due = "", amount]) => ({
        ...{ customer, issued, paid, due },
        cents: centsOf(amount),
      }),
    );
    const valid = rows.filter((row) => row.cents !== null);
    const paid = valid.filter((row) => row.paid !== "");
    const refused = rows.filter((row) => row.cents === null);
    const refusedEvents =
      refused.length + refused.filter((row) => row.paid !== "").length;
    expect(answer).toMatchObject({
      rows: rows.length,
      accepted: valid.length + paid.length,
      duplicates: 0,
    });
    expect(answer.rejected).toBe(refusedEvents);
    const sum = (list: typeof valid): bigint =>
      list.reduce((all, row) => all + (row.cents ?? 0n), 0n);
    const sums = await sumsByType(ns);
    expect(sums.get("invoice.issued")).toBe(sum(valid));
    expect(sums.get("payment.received")).toBe(sum(paid));
    const everyone = new Set([
      ...plainRows(customers, ";").map(([customer = ""]) => customer),
      ...valid.map((row) => row.customer),
    ]);
    expect(
      await ns.count("SELECT uniqExact(customer_id) FROM score_changes"),
    ).toBe(everyone.size);

    // Score standing when the invoice came into the log, before it was folded.
    const standing = await ns.rows<{ id: string; score: number }>(`
      SELECT e.event_id AS id, s.score AS score FROM
        (SELECT event_id, customer_id, offset AS at FROM events WHERE type = 'invoice.issued') AS e
        ASOF JOIN (SELECT customer_id, score, offset AS at FROM score_changes) AS s
        ON e.customer_id = s.customer_id AND e.at > s.at`);
    const scores = new Map(standing.map(({ id, score }) => [id, score]));
    const day = 86_400_000;
    const outcomes = rows.flatMap((row, i) => {
      const score = scores.get(`invoice-${String(i + 1)}`);
      if (score === undefined || row.paid === "") return [];
      const late = (Date.parse(row.paid) - Date.parse(row.due)) / day;
      return [{ score, late }];
    });
    const auc = (days: number): number =>
      areaUnderCurve(
        outcomes.map(({ score, late }) => ({ score, bad: late >= days })),
      );
    const [one, five] = [auc(1), auc(5)];
    process.stdout.write(
      `AUC of the score at issue over ${String(outcomes.length)} invoices: paid ≥ 1 day late ${one.toFixed(4)} (wanted ${String(aucWanted)}), ≥ 5 days late ${five.toFixed(4)}\n`,
    );
    expect(one).toBeGreaterThanOrEqual(aucWanted);
    expect(five).toBeGreaterThanOrEqual(aucFiveFloor);
  });

  test("a hundred thousand orders of 73 firms", async ({ skip }) => {
    if (sales === null) {
      skip(absent);
      return;
    }
    const mapping = `
format: csv
source: sme
decimals: 2
events:
  - type: order.placed
    id: "order-{row}"
    time: "{开票日期}"
    data: { customerId: "{企业代号}", orderId: "SO-{row}", amount: "{价税合计}", currency: CNY }
  - type: order.cancelled
    when: "{发票状态}"
    map: { 发票状态: { 作废发票: voided, 有效发票: "" } }
    id: "cancel-{row}"
    time: "{开票日期}"
    data: { customerId: "{企业代号}", orderId: "SO-{row}", reason: "{发票状态}" }
`;
    const { ns, answer } = await importHistory([{ file: sales, mapping }]);
    const rows = plainRows(sales, ",").map(
      ([firm = "", , , , , , gross, status]) => ({
        firm,
        cents: centsOf(gross) ?? 0n,
        voided: status === "作废发票",
      }),
    );
    // Goods returned are no orders: refused, with a reason.
    const valid = rows.filter((row) => row.cents >= 0n);
    const voided = rows.filter((row) => row.voided);
    expect(answer).toMatchObject({
      rows: rows.length,
      accepted: valid.length + voided.length,
      duplicates: 0,
      rejected: rows.length - valid.length,
    });
    const sums = await sumsByType(ns);
    expect(sums.get("order.placed")).toBe(
      valid.reduce((all, row) => all + row.cents, 0n),
    );
    const firms = new Set(valid.map((row) => row.firm)).size;
    expect(
      await ns.count("SELECT uniqExact(customer_id) FROM score_changes"),
    ).toBe(firms);
  });
});
