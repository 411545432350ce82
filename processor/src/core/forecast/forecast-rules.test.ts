import { describe, expect, test } from "vitest";
import { shippedRules } from "../../rule-file.ts";
import { viewMoment } from "../../view.ts";
import type { Finding } from "../alerts.ts";
import { openCustomer } from "../customer.ts";
import { measureExposure } from "../exposure.ts";
import { computeFeatures } from "../features.ts";
import { noRates } from "../rates.ts";
import { forecastGauges } from "./forecast-rules.ts";
import {
  createWorld,
  dayMs,
  fact,
  invoice,
  limit,
  payment,
  start,
  startDay,
  type Fact,
  type World,
} from "../fold.test-support.ts";

/** Ten invoices of 1,000.00 a week apart, each paid `late` days late. */
function habit(late: number): Fact[] {
  return Array.from({ length: 10 }, (_, i) => {
    const due = startDay + i * 7 + 4;
    const paid = due + late;
    const id = String(i);
    return [
      invoice(`H-${id}`, 100_000, due - 4, due, timeOf(due - 4)),
      payment(`P-${id}`, 100_000, paid, timeOf(paid), {
        invoiceId: `H-${id}`,
      }),
    ];
  })
    .flat()
    .sort((a, b) => a.value.time - b.value.time);
}

const timeOf = (day: number): number => start + (day - startDay) * dayMs;
/** A Monday, after all of the habit is settled. */
const issue = startDay + 14 * 7;
const due = issue + 30;

function worldAt(day: number, facts: readonly Fact[]): World {
  const world = createWorld();
  world.fold(facts);
  for (let at = issue; at <= day; at += 1) world.tick(timeOf(at) + 1);
  return world;
}

/** What the rules find in the state as it stands at the end of a day. */
function findingsOf(world: World, day: number): readonly Finding[] {
  const customer = openCustomer(world.state());
  const { rules } = shippedRules();
  const env = {
    ...{ rules, rates: noRates(rules.currency) },
    ...{ sealed: new Map(), segments: new Map() },
  };
  const moment = viewMoment(env, timeOf(day));
  const exposure = measureExposure(customer, moment);
  const features = computeFeatures(customer, exposure, moment);
  return forecastGauges(customer, exposure, features, moment).findings;
}

const alertsOf = (world: World, ruleId: string): readonly unknown[] =>
  world.state().alerts.filter((alert) => alert.ruleId === ruleId);

describe("PAY-04 expected payment missing", () => {
  const open = invoice("N-1", 500_000, issue, due, timeOf(issue));
  // A prompt payer's spread is the segment's alone: about two days; a due day
  // of Wednesday, 2026-07-08.
  test.each([
    ["prompt payer, within the slack", 0, 4, 0],
    ["prompt payer, beyond it", 0, 9, 1],
    // Shrunken to the segment, the usual delay is 13 or 14 days.
    ["late payer, nearly as late as always", 20, 16, 0],
    ["late payer, later than ever", 20, 30, 1],
  ])("%s", (_, late, days, n) => {
    const world = worldAt(due + days, [...habit(late), open]);
    expect(alertsOf(world, "PAY-04")).toHaveLength(n);
  });

  test("says when the payment was expected and how the customer usually pays", () => {
    const world = worldAt(due + 30, [...habit(20), open]);
    const [finding] = findingsOf(world, due + 30);
    expect(finding).toMatchObject({
      ...{ ruleId: "PAY-04", severity: "medium", invoiceId: "N-1" },
      ...{ moneyAtRisk: 500_000, ref: "N-1" },
      explain: { invoice: "N-1", amount: "5000.00", n: 10 },
    });
    const usual = finding?.explain["usualDelay"];
    expect(usual).toBeGreaterThan(12);
    expect(usual).toBeLessThan(20);
    expect(finding?.titleEn).toContain("has not come");
    expect(finding?.titleZh).toContain("至今未到");
  });

  test.each([
    ["a quarter of the limit", 2_000_000, "medium"],
    ["more than a quarter of the limit", 1_999_999, "high"],
  ])("%s", (_, amount, severity) => {
    const world = worldAt(due + 9, [
      ...habit(0),
      open,
      limit(amount, timeOf(issue) + 1),
    ]);
    expect(findingsOf(world, due + 9)).toMatchObject([
      { ruleId: "PAY-04", severity },
    ]);
  });

  test("a promise still open keeps it silent, and the payment ends it", () => {
    const promise = fact("PaymentPromised", timeOf(issue) + 1, {
      promiseId: "V-1",
      amount: 500_000,
      currency: "CNY",
      promiseDate: due + 20,
      invoiceIds: ["N-1"],
    });
    const promised = worldAt(due + 15, [...habit(0), open, promise]);
    expect(alertsOf(promised, "PAY-04")).toHaveLength(0);
    const world = worldAt(due + 15, [...habit(0), open]);
    expect(alertsOf(world, "PAY-04")).toHaveLength(1);
    const paid = payment("P-N", 500_000, due + 15, timeOf(due + 15) + 2, {
      invoiceId: "N-1",
    });
    world.fold([paid]);
    expect(alertsOf(world, "PAY-04")).toHaveLength(0);
  });

  test("less than what is material is left alone", () => {
    const small = invoice("N-1", 9_000, issue, due, timeOf(issue));
    const world = worldAt(due + 30, [...habit(0), small]);
    expect(alertsOf(world, "PAY-04")).toHaveLength(0);
  });
});

describe("PAY-10 predicted late, not yet due", () => {
  const next = invoice("N-1", 100_000, issue, due, timeOf(issue));

  // Nine of 10 + k were more than 15 days late: just the 0.6 that is asked. The
  // tenth fell due on 1 May and counts from the end of the holidays.
  test.each([
    ["a customer who was never late", 0, 0],
    ["just not late enough every time", 15, 0],
    ["more than 15 days late every time", 20, 1],
  ])("%s", (_, late, n) => {
    const world = worldAt(issue + 1, [...habit(late), next]);
    expect(alertsOf(world, "PAY-10")).toHaveLength(n);
  });

  test("gives its chance and three factors in both languages", () => {
    const world = worldAt(issue + 1, [...habit(20), next]);
    const [finding] = findingsOf(world, issue + 1);
    expect(finding).toMatchObject({ ruleId: "PAY-10", severity: "low" });
    expect(finding?.explain["chance"]).toBe(0.6);
    expect(finding?.reasons).toHaveLength(3);
    expect(finding?.reasons[0]?.textEn).toContain("more than 15 days late");
    for (const { textZh, textEn } of finding?.reasons ?? []) {
      expect(textZh).toMatch(/\p{Script=Han}/u);
      expect(textEn).not.toMatch(/\p{Script=Han}/u);
    }
  });

  test("ends when the item is due: from then on it is overdue or paid", () => {
    const world = worldAt(due, [...habit(20), next]);
    expect(alertsOf(world, "PAY-10")).toHaveLength(1);
    world.tick(timeOf(due + 1) + 1);
    expect(alertsOf(world, "PAY-10")).toHaveLength(0);
  });

  test("less than what is material is left alone", () => {
    const small = invoice("N-1", 9_000, issue, due, timeOf(issue));
    const world = worldAt(issue + 1, [...habit(20), small]);
    expect(alertsOf(world, "PAY-10")).toHaveLength(0);
  });
});
