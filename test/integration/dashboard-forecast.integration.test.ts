/** Expected cash through processor and dashboard, from states in Redis. */
import type { CustomerForecastView, ForecastView } from "@riskwall/schemas";
import { expect, test } from "vitest";
import { startDashboard, type Answer } from "../support/dashboard.ts";
import {
  testNamespace,
  type TestNamespace,
  type TestRecord,
} from "../support/namespace.ts";
import { startProcessor } from "../support/processor.ts";
import { waitFor } from "../support/stack.ts";

const dayMs = 86_400_000;
const customers = 40;
/** Cents of each invoice; the due days lie 5 to 24 days ahead. */
const amount = 250_000;

function invoiceOf(ns: TestNamespace, i: number, today: number): TestRecord {
  const customerId = `C-${String(i)}`;
  return {
    topic: ns.topics.events,
    key: customerId,
    record: {
      name: "InvoiceIssued",
      value: {
        ...{ eventId: `i-${String(i)}`, source: "erp", historical: false },
        ...{ time: Date.now(), customerId, invoiceId: `N-${String(i)}` },
        ...{ amount, currency: "CNY", orderId: null, instalments: [] },
        ...{ discount: 0, discountDate: null },
        ...{ issueDate: today, dueDate: today + 5 + (i % 20) },
      },
    },
  };
}

test("the portfolio's cash and one customer's dates", async () => {
  const ns = await testNamespace();
  const processor = await startProcessor(ns.namespace);
  const dashboard = await startDashboard(ns, {
    RISKWALL_PROCESSOR_URL: processor.url,
  });
  const today = Math.floor((Date.now() + 8 * 3_600_000) / dayMs);
  await ns.append(
    Array.from({ length: customers }, (_, i) => invoiceOf(ns, i, today)),
  );
  await waitFor(async () => {
    const answers = await Promise.all(
      Array.from({ length: customers }, async (_, i) =>
        dashboard.get(`/api/customers/C-${String(i)}`),
      ),
    );
    return answers.every((answer) => answer.status === 200);
  });

  const one = await dashboard.get("/api/customers/C-3/forecast");
  expect(one.status).toBe(200);
  const view = one.body as unknown as CustomerForecastView;
  expect(view).toMatchObject({ customerId: "C-3", itemsTotal: 1 });
  expect(view.items[0]).toMatchObject({ invoiceId: "N-3", open: "2500.00" });
  const whole = await dashboard.get("/api/customers/C-3");
  expect(whole.body["features"]).toMatchObject({
    payExpected14d: view.payExpected14d,
  });
  const absent = await dashboard.get("/api/customers/nobody/forecast");
  expect([absent.status, absent.body["code"]]).toEqual([
    404,
    "customer_unknown",
  ]);

  const all = await dashboard.get("/api/forecast?step=week");
  expect(all.status).toBe(200);
  const cash = all.body as unknown as ForecastView;
  expect(cash).toMatchObject({
    ...{ customers, items: customers, itemsDrawn: customers, partial: false },
    ...{ open: "100000.00", currency: "CNY", maxAgeS: 60 },
  });
  const { expected, p10, p90 } = cash.total;
  expect(Number(expected)).toBeGreaterThan(95_000);
  expect(Number(p10)).toBeLessThanOrEqual(Number(expected));
  expect(Number(p90)).toBeLessThanOrEqual(100_000);
  expect(cash.steps.length).toBeGreaterThanOrEqual(12);

  const by = async (query: string): Promise<Answer> =>
    dashboard.get(`/api/forecast?${query}`);
  const again = await by("step=week");
  expect(again.body["computedAt"]).toBe(cash.computedAt);
  const days = await by("step=day");
  expect(days.body["steps"]).toHaveLength(14);
  const past = await by("from=2020-01-01");
  expect([past.status, past.body["code"]]).toEqual([422, "forecast_span"]);
  expect((await by("from=soon")).status).toBe(422);
  expect((await by("step=year")).status).toBe(422);
});
