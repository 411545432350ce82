/** DQ-01, DQ-02, DQ-03 (domain D2): what fires each, and what just does not. */
import { describe, expect, test } from "vitest";
import { shippedRules } from "../rule-file.ts";
import {
  portfolioRecord,
  createWorld,
  invoice,
  of,
  order,
  start,
  startDay,
} from "./fold.test-support.ts";
import {
  businessMs,
  countSource,
  emptyWatch,
  sourcesMax,
  sumSources,
  watchSources,
  type SourceCounts,
  type SourceWatch,
  type WatchResult,
} from "./source-watch.ts";

const { rules } = shippedRules();
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** Monday, business hours begin. */
const morning = start - 3 * hour;

/** Reports of one source: cumulative counts at an instant. */
interface Step {
  readonly at: number;
  readonly events: number;
  readonly last: number;
  readonly late?: number;
  readonly veryLate?: number;
  readonly dead?: number;
}

function watch(known: SourceWatch, steps: readonly Step[]): WatchResult {
  let result: WatchResult = { findings: [], holding: new Set() };
  for (const { at, events, last, late, veryLate, dead } of steps) {
    const counts = { late: late ?? 0, veryLate: veryLate ?? 0 };
    const sources = [{ source: "erp", events, last, ...counts }];
    result = watchSources(
      known,
      { sources, deadLetters: dead ?? 0 },
      at,
      rules,
    );
  }
  return result;
}

/** A source that sent every `gapMs` from `from` on, n times. */
function regular(from: number, gapMs: number, n: number): Step[] {
  return Array.from({ length: n }, (_, i) => ({
    at: from + i * gapMs,
    events: i + 1,
    last: from + i * gapMs,
  }));
}

const ids = (result: WatchResult): string[] =>
  result.findings.map((finding) => finding.ruleId);

describe("business time", () => {
  test.each([
    ["within an hour of a working day", morning, morning + hour, hour],
    ["over a night", morning + 8 * hour, morning + 24 * hour, hour],
    ["a weekend", morning + 5 * day, morning + 7 * day - hour, 0],
    ["backward", morning + hour, morning, 0],
  ] as const)("%s", (_, from, to, wanted) => {
    const span = { from: 9 * hour, to: 18 * hour };
    expect(businessMs(from, to, rules, span)).toBe(wanted);
  });
});

describe("DQ-01 a silent source", () => {
  const steady = regular(morning, minute, 60);
  const last = morning + 59 * minute;
  const after = (ms: number): Step => ({ at: last + ms, events: 60, last });

  test.each([
    ["29 minutes after one a minute", 29 * minute, false],
    ["30 minutes", 30 * minute, false],
    ["31 minutes", 31 * minute, true],
  ] as const)("%s", (_, ms, fires) => {
    const result = watch(emptyWatch(), [...steady, after(ms)]);
    expect(ids(result).includes("DQ-01")).toBe(fires);
    expect(result.holding.has("DQ-01|erp")).toBe(fires);
  });

  test("a night is no silence, the next morning is", () => {
    const known = emptyWatch();
    const evening = regular(morning + 8 * hour, minute, 60);
    const end = morning + 8 * hour + 59 * minute;
    const quiet = { events: 60, last: end };
    const night = watch(known, [
      ...evening,
      { at: morning + 23 * hour, ...quiet },
    ]);
    expect(ids(night)).toEqual([]);
    const next = watch(known, [{ at: morning + day + 35 * minute, ...quiet }]);
    expect(ids(next)).toEqual(["DQ-01"]);
  });

  describe("a source's own day", () => {
    /** Every two minutes from nine until `toHour`, on business days. */
    const days = (n: number, toHour: number): Step[] => {
      let events = 0;
      return Array.from({ length: n }, (_, d) =>
        regular(morning + d * day, 2 * minute, (toHour - 9) * 30).map(
          (step) => ({ ...step, events: (events += 1) }),
        ),
      ).flat();
    };
    const after = (steps: readonly Step[], ms: number): Step => {
      const { events = 0, last = 0 } = steps.at(-1) ?? {};
      return { at: last + ms, events, last };
    };

    test("that stops at 16 is not silent at 17, once three days are over", () => {
      for (const [n, fires] of [
        [2, true],
        [5, false],
      ] as const) {
        const steps = days(n, 16);
        const known = emptyWatch();
        const result = watch(known, [...steps, after(steps, 70 * minute)]);
        expect([n, ids(result)]).toEqual([n, fires ? ["DQ-01"] : []]);
      }
    });

    test("that stops earlier than it does is silent", () => {
      const steps = days(4, 16);
      const fifth = days(5, 14);
      const all = [...steps, ...fifth.slice(-150)].map((step, i) => ({
        ...{ ...step, events: i + 1 },
      }));
      const result = watch(emptyWatch(), [...all, after(all, 45 * minute)]);
      expect(ids(result)).toEqual(["DQ-01"]);
    });

    test("a habit stored before days were kept is gone on with", () => {
      const steps = days(2, 16);
      const known = emptyWatch();
      watch(known, steps);
      const erp = known.sources["erp"];
      if (!erp) throw new Error("no habit");
      const { days: followed, firstSum, lastSum, ...rest } = erp;
      const { day: at, first, lastHeard, ...stored } = rest;
      expect([followed, firstSum, lastSum]).toEqual([
        1,
        // The first record of all makes the source known.
        9 * hour + 2 * minute,
        16 * hour - 2 * minute,
      ]);
      expect([at, first, lastHeard]).toEqual([
        startDay + 1,
        9 * hour,
        16 * hour - 2 * minute,
      ]);
      const old = {
        ...emptyWatch(),
        sources: { erp: stored },
      } as unknown as SourceWatch;
      const next = steps.map((step) => ({
        ...step,
        ...{ at: step.at + 2 * day, last: step.last + 2 * day },
        events: step.events + 420,
      }));
      const result = watch(old, [...next, after(next, 45 * minute)]);
      expect(ids(result)).toEqual(["DQ-01"]);
    });
  });

  test("four times the usual gap, where that is longer than 30 minutes", () => {
    const hourly = [0, 1, 2, 3].flatMap((d) =>
      regular(morning + d * day, hour, 9).map((step, i) => ({
        ...step,
        events: d * 9 + i + 1,
      })),
    );
    const end = morning + 3 * day + 8 * hour;
    const quiet = (ms: number): Step => ({
      at: end + ms,
      events: 36,
      last: end,
    });
    expect(ids(watch(emptyWatch(), [...hourly, quiet(17 * hour)]))).toEqual([]);
    // The next day: its evening is over, then four hours and more.
    expect(ids(watch(emptyWatch(), [...hourly, quiet(21 * hour)]))).toEqual([
      "DQ-01",
    ]);
  });

  test("a nightly batch of many records is a source of one a day", () => {
    const batches = Array.from({ length: 12 }, (_, d) =>
      regular(morning + d * day, minute, 3).map((step, i) => ({
        ...step,
        events: d * 3 + i + 1,
      })),
    ).flat();
    const end = morning + 11 * day + 2 * minute;
    const noon = { at: end + 4 * hour, events: 36, last: end };
    expect(ids(watch(emptyWatch(), [...batches, noon]))).toEqual([]);
  });

  test("too few gaps say nothing of a habit; a source of long ago has ended", () => {
    const few = [
      ...regular(morning, minute, 10),
      { at: morning + 5 * hour, events: 10, last: morning + 9 * minute },
    ];
    expect(ids(watch(emptyWatch(), few))).toEqual([]);
    const gone = [...steady, after(31 * day)];
    expect(ids(watch(emptyWatch(), gone))).toEqual([]);
  });
});

describe("DQ-02 late or out of order", () => {
  const hourOf = (over: Partial<Step>): string[] => {
    const known = emptyWatch();
    return ids(
      watch(known, [
        { at: morning, events: 0, last: morning },
        { at: morning + 30 * minute, events: 1000, last: morning, ...over },
      ]),
    );
  };
  test.each([
    ["1 % of a thousand", { late: 10 }, []],
    ["more than 1 %", { late: 11 }, ["DQ-02"]],
    ["many of few", { events: 99, late: 50 }, []],
    ["one by more than a day", { veryLate: 1 }, ["DQ-02"]],
  ] as const)("%s", (_, over, wanted) => {
    expect(hourOf(over)).toEqual(wanted);
  });
  test("what was late an hour ago no longer counts", () => {
    const known = emptyWatch();
    const late = { events: 1000, late: 500, last: morning };
    watch(known, [
      { at: morning, events: 0, last: morning },
      { at: morning + minute, ...late },
    ]);
    const at = (m: number): Step => {
      const now = morning + m * minute;
      return { at: now, ...late, last: now };
    };
    expect(ids(watch(known, [at(6), at(30)]))).toContain("DQ-02");
    expect(ids(watch(known, [at(67)]))).not.toContain("DQ-02");
  });
});

describe("DQ-03 rejected events", () => {
  const window = (events: number, dead: number): string[] =>
    ids(
      watch(emptyWatch(), [
        { at: morning, events: 0, last: morning },
        { at: morning + 9 * minute, events, last: morning + 9 * minute, dead },
      ]),
    );
  test.each([
    ["19 of many", 100_000, 19, []],
    ["20 of many", 100_000, 20, ["DQ-03"]],
    ["5 of 4,995: 0.1 %", 4995, 5, []],
    ["5 of fewer", 4994, 5, ["DQ-03"]],
    ["4 of few", 10, 4, []],
  ] as const)("%s", (_, events, dead, wanted) => {
    expect(window(events, dead)).toEqual(wanted);
  });

  test("an item without a rate waits, and says so until the rate comes", () => {
    const world = createWorld();
    world.fold([
      invoice("I-1", 1000_00, startDay, startDay + 30, start, {
        currency: "USD",
      }),
    ]);
    const rate = of(world, "Alert").filter((alert) => alert.ref === "RATE");
    expect(rate).toMatchObject([{ ruleId: "DQ-03", state: "open" }]);
    const value = {
      version: 1,
      effectiveAt: 0,
      asOf: start,
      base: "CNY",
      rates: { USD: "0.14" },
    };
    world.control({ name: "Fx", value });
    world.tick(start + minute);
    const now = of(world, "Alert").filter((alert) => alert.ref === "RATE");
    expect(now.at(-1)?.state).toBe("resolved");
  });
});

describe("counts of sources", () => {
  test("behind the customer's newest event is late, far behind very late", () => {
    const counts: SourceCounts = {};
    const count = (behind: number): void => {
      countSource(counts, "erp", start, behind, rules.rules);
    };
    [-hour, 0, 5 * minute, 5 * minute + 1, 24 * hour, 24 * hour + 1].forEach(
      count,
    );
    expect(counts["erp"]).toMatchObject({ events: 6, late: 3, veryLate: 1 });
  });

  test("more sources than are counted by name are counted together", () => {
    const counts: SourceCounts = {};
    for (let i = 0; i < sourcesMax + 5; i += 1) {
      countSource(counts, `s-${String(i)}`, start, 0, rules.rules);
    }
    expect(Object.keys(counts)).toHaveLength(sourcesMax + 1);
    expect(counts["#other"]?.events).toBe(5);
  });

  test("partitions add up", () => {
    const [a, b]: [SourceCounts, SourceCounts] = [{}, {}];
    countSource(a, "erp", 5, 0, rules.rules);
    countSource(b, "erp", 9, 2 * day, rules.rules);
    countSource(b, "crm", 7, 0, rules.rules);
    expect(sumSources([a, b])).toEqual([
      { source: "crm", events: 1, late: 0, veryLate: 0, last: 7 },
      { source: "erp", events: 2, late: 1, veryLate: 1, last: 9 },
    ]);
  });
});

describe("the fold", () => {
  const report = (seq: number, dead: number) =>
    portfolioRecord({ seq, id: `p${String(seq)}`, deadLetters: dead });

  test("a portfolio record raises, keeps and ends the alerts of #portfolio", () => {
    const world = createWorld();
    world.fold([order("S-1", 100, start)]);
    world.control(report(1, 0));
    world.control(report(2, 30));
    const of30 = (): object[] =>
      of(world, "Alert").filter((alert) => alert.customerId === "#portfolio");
    expect(of30()).toMatchObject([
      { ruleId: "DQ-03", severity: "medium", state: "open", announce: true },
    ]);
    const { alertId } = world.state("#portfolio").alerts[0] ?? { alertId: "" };
    world.action(
      {
        target: "alert",
        targetId: alertId,
        action: "acknowledge",
        customerId: "#portfolio",
      },
      start + minute,
    );
    expect(world.state("#portfolio").alerts[0]?.state).toBe("acknowledged");
    expect(world.state("#portfolio").score).toBe(0);
    // The same record again says nothing.
    const before = world.outputs.length;
    world.control(report(2, 99));
    expect(world.outputs).toHaveLength(before);
    world.tick(start + 12 * minute);
    world.control(report(3, 30));
    expect(of30().at(-1)).toMatchObject({ state: "resolved" });
  });
});
