/** Cover in exposure and limit (C1), EXP-07, H13, and what insurance lowers. */
import type { Records } from "@riskwall/schemas";
import { describe, expect, test } from "vitest";
import { coversMax } from "./cover.ts";
import {
  createWorld,
  dayMs,
  fact,
  invoice,
  limit,
  of,
  order,
  solid,
  start,
  startDay,
  type Fact,
  type World,
} from "./fold.test-support.ts";

const yuan = (n: number): number => n * 100;

function cover(over: Partial<Records["CoverSet"]> = {}, time = start): Fact {
  return fact("CoverSet", time, {
    ...{ coverId: "V", kind: "insurance", amount: yuan(1000), currency: "CNY" },
    ...{ coverage: 900, countsIn: "exposure", validFrom: null, validTo: null },
    ...{ issuer: null, policy: "P-77" },
    ...over,
  });
}
const owed = (amount: number): Fact =>
  invoice("I", amount, startDay, startDay + 30, start);
const codesOf = (world: World): string[] =>
  of(world, "Decision").at(-1)?.codes ?? [];
const alertsOf = (world: World, rule: string): Records["Alert"][] =>
  of(world, "Alert").filter(({ ruleId }) => ruleId === rule);

describe("C1 counted cover", () => {
  test.each<[string, Fact[], { total: number; limit: number; ratio: number }]>([
    ["none", [owed(yuan(2000))], { total: 2000, limit: 5000, ratio: 0 }],
    [
      "in exposure: amount × coverage off E",
      [owed(yuan(2000)), cover()],
      { total: 1100, limit: 5000, ratio: 0.45 },
    ],
    [
      "in the limit: the same on top of L",
      [owed(yuan(2000)), cover({ countsIn: "limit" })],
      { total: 2000, limit: 5900, ratio: 0.45 },
    ],
    [
      "never below nothing owed",
      [owed(yuan(500)), cover()],
      { total: 0, limit: 5000, ratio: 1 },
    ],
    [
      "the newest word by event time, whatever comes later (F-9)",
      [
        owed(yuan(2000)),
        cover({ amount: yuan(100) }, start + 2),
        cover({ amount: yuan(1000) }, start + 1),
      ],
      { total: 1910, limit: 5000, ratio: 0.045 },
    ],
    [
      "not before it begins, nor after it ended",
      [
        owed(yuan(2000)),
        cover({ validFrom: start + dayMs }),
        cover({ coverId: "W", validTo: start }),
      ],
      { total: 2000, limit: 5000, ratio: 0 },
    ],
  ])("%s", (_, facts, { total, limit: line, ratio }) => {
    const world = createWorld();
    world.fold([limit(yuan(5000), start), ...facts]);
    const { summary } = world.state();
    expect(summary).toMatchObject({ exposure: yuan(total), limit: yuan(line) });
    expect(world.shown().coverRatio).toBeCloseTo(ratio, 9);
  });

  test("ends by timer, without any event", () => {
    const world = createWorld();
    world.fold([
      limit(yuan(5000), start),
      owed(yuan(2000)),
      cover({ validTo: start + 2 * dayMs }),
    ]);
    expect(world.state().wake).toBeLessThanOrEqual(start + 2 * dayMs);
    world.tick(start + 2 * dayMs);
    expect(world.state().summary.exposure).toBe(yuan(2000));
  });

  test("without a limit there is none, whatever cover there is", () => {
    const world = createWorld();
    world.fold([cover({ countsIn: "limit" })]);
    expect(world.state().summary.limit).toBe(-1);
  });

  test("what is left of it takes the next order, and L06 lets a held one go", () => {
    const world = createWorld();
    const known = Array.from({ length: 9 }, (_, i) =>
      order(`K-${String(i)}`, yuan(100), start - (30 - i) * dayMs),
    );
    world.fold([
      limit(yuan(1500), start - 40 * dayMs),
      ...known,
      order("A", yuan(700), start),
    ]);
    expect(codesOf(world)).toContain("H01");
    world.fold([cover({ amount: yuan(1000), kind: "deposit" }, start + 1)]);
    const last = of(world, "Decision").at(-1);
    expect(last?.releaseCode ?? "L06").toBe("L06");
    expect(last?.codes).not.toContain("H01");
  });

  test(`no more than ${String(coversMax)} are kept`, () => {
    const world = createWorld();
    world.fold(
      Array.from({ length: coversMax + 1 }, (_, i) =>
        cover({ coverId: `V-${String(i)}` }, start + i),
      ),
    );
    expect(world.state().covers).toHaveLength(coversMax);
    expect(of(world, "DeadLetter").map(({ code }) => code)).toEqual([
      "COVERS_FULL",
    ]);
  });
});

describe("EXP-07 cover ends", () => {
  const end = (days: number): Partial<Records["CoverSet"]> => ({
    // Valid through that local day.
    validTo: start + (days + 1) * dayMs - 12 * 3_600_000,
  });
  const raised = (days: number, owes: number, ticks: number[] = []): World => {
    const world = createWorld();
    world.fold([
      ...solid(start),
      limit(yuan(5000), start),
      owed(yuan(owes)),
      cover(end(days)),
    ]);
    for (const day of ticks) world.tick(start + day * dayMs);
    return world;
  };
  test.each([
    { days: 31, owes: 2000, severity: null },
    { days: 30, owes: 2000, severity: "medium" },
    // Without its 900 of cover 5,800 are 800 beyond the limit.
    { days: 30, owes: 5800, severity: "high" },
    { days: 30, owes: 5000, severity: "medium" },
  ])(
    "$days days before, ¥$owes owed: $severity",
    ({ days, owes, severity }) => {
      const alerts = alertsOf(raised(days, owes), "EXP-07");
      expect(alerts.map((alert) => alert.severity)).toEqual(
        severity === null ? [] : [severity],
      );
    },
  );
  test("says policy, day and gap in both languages", () => {
    const [alert] = alertsOf(raised(30, 5800), "EXP-07");
    expect(JSON.parse(alert?.explain ?? "")).toMatchObject({
      ...{ cover: "V", policy: "P-77", days: 30, covered: "900.00" },
      shortfall: "800.00",
    });
    expect(alert?.titleZh).toBe(
      "信用保险 P-77 将于 2026-04-01 到期,还有 30 天,缺口 ¥800.00",
    );
    expect(alert?.titleEn).toBe(
      "The insurance P-77 ends on 2026-04-01, in 30 days; ¥800.00 would be beyond the limit",
    );
    expect(alert?.suggestedEn).toContain("Renew");
  });
  test("stays after the end while there is a gap, and goes with it", () => {
    const world = raised(2, 5800, [1, 3, 4]);
    expect(alertsOf(world, "EXP-07").at(-1)?.state).toBe("open");
    world.fold([limit(yuan(9000), start + 5 * dayMs)]);
    expect(alertsOf(world, "EXP-07").at(-1)?.state).toBe("resolved");
  });
  test("is silent once the cover was renewed", () => {
    const world = raised(20, 2000);
    world.fold([cover({ validTo: start + 400 * dayMs }, start + 1)]);
    expect(alertsOf(world, "EXP-07").at(-1)?.state).toBe("resolved");
  });
});

describe("insured exposure (D1)", () => {
  test.each([
    { coverage: 1000, kind: "insurance", severity: "medium" },
    { coverage: 1000, kind: "guarantee", severity: "medium" },
    { coverage: 999, kind: "insurance", severity: "high" },
    { coverage: 1000, kind: "deposit", severity: "high" },
  ])("$kind of $coverage ‰: a returned payment is $severity", (row) => {
    const world = createWorld();
    world.fold([
      limit(yuan(5000), start),
      owed(yuan(1000)),
      cover({ kind: row.kind, coverage: row.coverage, countsIn: "limit" }),
      fact("PaymentReceived", start + 1, {
        ...{ paymentId: "P", amount: yuan(1000), currency: "CNY" },
        ...{ valueDate: startDay, invoiceId: "I", orderId: null },
        ...{ allocations: [], method: null, payerAccount: null },
        state: "cleared",
      }),
      fact("PaymentReturned", start + 2, { paymentId: "P", reason: null }),
    ]);
    expect(alertsOf(world, "PAY-06").map(({ severity }) => severity)).toEqual([
      row.severity,
    ]);
  });
});

describe("H13 cover missing", () => {
  test.each([
    { amount: 555, codes: ["H13"] },
    { amount: 556, codes: [] },
  ])("a class C customer with ¥$amount insured at 90 %", (row) => {
    const world = createWorld();
    world.fold([limit(yuan(50_000), start)]);
    world.rules(({ holds }) => {
      holds.coverShare["C"] = 0.5;
    });
    world.fold([
      cover({ amount: yuan(row.amount), countsIn: "limit" }, start + 1),
      order("A", yuan(1000), start + 2),
    ]);
    expect(world.state().class).toBe("C");
    expect(codesOf(world)).toEqual(row.codes);
    if (row.codes.length === 0) return;
    expect(of(world, "Decision").at(-1)).toMatchObject({
      hits: [{ code: "H13", value: "50.0 %", threshold: "50.0 %" }],
      clearsEn: "provide cover",
    });
  });
  test("is off as shipped", () => {
    const world = createWorld();
    world.fold([limit(yuan(50_000), start), order("A", yuan(1000), start + 2)]);
    expect(codesOf(world)).toEqual([]);
  });
});
