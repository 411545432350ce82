import type { AgeMonth, LateDay } from "@riskwall/schemas";
import { largestOverdue } from "./portfolio-cut.ts";
import { portfolioSubject } from "@riskwall/schemas/names";
import { describe, expect, test } from "vitest";
import { shippedRules } from "../rule-file.ts";
import { viewMoment } from "../view.ts";
import { findShift } from "./adwin.ts";
import {
  createWorld,
  dayMs,
  of,
  portfolioRecord,
  start,
  startDay,
} from "./fold.test-support.ts";
import { noGroups } from "./groups.ts";
import {
  calibrationOff,
  concentration,
  modelDrift,
  rateShift,
  rollRate,
} from "./portfolio-rules.ts";
import { noRates } from "./rates.ts";
import { midScore, scoreBin, scoreBins, scoreDrift } from "./score-bins.ts";
import { pdOf } from "./scorecard.ts";

const { rules } = shippedRules();
const moment = viewMoment(
  {
    ...{ rules, rates: noRates(rules.currency), groups: noGroups },
    ...{
      sealed: new Map<string, number>(),
      segments: new Map<string, never>(),
    },
  },
  start,
);

function portfolio(customers: number, ...shares: number[]) {
  const value = {
    totals: { exposure: 1_000_000, customers },
    top: shares.map((share, i) => ({
      customerId: `C-${String(i + 1)}`,
      exposure: share * 10_000,
    })),
  };
  const record = portfolioRecord(value);
  if (record.name !== "Portfolio") throw new Error("not a portfolio record");
  return record.value;
}

describe("EXP-05 集中度", () => {
  const cases: [string, number, number[], string[]][] = [
    ["10 % is not above 10 %", 100, [10, 5], []],
    ["11 % is", 100, [11, 5], ["C-1"]],
    ["every one above", 100, [15, 12, 3], ["C-1", "C-2"]],
    ["an index of 0.18 by two large ones", 100, [30, 30], ["C-1", "C-2"]],
    ["and just above it", 100, [31, 30], ["C-1", "C-2", "hhi"]],
    ["with ten customers somebody always is above", 10, [50], []],
  ];
  test.each(cases)("%s", (_, customers, shares, refs) => {
    const found = concentration(portfolio(customers, ...shares), moment);
    expect(found.map(({ ref }) => ref)).toEqual(refs);
  });
  test("says share and rank", () => {
    const [, second] = concentration(portfolio(100, 15, 12), moment);
    expect(second).toMatchObject({
      ...{ severity: "medium", moneyAtRisk: 120_000 },
      titleEn: "C-2 is 12.0 % of all exposure",
      explain: { share: 0.12, rank: 2, exposure: "1200.00" },
    });
  });
});

/** So many days of 50 settled invoices, of which `late` each. */
function days(
  ...spans: [count: number, late: number, settled?: number][]
): LateDay[] {
  return spans
    .flatMap(([count, late, settled = 50]) =>
      Array.from({ length: count }, () => ({ late, settled })),
    )
    .map((item, i) => ({ day: startDay + i, ...item }));
}

describe("PRT-01 组合逾期率漂移", () => {
  const cases: [string, LateDay[], boolean][] = [
    ["a steady rate", days([60, 10]), false],
    ["from 20 % to 40 % in twenty days", days([40, 10], [20, 20]), true],
    ["from 20 % to 24 % is within chance", days([40, 10], [20, 12]), false],
    ["four days are too few", days([5, 10], [4, 50]), false],
    [
      "150 invoices on either side are too few",
      days([5, 5, 30], [5, 25, 30]),
      false,
    ],
    ["five days of fifty are enough", days([40, 10], [5, 35]), true],
    ["a fall is no alert", days([40, 20], [20, 5]), false],
  ];
  test.each(cases)("late rate: %s", (_, list, found) => {
    expect(rateShift(list, moment)?.finding?.ref ?? null).toBe(
      found ? "late-rate" : null,
    );
  });
  test("says before and after, and where the cut lies", () => {
    const shift = rateShift(days([40, 10], [20, 20]), moment);
    expect(shift?.from).toBe(startDay + 40);
    expect(shift?.finding).toMatchObject({
      ...{ severity: "high", explain: { before: 0.2, after: 0.4 } },
    });
  });
  test("twenty values on either side can never trip it (C10.3)", () => {
    const list = Array.from({ length: 40 }, (_, i) => ({
      ...{ day: i, n: 1, yes: i % 2 === 0 || i >= 20 ? 1 : 0 },
    }));
    const limits = { delta: 0.002, minDays: 5, minCount: 5 };
    expect(findShift(list, limits)).toBeNull();
  });

  const months = (...rows: [age1: number, age31: number][]): AgeMonth[] =>
    rows.map(([age1, age31], month) => ({
      ...{ month, age1: age1 * 1e8, age31: age31 * 1e8 },
    }));
  const rolls: [string, AgeMonth[], boolean][] = [
    ["20 % → 25 % is not above", months([10, 0], [10, 2], [10, 2.5]), false],
    ["20 % → 26 % is", months([10, 0], [10, 2], [10, 2.6]), true],
    [
      "against the mean of three",
      months([10, 0], [10, 1], [10, 2], [10, 3], [10, 2.4]),
      false,
    ],
    ["nothing to compare with", months([10, 0], [10, 9]), false],
    ["too little money", months([1e-4, 0], [1e-4, 1e-5], [1e-4, 1e-4]), false],
  ];
  test.each(rolls)("roll rate: %s", (_, list, found) => {
    expect(rollRate(list, moment)?.ref ?? null).toBe(
      found ? "roll-rate" : null,
    );
  });
  test("a month that is missing is not rolled over", () => {
    const list = months([10, 0], [10, 2], [10, 9]);
    expect(rollRate(list.toSpliced(1, 1), moment)).toBeNull();
  });
});

/** Scores spread over ten bins, `shift` of each hundred moved to the last. */
function scores(n: number, shift = 0): number[] {
  const counts = Array.from({ length: scoreBins }, () => 0);
  for (let i = 0; i < 10; i += 1) {
    counts[20 + i] = (n / 10) * (1 - shift / 100);
  }
  counts[29] = (counts[29] ?? 0) + (n * shift) / 100;
  return counts;
}

describe("MDL-01 模型漂移", () => {
  const cases: [string, number, number, string | null][] = [
    ["the same scores", 1000, 0, null],
    ["a move that the convention calls stable", 1000, 10, null],
    ["one it calls watch", 1000, 15, "medium"],
    ["one it calls act", 1000, 40, "high"],
    ["the same watch among 200 is within chance", 200, 15, null],
  ];
  test.each(cases)("%s", (_, n, shift, severity) => {
    const found = modelDrift(scores(n), scores(n, shift), moment);
    expect(found?.severity ?? null).toBe(severity);
  });
  test("the bound of C5 at ten deciles of 200 and 200 is 0.169", () => {
    const drift = scoreDrift(scores(200), scores(200));
    expect(drift?.bound.toFixed(3)).toBe("0.169");
    expect(drift?.deciles.length).toBe(10);
    expect(drift?.psi).toBe(0);
  });
  test("one bin alone has no deciles", () => {
    const one = Array.from({ length: scoreBins }, (_, i) =>
      i === 3 ? 500 : 0,
    );
    expect(scoreDrift(one, scores(500))).toBeNull();
    expect(scoreDrift([], scores(500))).toBeNull();
  });
});

describe("MDL-02 校准偏移", () => {
  /** Outcomes as foretold, times `factor`. */
  const outcomes = (n: number, factor: number): [number[], number[]] => {
    const labels = Array.from({ length: scoreBins }, () => 0);
    const bad = [...labels];
    for (const score of [460, 500, 540, 580, 620]) {
      const bin = scoreBin(score);
      labels[bin] = n;
      bad[bin] = n * Math.min(1, factor * pdOf(midScore(bin), rules));
    }
    return [labels, bad];
  };
  const cases: [string, number, number, boolean][] = [
    ["outcomes as foretold", 400, 1, false],
    ["twice as many", 400, 2, true],
    ["half as many", 400, 0.5, true],
    ["too few outcomes", 10, 2, false],
  ];
  test.each(cases)("%s", (_, n, factor, found) => {
    expect(calibrationOff(...outcomes(n, factor), moment) !== null).toBe(found);
  });
});

describe("the subject #portfolio", () => {
  const record = (seq: number, over: object = {}) =>
    portfolioRecord({ seq, id: `p${String(seq)}`, ...over });
  const alerts = (world: ReturnType<typeof createWorld>): string[] =>
    of(world, "Alert").map(
      ({ customerId, ruleId, ref, severity, state }) =>
        `${customerId} ${ruleId} ${ref} ${severity} ${state}`,
    );

  test("a gauge is resolved by the record in which it does not hold", () => {
    const world = createWorld();
    const of100 = { exposure: 1_000_000, customers: 100 };
    const top = [{ customerId: "C-1", exposure: 200_000 }];
    world.tick(start);
    world.control(record(1, { totals: of100, top }));
    world.tick(start + 2 * dayMs);
    expect(alerts(world)).toEqual([
      `${portfolioSubject} EXP-05 C-1 medium open`,
    ]);
    world.control(record(2, { totals: of100, top: [] }));
    expect(alerts(world).at(-1)).toBe(
      `${portfolioSubject} EXP-05 C-1 medium resolved`,
    );
  });

  test("COL-02: one week below P10 is medium, the second in a row high", () => {
    const world = createWorld();
    const week = (n: number): object => ({
      ...{ from: startDay + 7 * n, to: startDay + 7 * n + 6 },
      ...{ p10: 50_000, p50: 80_000 },
    });
    const received = [0, 49_999, 90_000, 140_000];
    received.forEach((sum, n) => {
      world.tick(start + 7 * n * dayMs);
      const overdueTop =
        n === 1 ? [{ customerId: "C-7", name: "Linde", overdue: 12_345 }] : [];
      world.control(
        record(n + 1, { received: sum, expected: week(n), overdueTop }),
      );
    });
    expect(alerts(world).map((text) => text.split(" ").slice(1, 4))).toEqual([
      ["COL-02", "2026-03-02..2026-03-08", "medium"],
      ["COL-02", "2026-03-09..2026-03-15", "high"],
    ]);
    const [alert] = of(world, "Alert");
    expect(JSON.parse(alert?.explain ?? "")).toMatchObject({
      ...{ received: "499.99", p10: "500.00", gap: "0.01", weeks: 1 },
      largestOverdue: ["C-7 Linde: 123.45"],
    });
  });

  test("the largest overdue are kept, the rest and groups are not", () => {
    const of = (
      id: string,
      overdue: number,
    ): Parameters<typeof largestOverdue>[1][number] => ({
      id,
      name: `n${id}`,
      summary: { overdue },
    });
    const first = largestOverdue(
      [],
      ["C", "A", "B", "D"].map((id) => of(id, 10)),
    );
    const all = largestOverdue(first, [
      of("E", 30),
      of("#group:G", 99),
      of("F", 0),
      of("G", 5),
    ]);
    expect(all.map(({ customerId, overdue }) => [customerId, overdue])).toEqual(
      [
        ["E", 30],
        ["A", 10],
        ["B", 10],
        ["C", 10],
        ["D", 10],
      ],
    );
  });

  test("PRT-01 counts what the records add from day to day, once", () => {
    const world = createWorld();
    let settled = 0;
    let settledLate = 0;
    for (let day = 0; day < 46; day += 1) {
      world.tick(start + day * dayMs);
      world.control(record(day + 1, { settled, settledLate }));
      settled += 50;
      settledLate += day < 40 ? 10 : 40;
      world.control(record(1000 + day, { settled, settledLate, id: "x" }));
    }
    expect(alerts(world)).toEqual([
      `${portfolioSubject} PRT-01 late-rate high open`,
    ]);
    const [alert] = of(world, "Alert");
    expect(JSON.parse(alert?.explain ?? "")).toMatchObject({ before: 0.2 });
  });

  test("MDL-01 against the first scores of the card", () => {
    const world = createWorld();
    world.tick(start);
    world.control(record(1, { scores: scores(1000) }));
    world.control(record(2, { scores: scores(1000, 40) }));
    expect(alerts(world)).toEqual([
      `${portfolioSubject} MDL-01 score high open`,
    ]);
  });
});
