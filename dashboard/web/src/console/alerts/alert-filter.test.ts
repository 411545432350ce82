import { describe, expect, it } from "vitest";
import {
  facetCounts,
  fits,
  toggled,
  type AlertFilter,
} from "./alert-filter.ts";
import { alertOf } from "./alert-view.test-support.ts";

const all: AlertFilter = {
  ...{ state: "", severity: "", rule: "", class: "", owner: "" },
  ...{ customer: "", from: "", to: "" },
};

describe("the filter of alerts", () => {
  it.each<[Partial<AlertFilter>, boolean]>([
    [{}, true],
    [{ state: "open,snoozed" }, true],
    [{ state: "resolved" }, false],
    [{ severity: "high,critical" }, true],
    [{ rule: "EXP-02" }, false],
    [{ class: "C" }, true],
    [{ owner: "-" }, true],
    [{ customer: "C-1" }, true],
    [{ customer: "C-10" }, false],
    [{ owner: "wang" }, false],
    [{ from: "2026-11-23T08:00:00Z" }, true],
    [{ from: "2026-11-23T16:00:01+08:00" }, false],
    [{ to: "2026-11-23T08:00:00Z" }, false],
  ])("%j lists it: %s", (over, expected) => {
    expect(fits(alertOf({}), { ...all, ...over })).toBe(expected);
  });

  it("adds and takes out values of a list", () => {
    expect(toggled("", "b")).toBe("b");
    expect(toggled("b", "a")).toBe("a,b");
    expect(toggled("a,b", "a")).toBe("b");
  });

  it("counts a facet under the other conditions, not under its own", () => {
    const alerts = [
      alertOf({ severity: "high", ruleId: "ORD-01" }),
      alertOf({ severity: "low", ruleId: "ORD-01" }),
      alertOf({ severity: "low", ruleId: "EXP-02", assignee: "wang" }),
    ];
    const filter = { ...all, severity: "high", rule: "ORD-01" };
    expect(facetCounts(alerts, filter, "severity")).toEqual(
      new Map([
        ["high", 1],
        ["low", 1],
      ]),
    );
    expect(facetCounts(alerts, filter, "rule")).toEqual(
      new Map([["ORD-01", 1]]),
    );
    expect(facetCounts(alerts, all, "owner")).toEqual(
      new Map([
        ["-", 2],
        ["wang", 1],
      ]),
    );
  });
});
