import { describe, expect, test } from "vitest";
import { newCustomer } from "../core/customer.ts";
import { emptyRegister } from "../core/partition-register.ts";
import { createPartition } from "../core/partition.ts";
import { parseRuleBody, shippedRules } from "../rule-file.ts";
import { customerView } from "../view.ts";
import { featureRow } from "./feature-days.ts";

describe("a day's features as a row", () => {
  const { rules } = shippedRules();
  const env = createPartition({
    ...{ partition: 0, register: emptyRegister(), subjects: [] },
    ...{ bootstrapRules: rules, parseRules: parseRuleBody },
  }).env();
  const now = Date.UTC(2026, 2, 2, 4);
  const view = customerView(newCustomer("C-1", rules.currency), env, now);
  const at = { day: "2026-03-02", now, next: 77 };

  test("names the customer, its day and the position it stands at", () => {
    expect(featureRow(view, at)).toMatchObject({
      ...{ day: "2026-03-02", customer_id: "C-1", offset: 77 },
      ...{ occurred_at: "2026-03-02T04:00:00.000Z", score: view.score },
      ...{ currency: "CNY", ruleset_version: rules.version },
    });
  });

  test("numbers, dates and what is not known lie apart; quality is of all", () => {
    const features = {
      ...{ ordCnt90d: 3, expTotal: "-12.50", expHwmAt: "2026-02-01" },
      dbtMed: null,
    };
    const featureQuality = {
      ordCnt90d: { n: 3, complete: true },
      expTotal: { n: 1, complete: false },
      expHwmAt: { n: 1, complete: false },
      dbtMed: { n: 0, complete: true },
    };
    expect(featureRow({ ...view, features, featureQuality }, at)).toMatchObject(
      {
        numbers: { ordCnt90d: "3", expTotal: "-12.50" },
        texts: { expHwmAt: "2026-02-01" },
        n: { ordCnt90d: 3, expTotal: 1, expHwmAt: 1, dbtMed: 0 },
        incomplete: ["expTotal", "expHwmAt"],
      },
    );
  });

  test("every feature of a view goes one way", () => {
    const row = featureRow(view, at);
    const known = Object.entries(view.features)
      .filter(([, value]) => value !== null)
      .map(([name]) => name);
    const kept = [row["numbers"], row["texts"]].flatMap((map) =>
      Object.keys(map ?? {}),
    );
    expect(kept.sort()).toEqual(known.sort());
    expect(Object.keys(row["n"] ?? {}).length).toBeGreaterThan(80);
  });
});
