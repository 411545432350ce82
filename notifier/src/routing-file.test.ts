import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseRouting, parseSilence, type Routing } from "./routing-file.ts";

const shipped: unknown = parse(
  readFileSync(new URL("./default-routing.yaml", import.meta.url), "utf8"),
);

function routing(value: unknown): Routing {
  const parsed = parseRouting(value);
  if (typeof parsed === "string") throw new Error(parsed);
  return parsed;
}

const base = {
  route: { receiver: "a" },
  receivers: [{ name: "a", channels: ["c"] }],
};

describe("the shipped routing", () => {
  it("tells the critical at once, the low once a day", () => {
    const { root, intervals } = routing(shipped);
    const [critical, high, medium, low] = root.routes;
    expect(critical).toMatchObject({ groupWaitMs: 0, receiver: "duty" });
    expect(high).toMatchObject({ groupWaitMs: 30_000, digest: false });
    expect(medium).toMatchObject({ groupWaitMs: 900_000, digest: true });
    expect(low?.activeIntervals).toEqual(["morning"]);
    expect(intervals.get("morning")).toMatchObject([
      { times: [{ from: 540, to: 570 }], days: "working" },
    ]);
    expect(root.groupBy).toEqual(["customer_id", "rule_family"]);
  });

  it("knows the working days of this year and the next", () => {
    const { holidays, workdays } = routing(shipped);
    expect(holidays.has("2026-10-01")).toBe(true);
    expect(workdays.size).toBeGreaterThan(0);
  });
});

describe("a routing that is refused", () => {
  it.each([
    ["no receiver", { ...base, route: {} }, "receiver"],
    ["an unknown one", { ...base, route: { receiver: "b" } }, "b is not"],
    [
      "an unknown interval",
      { ...base, route: { receiver: "a", mute_time_intervals: ["x"] } },
      "x is not",
    ],
    [
      "a bad duration",
      { ...base, route: { receiver: "a", group_wait: "5 minutes" } },
      "duration",
    ],
    [
      "a bad matcher",
      { ...base, route: { receiver: "a", routes: [{ matchers: ["x"] }] } },
      "expected",
    ],
    [
      "a zone that is none",
      {
        ...base,
        time_intervals: [
          { name: "n", time_intervals: [{ location: "Mars/Olympus" }] },
        ],
      },
      "time zone",
    ],
    [
      "matchers at the root",
      { ...base, route: { receiver: "a", matchers: ["a=b"] } },
      "matches all",
    ],
  ])("%s", (_, value, why) => {
    expect(parseRouting(value)).toContain(why);
  });
});

it("keys routes by their matchers, and two of the same apart", () => {
  const matchers = ['severity="high"'];
  const { root } = routing({
    ...base,
    route: { receiver: "a", routes: [{ matchers }, { matchers }] },
  });
  expect(root.routes.map(({ key }) => key)).toEqual([
    '{}{severity="high"}',
    '{}{severity="high"}#2',
  ]);
});

it("takes a silence with a matcher, and none without", () => {
  const times = {
    startsAt: "2026-11-27T00:00:00+08:00",
    endsAt: "2026-11-28T00:00:00+08:00",
  };
  const matchers = ['customer_id="C-1"'];
  expect(parseSilence({ id: "s", matchers, ...times })).toMatchObject({
    id: "s",
    endsAt: Date.parse(times.endsAt),
  });
  expect(parseSilence({ id: "s", matchers: [], ...times })).toContain(
    "needs a matcher",
  );
});
