import { describe, expect, it } from "vitest";
import {
  progress,
  show,
  startRotation,
  step,
  takeoverEveryMs,
  takeoverMs,
  type RotationInput,
} from "./rotation.ts";
import { oneView, viewAfter, viewOf, wallViews } from "./views.ts";

const everyMs = 30_000;
const at = (now: number, over: Partial<RotationInput> = {}): RotationInput => ({
  ...{ now, everyMs, paused: false, criticals: [], views: wallViews },
  ...over,
});

describe("views", () => {
  it("go round in both directions, and unknown ones are the first", () => {
    expect(viewAfter("pipeline", 1, wallViews)).toBe("overview");
    expect(viewAfter("overview", -1, wallViews)).toBe("pipeline");
    expect(viewAfter("overview", 1, oneView)).toBe("overview");
    expect([viewOf("orders"), viewOf("nothing"), viewOf(undefined)]).toEqual([
      "orders",
      "overview",
      "overview",
    ]);
  });
});

describe("rotation", () => {
  it("shows each view for its time, in order", () => {
    let rotation = startRotation("overview", 0, []);
    const seen: string[] = [];
    for (let now = 0; now < 5 * everyMs; now += 1000) {
      rotation = step(rotation, at(now));
      if (seen.at(-1) !== rotation.view) seen.push(rotation.view);
    }
    expect(seen).toEqual([...wallViews, "overview"]);
  });

  it("stays while paused, and gives the view its whole time afterwards", () => {
    let rotation = startRotation("overview", 0, []);
    rotation = step(rotation, at(29_000, { paused: true }));
    rotation = step(rotation, at(58_000));
    expect(rotation.view).toBe("overview");
    expect(progress(rotation, at(44_000))).toBe(0.5);
    expect(step(rotation, at(59_000)).view).toBe("collections");
  });

  it("stays for ever when it is off, a critical alert or not", () => {
    const rotation = startRotation("orders", 0, []);
    const off = { everyMs: 0, criticals: ["a"] };
    expect(step(rotation, at(1e9, off)).view).toBe("orders");
    expect(progress(rotation, at(1e9, off))).toBe(0);
  });

  it("gives way to a critical alert, then goes back", () => {
    const before = startRotation("orders", 0, ["old"]);
    const known = step(before, at(1000, { criticals: ["old"] }));
    expect(known.takeover).toBeNull();
    const criticals = ["new", "old"];
    const taken = step(known, at(2000, { criticals, paused: true }));
    expect([taken.view, taken.takeover?.alertId]).toEqual(["overview", "new"]);
    expect(progress(taken, at(2000 + takeoverMs / 2))).toBe(0.5);
    const still = step(taken, at(2000 + takeoverMs - 1, { criticals }));
    expect(still.takeover).not.toBeNull();
    const back = step(still, at(2000 + takeoverMs, { criticals }));
    expect([back.view, back.takeover]).toEqual(["orders", null]);
  });

  it("goes back at once when somebody took the alert", () => {
    const taken = step(
      startRotation("orders", 0, []),
      at(1, { criticals: ["a"] }),
    );
    expect(step(taken, at(2)).view).toBe("orders");
  });

  it("is taken over at most once in two minutes", () => {
    const first = step(
      startRotation("orders", 0, []),
      at(1, { criticals: ["a"] }),
    );
    const back = step(first, at(1 + takeoverMs, { criticals: ["a"] }));
    const soon = step(back, at(40_000, { criticals: ["b", "a"] }));
    expect(soon.takeover).toBeNull();
    const later = at(1 + takeoverEveryMs, { criticals: ["c", "b", "a"] });
    expect(step(soon, later).takeover?.alertId).toBe("c");
  });

  it("obeys a person", () => {
    const taken = step(
      startRotation("orders", 0, []),
      at(1, { criticals: ["a"] }),
    );
    expect(show(taken, "pipeline", 5)).toMatchObject({
      ...{ view: "pipeline", since: 5, takeover: null },
    });
  });
});
