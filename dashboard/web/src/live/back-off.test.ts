import { describe, expect, it } from "vitest";
import { backOffMs, retryMaxMs } from "./back-off.ts";
import { createClockSkew, skewSamplesMax } from "./clock-skew.ts";

describe("back-off", () => {
  it.each([
    [0, 500],
    [1, 1000],
    [4, 8000],
    [5, retryMaxMs],
    [1000, retryMaxMs],
  ])("attempt %i waits up to %i ms", (attempt, most) => {
    expect(backOffMs(attempt, 0)).toBe(0);
    expect(backOffMs(attempt, 0.5)).toBe(most / 2);
  });
});

describe("clock skew", () => {
  it("believes the least delayed heartbeat", () => {
    const skew = createClockSkew();
    expect(skew.ms()).toBe(0);
    skew.sample(10_000, 4000);
    skew.sample(11_000, 5300);
    expect(skew.ms()).toBe(6000);
  });

  it("forgets after a minute of heartbeats", () => {
    const skew = createClockSkew();
    skew.sample(10_000, 0);
    for (let i = 0; i < skewSamplesMax; i += 1) skew.sample(1000, 1000);
    expect(skew.ms()).toBe(0);
  });
});
