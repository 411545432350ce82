import { describe, expect, it } from "vitest";
import { createLatencyWindow } from "./latency.ts";
import { createOpenings, openingsMax } from "./openings.ts";
import { createPositions } from "./positions.ts";
import { bucketMs, bucketsMax, createPulse } from "./pulse.ts";
import { createRecent } from "./recent.ts";
import { createTokenBucket } from "./token-bucket.ts";
import { parseInstant } from "./zone.ts";

describe("the pulse", () => {
  it("closes buckets without holes", () => {
    const pulse = createPulse();
    pulse.add(1000, { events: 2, orderAmount: 150 });
    pulse.add(4000, { events: 1 });
    pulse.add(2 * bucketMs, { alerts: 1 });
    const none = { events: 0, orderAmount: "0.00", alerts: 0 };
    expect(pulse.points(3 * bucketMs + 1, "CNY")).toEqual([
      { at: 0, events: 3, orderAmount: "1.50", alerts: 0 },
      { at: bucketMs, ...none },
      { at: 2 * bucketMs, ...none, alerts: 1 },
    ]);
  });

  it("does not show the bucket that is still open", () => {
    const pulse = createPulse();
    pulse.add(10, { events: 1 });
    expect(pulse.points(bucketMs - 1, "CNY")).toEqual([]);
  });

  it("keeps half an hour", () => {
    const pulse = createPulse();
    pulse.add(0, { events: 1 });
    const now = (bucketsMax + 5) * bucketMs;
    pulse.add(now - bucketMs, { events: 1 });
    expect(pulse.points(now, "CNY")).toHaveLength(1);
  });
});

describe("positions", () => {
  it("let each through once, in order of offset and ordinal", () => {
    const positions = createPositions();
    const take = (offset: number, n: number, partition = 0): boolean =>
      positions.advance("t", partition, { offset, n });
    expect(take(5, 0)).toBe(true);
    expect(take(5, 0)).toBe(false);
    expect(take(5, 1)).toBe(true);
    expect(take(4, 9)).toBe(false);
    expect(take(6, 0)).toBe(true);
    expect(take(1, 0, 1)).toBe(true);
  });
});

describe("recent rows", () => {
  const recent = () =>
    createRecent<{ id: string; at: number }>({
      max: 2,
      key: (item) => item.id,
      at: (item) => item.at,
      row: (item) => item.at,
    });

  it("keep the latest and take the oldest away", () => {
    const list = recent();
    list.add([
      { id: "a", at: 1 },
      { id: "b", at: 2 },
    ]);
    expect(list.add([{ id: "c", at: 3 }])).toEqual([
      { op: "del", key: "a" },
      { op: "set", key: "c", value: 3 },
    ]);
    expect(list.list().map((item) => item.id)).toEqual(["c", "b"]);
  });

  it("ignore what is older than all of them", () => {
    const list = recent();
    list.add([
      { id: "b", at: 2 },
      { id: "c", at: 3 },
    ]);
    expect(list.add([{ id: "a", at: 1 }])).toEqual([]);
    expect(list.add([])).toEqual([]);
    expect(list.find((item) => item.id === "a")).toBeUndefined();
  });
});

describe("openings of a day", () => {
  it("count each alert once and forget the day before", () => {
    const openings = createOpenings();
    openings.add("a", 1000);
    openings.add("a", 1000);
    openings.add("b", 2000);
    expect(openings.count(86_400_000 + 1000)).toBe(2);
    expect(openings.count(86_400_000 + 1001)).toBe(1);
  });

  it("are bounded", () => {
    const openings = createOpenings();
    for (let i = 0; i <= openingsMax; i += 1) openings.add(String(i), 1);
    expect(openings.count(1)).toBe(openingsMax);
  });
});

describe("event to pixel", () => {
  it("has no percentile without samples, and forgets old ones", () => {
    const latency = createLatencyWindow();
    expect(latency.p95(0)).toBeNull();
    for (let i = 1; i <= 100; i += 1) latency.add(0, i);
    expect(latency.p95(1)).toBe(95);
    expect(latency.p95(300_001)).toBeNull();
  });
});

describe("a token bucket", () => {
  it("gives the burst, then the rate", () => {
    const bucket = createTokenBucket(2, 1);
    const taken = [0, 0, 0, 1000, 1000].map((at) => bucket.take(at));
    expect(taken).toEqual([true, true, false, true, false]);
  });
});

describe("instants", () => {
  it.each([
    ["2026-11-20T08:30:00+08:00", "2026-11-20T00:30:00.000Z"],
    ["2026-11-20T00:30:00Z", "2026-11-20T00:30:00.000Z"],
    ["2026-11-20", "2026-11-19T16:00:00.000Z"],
  ])("%s is %s", (text, instant) => {
    expect(new Date(parseInstant(text) ?? 0).toISOString()).toBe(instant);
  });

  it.each(["", "yesterday", "2026-13-40", "20261120", "1795000000000"])(
    "%s is none",
    (text) => {
      expect(parseInstant(text)).toBeNull();
    },
  );
});
