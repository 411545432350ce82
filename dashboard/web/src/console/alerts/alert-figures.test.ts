import { describe, expect, it } from "vitest";
import { alertFigures } from "./alert-figures.ts";
import { alertOf } from "./alert-view.test-support.ts";

const act = (minute: number, actor: string, action = "acknowledge") => ({
  ...{ actor, action, note: "" },
  at: new Date(Date.UTC(2026, 10, 23, 8, minute)).toISOString(),
});

describe("figures of the desk", () => {
  it("has none of what did not happen", () => {
    expect(alertFigures([])).toEqual({
      ...{ critical: 0, oldestAt: null, toAckMs: null, toEndMs: null },
      muted: 0,
    });
  });

  it("counts people, not the machine that clears a condition", () => {
    const figures = alertFigures([
      alertOf({ severity: "critical" }),
      alertOf({ state: "acknowledged", actions: [act(2, "wang")] }),
      alertOf({
        state: "resolved",
        actions: [act(4, "li"), act(10, "li", "resolve")],
      }),
      alertOf({
        state: "resolved",
        muted: true,
        actions: [act(1, "riskwall")],
      }),
    ]);
    expect(figures).toEqual({
      ...{ critical: 1, oldestAt: Date.UTC(2026, 10, 23, 8), muted: 1 },
      ...{ toAckMs: 3 * 60_000, toEndMs: 10 * 60_000 },
    });
  });
});
