import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createWatermark, samplesMax, type Sample } from "./watermark.ts";

const sample = (at: number, over: Partial<Sample> = {}): Sample => ({
  at,
  ends: [10],
  next: [10],
  outputEnds: [4],
  consumed: [4],
  ...over,
});

describe("the watermark", () => {
  it("is the time of the sample while nothing is unread", () => {
    const tracker = createWatermark(0);
    expect(tracker.sample(sample(1000))).toBe(1000);
    expect(tracker.sample(sample(2000))).toBe(2000);
  });

  it("stands still while the processor does", () => {
    const tracker = createWatermark(0);
    tracker.sample(sample(1000));
    const stuck = { ends: [20], next: [10] };
    expect(tracker.sample(sample(2000, stuck))).toBe(1000);
    expect(tracker.sample(sample(3000, stuck))).toBe(1000);
  });

  it("follows a processor that is always a little behind", () => {
    const tracker = createWatermark(0);
    tracker.sample(sample(1000, { ends: [10], next: [8] }));
    tracker.sample(sample(2000, { ends: [20], next: [18] }));
    expect(tracker.sample(sample(3000, { ends: [30], next: [28] }))).toBe(2000);
  });

  it("waits for this server's own reading of the outputs", () => {
    const tracker = createWatermark(0);
    tracker.sample(sample(1000));
    const behind = { ends: [11], next: [11], outputEnds: [5], consumed: [4] };
    expect(tracker.sample(sample(2000, behind))).toBe(1000);
    const read = { ends: [11], next: [11], outputEnds: [5], consumed: [5] };
    expect(tracker.sample(sample(3000, read))).toBe(3000);
  });

  it("starts at what is known when the first samples show a backlog", () => {
    const tracker = createWatermark(500);
    expect(tracker.sample(sample(1000, { next: [3] }))).toBe(500);
  });

  it("never goes back and forgets old samples", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(3), fc.nat(3)), {
          maxLength: samplesMax + 20,
        }),
        (moves) => {
          const tracker = createWatermark(0);
          let end = 0;
          let next = 0;
          let last = 0;
          for (const [i, [more, read]] of moves.entries()) {
            end += more;
            next = Math.min(end, next + read);
            const mark = tracker.sample(
              sample(i, { ends: [end], next: [next] }),
            );
            expect(mark).toBeGreaterThanOrEqual(last);
            if (next === end) expect(mark).toBe(i);
            last = mark;
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
