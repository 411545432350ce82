import { describe, expect, test } from "vitest";
import { shippedRules } from "../../rule-file.ts";
import { viewMoment } from "../../view.ts";
import { openCustomer, type Customer } from "../customer.ts";
import type { Moment } from "../env.ts";
import { measureExposure } from "../exposure.ts";
import { computeFeatures } from "../features.ts";
import {
  createWorld,
  dayMs,
  fact,
  invoice,
  payment,
  start,
  startDay,
  type Fact,
} from "../fold.test-support.ts";
import { noRates } from "../rates.ts";
import { cashSteps } from "./cash-steps.ts";
import { createCashSum, draws } from "./cash-sum.ts";
import { forecastCustomer } from "./customer-forecast.ts";
import { delayMax, delayMin, segmentCurve } from "./delay-curve.ts";
import type { ItemForecast } from "./item-forecast.ts";
import { createUniform } from "./seeded-uniform.ts";

const { rules } = shippedRules();

function momentAt(ms: number): Moment {
  const env = {
    rules,
    rates: noRates(rules.currency),
    sealed: new Map(),
    segments: new Map(),
  };
  return viewMoment(env, ms);
}

interface Seen {
  readonly customer: Customer;
  readonly items: readonly ItemForecast[];
}

/** Folds facts and forecasts at an instant. */
function forecastOf(facts: readonly Fact[], at: number): Seen {
  const world = createWorld();
  world.fold(facts);
  world.tick(at);
  const customer = openCustomer(world.state());
  const moment = momentAt(at);
  const exposure = measureExposure(customer, moment);
  return {
    customer,
    items: forecastCustomer(
      customer,
      exposure,
      computeFeatures(customer, exposure, moment),
      moment,
    ),
  };
}

/** Ten invoices, each paid `late` days after its due day, from `start` on. */
function habit(late: number): Fact[] {
  return Array.from({ length: 10 }, (_, i) => {
    const at = start + i * 7 * dayMs;
    const due = startDay + i * 7 + 4;
    const paid = due + late;
    const id = String(i);
    return [
      invoice(`H-${id}`, 100_000, due - 4, due, at),
      payment(`P-${id}`, 100_000, paid, start + (paid - startDay) * dayMs, {
        invoiceId: `H-${id}`,
      }),
    ];
  })
    .flat()
    .sort((a, b) => a.value.time - b.value.time);
}

const weeks = (n: number): number => start + n * 7 * dayMs;
const sum = (values: Iterable<number>): number =>
  [...values].reduce((total, value) => total + value, 0);

describe("delay curve", () => {
  test("runs straight through its knots and lacks what is never paid", () => {
    const curve = segmentCurve([
      [-10, 0.1],
      [0, 0.5],
      [delayMax, 0.9],
    ]);
    const upTo = (day: number): number =>
      sum(curve.slice(0, day - delayMin + 1));
    expect(upTo(-10)).toBeCloseTo(0.1, 12);
    expect(upTo(-5)).toBeCloseTo(0.3, 12);
    expect(upTo(0)).toBeCloseTo(0.5, 12);
    expect(upTo(90)).toBeCloseTo(0.7, 12);
    expect(upTo(delayMax)).toBeCloseTo(0.9, 12);
  });
});

describe("an open item", () => {
  const open = invoice(
    "N-1",
    500_000,
    startDay + 91,
    startDay + 121,
    weeks(13),
  );

  test.each([
    ["prompt payers on the due day", 0, 0],
    ["late payers as late as usual", 10, 10],
  ])("is expected from %s", (_, late, days) => {
    const { items } = forecastOf([...habit(late), open], weeks(13));
    const [item] = items;
    const due = startDay + 121;
    // The due day is a Wednesday; arrivals on a weekend wait for Monday.
    expect((item?.expected ?? 0) - due).toBeGreaterThanOrEqual(days);
    expect((item?.expected ?? 0) - due).toBeLessThanOrEqual(days + 2);
    expect(item?.earliest).toBeLessThanOrEqual(item?.expected ?? 0);
    expect(item?.latest).toBeGreaterThanOrEqual(item?.expected ?? 0);
  });

  test("has chances that sum to being paid, and never for the rest", () => {
    const { items } = forecastOf([...habit(0), open], weeks(13));
    const paid = items[0]?.paid ?? 0;
    expect(sum(items[0]?.chances ?? [])).toBeCloseTo(paid, 12);
    expect(paid).toBeGreaterThan(0.99);
    expect(paid).toBeLessThan(1);
  });

  test("that is still open past the usual day is expected later", () => {
    const facts = [...habit(0), open];
    const before = forecastOf(facts, weeks(13)).items[0];
    const after = forecastOf(facts, weeks(19)).items[0];
    expect(after?.part.dpd).toBe(12);
    expect(after?.expected).toBeGreaterThan(startDay + 133);
    expect(after?.paid ?? 1).toBeLessThan(before?.paid ?? 0);
    expect(sum(after?.chances.slice(0, 0) ?? [])).toBe(0);
  });

  test("open beyond the tail is never expected", () => {
    const { items } = forecastOf([...habit(0), open], weeks(45));
    expect(items[0]).toMatchObject({ paid: 0, expected: null, latest: null });
  });

  test("that was promised is paid on the promised day as often as kept", () => {
    const promise = fact("PaymentPromised", weeks(18) + 1, {
      promiseId: "V-1",
      amount: 500_000,
      currency: "CNY",
      promiseDate: startDay + 7 * 18 + 11,
      invoiceIds: ["N-1"],
    });
    const { items } = forecastOf([...habit(0), open, promise], weeks(18) + 2);
    const on = items[0]?.chances[11] ?? 0;
    expect(on).toBeGreaterThan(rules.forecast.promise.kept);
    expect(items[0]?.expected).toBe(startDay + 7 * 18 + 11);
  });

  test("in dispute is paid later by the length of a dispute", () => {
    const complaint = fact("ComplaintOpened", weeks(13) + 1, {
      complaintId: "K-1",
      text: null,
      language: null,
      category: null,
      severity: null,
      orderId: null,
      invoiceId: "N-1",
      disputedAmount: 500_000,
      currency: "CNY",
      facts: null,
    });
    const plain = forecastOf([...habit(0), open], weeks(13) + 2).items[0];
    const held = forecastOf([...habit(0), open, complaint], weeks(13) + 2);
    expect(held.items[0]?.expected).toBe(
      (plain?.expected ?? 0) + rules.forecast.disputeDays,
    );
  });
});

describe("expected cash", () => {
  const facts = [
    ...habit(3),
    ...Array.from({ length: 8 }, (_, i) =>
      invoice(
        `N-${String(i)}`,
        100_000 + i,
        startDay + 91,
        startDay + 100 + i * 3,
        weeks(13),
      ),
    ),
  ];
  const today = startDay + 91;
  const { items } = forecastOf(facts, weeks(13));
  const steps = cashSteps(today, today + 80, "week");
  test("is told by steps that add up to the total", () => {
    const cash = createCashSum({ steps, today, common: 0.7 });
    cash.add("C-1", items);
    const { steps: rows, total, open } = cash.result();
    expect(open).toBe(800_028);
    expect(
      Math.abs(sum(rows.map((r) => r.expected)) - total.expected),
    ).toBeLessThan(rows.length);
    expect(total.expected).toBeLessThan(open);
    expect(total.expected).toBeGreaterThan(open * 0.9);
    for (const row of rows) {
      expect(row.p10).toBeLessThanOrEqual(row.p50);
      expect(row.p50).toBeLessThanOrEqual(row.p90);
    }
  });

  test("moves as one when the items of a customer do", () => {
    const [item] = items;
    if (!item) throw new Error("nothing is open");
    // Before the usual day: an item is paid by then in about 3 of 10 draws.
    const until = cashSteps(today, (item.expected ?? 0) - 1, "week");
    const band = (common: number): readonly [number, number] => {
      const cash = createCashSum({ steps: until, today, common });
      cash.add("C-1", new Array<ItemForecast>(8).fill(item));
      const { p10, p90 } = cash.result().total;
      return [p10 / item.part.value, p90 / item.part.value];
    };
    expect(band(1)).toEqual([0, 8]);
    const [low, high] = band(0);
    expect(high - low).toBeLessThan(6);
  });

  test("draws agree with the expectation", () => {
    const cash = createCashSum({ steps, today, common: 0 });
    for (let i = 0; i < 200; i += 1) cash.add(`C-${String(i)}`, items);
    for (const row of cash.result().steps) {
      expect(Math.abs(row.p50 - row.expected)).toBeLessThan(
        0.02 * cash.result().total.expected,
      );
    }
  });

  test("is the same in any order of customers", () => {
    const both = (ids: readonly string[]): unknown => {
      const cash = createCashSum({ steps, today, common: 0.7 });
      for (const id of ids) cash.add(id, items);
      return cash.result();
    };
    expect(both(["A", "B", "C"])).toEqual(both(["C", "A", "B"]));
  });

  test("is cut by weeks from Monday and by days", () => {
    // The first Monday of March 2026 and a Wednesday.
    expect(cashSteps(startDay, startDay + 8, "week")).toEqual([
      { from: startDay, to: startDay + 6 },
      { from: startDay + 7, to: startDay + 8 },
    ]);
    expect(cashSteps(startDay + 2, startDay + 9, "week")).toEqual([
      { from: startDay + 2, to: startDay + 6 },
      { from: startDay + 7, to: startDay + 9 },
    ]);
    expect(cashSteps(startDay, startDay + 1, "day")).toHaveLength(2);
  });
});

test("uniform numbers are even and their bits known", () => {
  const uniform = createUniform(1);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 10 * draws; i += 1) {
    const at = Math.floor(uniform() * 10);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  for (const n of counts) expect(Math.abs(n - draws)).toBeLessThan(100);
  const again = createUniform(42);
  expect([again(), again()]).toEqual([0.6011037519201636, 0.44829055899754167]);
});
