import { describe, expect, test, vi } from "vitest";
import { parseBenchOptions } from "./bench-options.ts";
import { ratioOf, roundsOf, verdictOf, type Figure } from "./figure.ts";
import { createLatencies, percentileFigure } from "./latencies.ts";
import { numberText, resultsJson, resultsText } from "./report.ts";

const names = ["throughput", "alert", "memory"];
const figure: Figure = {
  ...{ name: "appended", value: 12_000, unit: "ev/s" },
  target: { atLeast: 15_000 },
  limit: { what: "records/s, reading", value: 480_000 },
  note: "10 customers",
};

describe("arguments", () => {
  test("none: everything, the short form, the usual file", () => {
    const expected = { full: false, only: names, out: null };
    expect(parseBenchOptions([], names)).toEqual(expected);
  });

  test.each([
    { args: ["--only", "memory,alert"] },
    { args: ["--only", "memory", "--only", "alert"] },
    { args: ["--only", "alert, memory"] },
  ])("$args chooses two, in the order of the list", ({ args }) => {
    expect(parseBenchOptions(args, names).only).toEqual(["alert", "memory"]);
  });

  test("the long form and a file", () => {
    const given = parseBenchOptions(["--full", "--out", "a.json"], names);
    expect(given).toMatchObject({ full: true, out: "a.json" });
  });

  test("an unknown name is refused", () => {
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(() => parseBenchOptions(["--only", "speed"], names)).toThrow(
      "unknown: speed",
    );
    said.mockRestore();
  });
});

describe("figures", () => {
  test.each([
    { value: 15_000, target: { atLeast: 15_000 }, verdict: "reached" },
    { value: 14_999, target: { atLeast: 15_000 }, verdict: "missed" },
    { value: 20, target: { atMost: 20 }, verdict: "reached" },
    { value: 20.1, target: { atMost: 20 }, verdict: "missed" },
  ])("$value against $target is $verdict", ({ value, target, verdict }) => {
    expect(verdictOf({ ...figure, value, target })).toBe(verdict);
  });

  test("without a target there is no verdict, without a limit no ratio", () => {
    const bare: Figure = { name: "memory", value: 3, unit: "MiB" };
    expect(verdictOf(bare)).toBeNull();
    expect(ratioOf(bare)).toBeNull();
    expect(ratioOf(figure)).toBe(0.025);
  });

  test.each([
    { rounds: [3, 1, 2], value: 2, range: [1, 3] },
    { rounds: [4, 1, 2, 3], value: 2.5, range: [1, 4] },
    { rounds: [7], value: 7, range: [7, 7] },
  ])("rounds $rounds have the median $value", ({ rounds, value, range }) => {
    const samples = rounds.length;
    expect(roundsOf(rounds)).toEqual({ value, range, samples });
  });

  test("percentiles of 1 to 1000 ms, within a thousandth", () => {
    const times = createLatencies();
    for (let ms = 1; ms <= 1000; ms += 1) times.add(ms);
    const p99 = percentileFigure("answer", 99, times, {
      limit: { what: "itself", times },
    });
    expect(p99.value).toBeGreaterThan(989);
    expect(p99.value).toBeLessThan(992);
    expect(p99).toMatchObject({ name: "answer, p99", samples: 1000 });
    expect(ratioOf(p99)).toBe(1);
  });
});

describe("report", () => {
  const result = {
    ...{ benchmark: "throughput", seconds: 9.87, othersCpu: 0.5 },
    figures: [figure],
    failure: null,
  };

  test("the table has value, target, verdict, limit and ratio", () => {
    const lines = resultsText([result]).split("\n");
    const row = lines.find((line) => line.startsWith("appended"));
    expect(row?.split(/ {2,}/).slice(0, 6)).toEqual([
      ...["appended", "12,000 ev/s", "≥ 15,000", "missed"],
      ...["480,000 records/s, reading", "0.025 ×"],
    ]);
    expect(lines).toContain("  appended: 10 customers");
  });

  test("a failed measurement is told", () => {
    const failed = { ...result, figures: [], failure: "no broker" };
    expect(resultsText([failed])).toContain("FAILED: no broker");
  });

  test("the file has verdict and ratio beside the figure", () => {
    const parsed: unknown = JSON.parse(resultsJson({ full: true }, [result]));
    expect(parsed).toMatchObject({
      full: true,
      results: [{ figures: [{ verdict: "missed", ratio: 0.025 }] }],
    });
  });

  test.each([
    [1234.6, "1,235"],
    [99.94, "99.9"],
    [0.012345, "0.0123"],
    [0, "0"],
  ])("%d is written %s", (value, text) => {
    expect(numberText(value)).toBe(text);
  });
});
