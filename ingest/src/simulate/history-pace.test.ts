import { describe, expect, it } from "vitest";
import { createHistoryPace } from "./history-pace.ts";

function paceAt(): {
  pace: ReturnType<typeof createHistoryPace>;
  go: (ms: number) => void;
} {
  let now = 0;
  const pace = createHistoryPace(() => now);
  const go = (ms: number): void => {
    now += ms;
  };
  return { pace, go };
}

/** Ms that 1,000 events take at the pace's rate now. */
function thousandTakes(pace: ReturnType<typeof createHistoryPace>): number {
  const before = pace.pauseMs();
  pace.sent(1000);
  return pace.pauseMs() - before;
}

describe("the pace of history beside a live stream", () => {
  it("waits as long as what was sent takes, not longer", () => {
    const { pace, go } = paceAt();
    expect(pace.pauseMs()).toBe(0);
    pace.sent(3000);
    expect(pace.pauseMs()).toBe(2000);
    go(1500);
    expect(pace.pauseMs()).toBe(500);
    go(5000);
    expect(pace.pauseMs()).toBe(0);
  });

  it("grows while orders are answered at once", () => {
    const { pace, go } = paceAt();
    const first = thousandTakes(pace);
    for (let i = 0; i < 50; i += 1) {
      const answered = pace.asked();
      go(20);
      answered();
    }
    expect(thousandTakes(pace)).toBe(125);
    expect(first).toBeCloseTo(1000 / 1.5);
  });

  it("halves after a slow answer, and never stops for good", () => {
    const { pace, go } = paceAt();
    for (let i = 0; i < 20; i += 1) {
      const answered = pace.asked();
      go(5000);
      answered();
    }
    expect(thousandTakes(pace)).toBeCloseTo(1000 / 0.3);
  });

  it("sends nothing while an order waits, and goes on when it is answered", () => {
    const { pace, go } = paceAt();
    const answered = pace.asked();
    expect(pace.pauseMs()).toBe(0);
    go(1001);
    expect(pace.pauseMs()).toBe(100);
    answered();
    expect(pace.pauseMs()).toBe(0);
  });
});
