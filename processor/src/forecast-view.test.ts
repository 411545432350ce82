import { describe, expect, test } from "vitest";
import { openCustomer } from "./core/customer.ts";
import {
  createWorld,
  dayMs,
  invoice,
  limit,
  start,
  startDay,
} from "./core/fold.test-support.ts";
import { dayText } from "./core/calendar.ts";
import { noGroups } from "./core/groups.ts";
import { noRates } from "./core/rates.ts";
import { customerForecastView } from "./forecast-view.ts";
import { spanOf } from "./portfolio-forecast.ts";
import { shippedRules } from "./rule-file.ts";
import { customerView } from "./view.ts";

const { rules } = shippedRules();
const env = {
  ...{ rules, rates: noRates(rules.currency) },
  ...{ sealed: new Map(), segments: new Map(), groups: noGroups },
};

describe("the forecast of a customer", () => {
  const world = createWorld();
  world.fold([
    invoice("N-1", 100_000, startDay, startDay + 3, start),
    invoice("N-2", 700_000, startDay, startDay + 60, start),
  ]);
  const customer = openCustomer(world.state());
  const view = customerForecastView(customer, env, start);

  test("tells each open item, the largest first", () => {
    expect(view.items.map((item) => item.invoiceId)).toEqual(["N-2", "N-1"]);
    const [item] = view.items;
    expect(item).toMatchObject({
      ...{ open: "7000.00", currency: "CNY", daysPastDue: 0 },
      dueDate: dayText(startDay + 60),
    });
    expect(item?.late1).toBeGreaterThan(item?.late15 ?? 1);
    const days = [item?.earliestDate, item?.expectedDate, item?.latestDate];
    expect(days.toSorted()).toEqual(days);
    expect(view.itemsTotal).toBe(2);
  });

  test("counts what comes within 14 days, the same in both views", () => {
    const expected = Number(view.payExpected14d);
    expect(expected).toBeGreaterThan(800);
    expect(expected).toBeLessThan(1500);
    const whole = customerView(customer, env, start);
    expect(whole.features["payExpected14d"]).toBe(view.payExpected14d);
  });

  test("by week says the same money", () => {
    const weeks = view.weeks.map((week) => Number(week.expected));
    const total = weeks.reduce((sum, value) => sum + value, 0);
    expect(total).toBeGreaterThan(7500);
    expect(total).toBeLessThan(8000);
    expect(view.weeks[0]?.from).toBe(dayText(startDay));
  });

  test("of nobody who owes anything is empty", () => {
    const other = createWorld();
    other.fold([limit(100, start)]);
    const empty = customerForecastView(
      openCustomer(other.state()),
      env,
      start + dayMs,
    );
    expect(empty).toMatchObject({ items: [], payExpected14d: "0.00" });
    expect(empty.weeks.every((week) => week.p90 === "0.00")).toBe(true);
  });
});

describe("days that can be forecast", () => {
  const today = 100;
  test.each([
    ["by default 12 weeks", null, null, "week", { from: 100, to: 183 }],
    ["by default 14 days", null, null, "day", { from: 100, to: 113 }],
    ["as asked", 105, 110, "day", { from: 105, to: 110 }],
    ["not the past", 99, 110, "day", null],
    ["not backward", 110, 109, "day", null],
    ["to the last day", 100, 465, "week", { from: 100, to: 465 }],
    ["not beyond it", 100, 466, "week", null],
  ] as const)("%s", (_, from, to, step, span) => {
    expect(spanOf({ from, to, step }, today)).toEqual(
      span === null ? null : { ...span, step },
    );
  });
});
