import { describe, expect, it } from "vitest";
import { alertView } from "./core-view.test-support.ts";
import { oncallReport } from "./oncall-report.ts";

const how = { offsetMs: 8 * 3_600_000, cut: false };
const did = (action: string, actor: string, at: string) => ({
  ...{ action, actor, at: `2026-11-20T${at}Z`, note: "" },
});
/** 08:00 UTC is 16:00 in the reporting zone, 15:00 is 23:00. */
const opened = (time: string) => ({ openedAt: `2026-11-20T${time}Z` });

const alerts = [
  alertView({
    ...{ alertId: "1", ruleId: "ORD-01", ...opened("08:00:00") },
    actions: [
      did("acknowledge", "li", "08:01:00"),
      did("useful", "li", "09:00:00"),
    ],
  }),
  alertView({
    ...{ alertId: "2", ruleId: "ORD-01", ...opened("15:00:00") },
    actions: [
      did("assign", "han", "15:03:00"),
      did("useful", "han", "15:04:00"),
      did("useless", "li", "15:05:00"),
    ],
  }),
  alertView({
    ...{ alertId: "3", ruleId: "DQ-01", ...opened("22:59:59") },
    ...{ state: "confirmed", actions: [] },
  }),
  alertView({ alertId: "4", ruleId: "DQ-01", muted: true }),
  alertView({ alertId: "5", ruleId: "DQ-01", quiet: "fdr" }),
  alertView({ alertId: "6", ruleId: "DQ-01", parent: "1" }),
];

describe("the report of a month", () => {
  const report = oncallReport("2026-11", alerts, how);

  it("counts what people were told of, by hour, and the night's share", () => {
    expect(report.alerts).toBe(3);
    expect(report.byHour[16]).toBe(1);
    expect(report.byHour[23]).toBe(1);
    expect(report.byHour[6]).toBe(1);
    expect(report.nightShare).toBeCloseTo(2 / 3);
  });

  it("says who took how many, when, and how fast", () => {
    expect(report).toMatchObject({ taken: 2, ackMeanS: 120 });
    expect(report.people.map(({ byHour: _, ...person }) => person)).toEqual([
      { user: "han", taken: 1, atNight: 1, ackMeanS: 180 },
      { user: "li", taken: 1, atNight: 0, ackMeanS: 60 },
    ]);
  });

  it("says of which rule people thought what, by their last word", () => {
    expect(report.rules).toEqual([
      {
        ...{ ruleId: "ORD-01", raised: 2, useful: 1, useless: 1 },
        ...{ precision: 0.5, ackMeanS: 120 },
      },
      {
        ...{ ruleId: "DQ-01", raised: 1, useful: 1, useless: 0 },
        ...{ precision: 1, ackMeanS: null },
      },
    ]);
  });

  it("knows nothing of an empty month", () => {
    expect(oncallReport("2026-12", [], how)).toMatchObject({
      ...{ alerts: 0, nightShare: null, ackMeanS: null, people: [], rules: [] },
    });
  });
});
