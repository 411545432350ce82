import { describe, expect, it } from "vitest";
import { burstSeconds, createMeter } from "./token-bucket.ts";

describe("token bucket", () => {
  it("lets a burst through, then asks to wait, then refills", () => {
    const meter = createMeter(100);
    expect(meter.take("a", 100 * burstSeconds, 0)).toEqual({
      waitSeconds: 0,
      remaining: 0,
      limit: 1000,
    });
    expect(meter.take("a", 1, 0).waitSeconds).toBe(1);
    expect(meter.take("a", 1, 1000).waitSeconds).toBe(0);
  });

  it("makes a batch beyond the bucket wait the longer afterwards", () => {
    const meter = createMeter(1);
    expect(meter.take("a", 60, 0).waitSeconds).toBe(0);
    expect(meter.take("a", 1, 0).waitSeconds).toBe(51);
  });

  it("keeps keys apart", () => {
    const meter = createMeter(1);
    meter.take("a", 1000, 0);
    expect(meter.take("b", 1, 0).waitSeconds).toBe(0);
  });

  it("gives nothing for a clock that goes back", () => {
    const meter = createMeter(1);
    meter.take("a", 10, 5000);
    expect(meter.take("a", 1, 0).waitSeconds).toBe(1);
  });
});
