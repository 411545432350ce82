import { describe, expect, it } from "vitest";
import {
  breakdowns,
  comparedRange,
  drillSql,
  isTrendMetric,
  trendMetrics,
  trendSql,
  trendSteps,
  unitOf,
  type TrendMetric,
} from "./trend-query.ts";

const range = { from: 1000, to: 2000 };
const base = {
  ...{ ...range, by: "none", step: "day", customer: "" },
  only: [],
} as const;
const names = trendMetrics.filter(isTrendMetric);

describe("trend queries", () => {
  it.each(names)("%s has a query for each of its break-downs", (metric) => {
    for (const by of ["none", ...breakdowns(metric)]) {
      for (const step of trendSteps) {
        expect(trendSql({ ...base, metric, by, step })).not.toBeNull();
      }
    }
  });

  it("knows no break-down that is not listed", () => {
    const asked = { ...base, metric: "events" as TrendMetric };
    expect(trendSql({ ...asked, by: "customer_id" })).toBeNull();
    expect(isTrendMetric("toString")).toBe(false);
  });

  it("never adds amounts of two currencies", () => {
    const built = trendSql({ ...base, metric: "orders_amount", by: "source" });
    expect(built?.sql).toContain(
      "toString(source) || ' ' || toString(currency)",
    );
    expect(unitOf("orders_amount")).toBe("money");
  });

  it("asks for one customer by parameter only", () => {
    const id = "x' OR 1";
    const built = trendSql({ ...base, metric: "events", customer: id });
    expect(built?.sql).toContain("customer_id = {customer:String}");
    expect(built?.sql).not.toContain(id);
    const whole = trendSql({ ...base, metric: "exposure", customer: id });
    expect(whole?.sql).not.toContain("customer_id");
  });

  it("narrows to named series, by parameter only", () => {
    const asked = { ...base, metric: "alerts", only: ["high"] } as const;
    const built = trendSql({ ...asked, by: "severity" });
    expect(built?.sql).toContain(
      "has({only:Array(String)}, toString(severity))",
    );
    expect(built?.params["only"]).toEqual(["high"]);
    // Without a break-down there is one series, which has no name to ask for.
    expect(trendSql(asked)?.sql).not.toContain("only");
  });

  it("names the customers behind a point, except behind whole totals", () => {
    const orders = drillSql({
      ...base,
      metric: "orders_amount",
      by: "currency",
    });
    expect(orders?.sql).toContain("GROUP BY customer_id ORDER BY sum(amount)");
    expect(drillSql({ ...base, metric: "exposure" })).toBeNull();
    expect(drillSql({ ...base, metric: "events", by: "x" })).toBeNull();
  });

  it("compares with the span before, or with the year before", () => {
    expect(comparedRange(range, "previous")).toEqual({ from: 0, to: 1000 });
    expect(comparedRange(range, "year").to).toBe(2000 - 365 * 86_400_000);
  });
});
