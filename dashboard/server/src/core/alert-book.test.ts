import { describe, expect, it } from "vitest";
import {
  closedMax,
  closedWindowMs,
  createAlertBook,
  isOpen,
} from "./alert-book.ts";
import { alertView } from "./core-view.test-support.ts";

const now = Date.parse("2026-11-20T09:00:00Z");
const iso = (ms: number): string => new Date(ms).toISOString();

describe("the alert book", () => {
  it("lets the newest version win, whatever order versions come in", () => {
    const book = createAlertBook();
    book.apply(alertView({ version: 3, state: "acknowledged" }), now);
    expect(book.apply(alertView({ version: 2 }), now)).toEqual([]);
    expect(book.apply(alertView({ version: 3 }), now)).toEqual([]);
    expect(book.get("a1")?.state).toBe("acknowledged");
  });

  it("answers one op for a new version", () => {
    const alert = alertView();
    expect(createAlertBook().apply(alert, now)).toEqual([
      { op: "set", key: "a1", value: alert },
    ]);
  });

  it.each([
    ["open", true],
    ["acknowledged", true],
    ["snoozed", true],
    ["confirmed", false],
    ["dismissed", false],
    ["resolved", false],
    ["withdrawn", false],
  ] as const)("holds %s for open: %s", (state, open) => {
    expect(isOpen(alertView({ state }))).toBe(open);
  });

  it("keeps ended alerts for a day", () => {
    const book = createAlertBook();
    const updatedAt = iso(now);
    book.apply(alertView({ state: "resolved", updatedAt }), now);
    expect(book.prune(now + closedWindowMs)).toEqual([]);
    expect(book.prune(now + closedWindowMs + 1)).toEqual([
      { op: "del", key: "a1" },
    ]);
    expect(book.list()).toEqual([]);
  });

  it("keeps a bounded number of ended ones; the oldest leave", () => {
    const book = createAlertBook();
    const ended = (i: number): ReturnType<typeof book.apply> =>
      book.apply(
        alertView({
          alertId: `a${String(i)}`,
          state: "dismissed",
          updatedAt: iso(now + i),
        }),
        now,
      );
    for (let i = 0; i < closedMax; i += 1) ended(i);
    const ops = ended(closedMax);
    expect(ops.at(-1)).toEqual({ op: "del", key: "a0" });
    expect(book.list()).toHaveLength(closedMax);
  });

  it("never drops open alerts by age", () => {
    const book = createAlertBook();
    book.apply(alertView(), now);
    expect(book.prune(now + 100 * closedWindowMs)).toEqual([]);
  });

  it("lists the newest opening first, then by id", () => {
    const book = createAlertBook();
    book.apply(alertView({ alertId: "a", openedAt: iso(1) }), now);
    book.apply(alertView({ alertId: "b", openedAt: iso(2) }), now);
    book.apply(alertView({ alertId: "c", openedAt: iso(2) }), now);
    expect(book.list().map((alert) => alert.alertId)).toEqual(["c", "b", "a"]);
  });

  it("drops on request once", () => {
    const book = createAlertBook();
    book.apply(alertView(), now);
    expect(book.drop("a1")).toEqual([{ op: "del", key: "a1" }]);
    expect(book.drop("a1")).toEqual([]);
  });
});
