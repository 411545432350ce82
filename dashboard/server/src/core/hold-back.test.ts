import { describe, expect, it } from "vitest";
import { createFeed } from "./feed.ts";
import {
  catchUp,
  createHoldBack,
  holdBytes,
  pressureBytes,
  pressureMs,
} from "./hold-back.ts";

const sent = new Map([
  ["portfolio", 1],
  ["alerts", 1],
  ["orders", 1],
]);

describe("a client that reads too slowly", () => {
  it("is held once, at the bound, and let go when it has taken all", () => {
    const hold = createHoldBack();
    expect(hold.taken()).toBeNull();
    expect(hold.waits(holdBytes - 1, sent)).toBe(false);
    expect(hold.waits(1, sent)).toBe(true);
    expect(hold.waits(1, sent)).toBe(false);
    expect(hold.unsent()).toBe(holdBytes + 1);
    expect(hold.taken()).toEqual(sent);
    expect(hold.unsent()).toBe(0);
    expect(hold.waits(holdBytes, sent)).toBe(true);
  });

  it("is lost after ten seconds above the bound, in one piece", () => {
    const hold = createHoldBack();
    hold.waits(pressureBytes, sent);
    expect(hold.isLost(0)).toBe(false);
    expect(hold.isLost(pressureMs - 1)).toBe(false);
    expect(hold.isLost(pressureMs)).toBe(true);
    hold.taken();
    expect(hold.isLost(pressureMs + 1)).toBe(false);
    hold.waits(pressureBytes, sent);
    expect(hold.isLost(pressureMs + 2)).toBe(false);
  });

  it("gets the changes of the meantime, each topic in one delta", () => {
    const feed = createFeed("e1");
    const put = (topic: "portfolio" | "alerts" | "orders", value: number) =>
      feed.commit(topic, undefined, [{ op: "set", key: "k", value }], {
        emitTime: value,
      });
    for (let i = 1; i <= 4; i += 1) {
      put("portfolio", i);
      put("alerts", i);
    }
    put("orders", 1);
    const rooms = ["own-id", "portfolio", "alerts", "orders", "scores"];
    const deltas = catchUp(rooms, sent, (room, seq) =>
      room === "portfolio" || room === "alerts" || room === "orders"
        ? feed.merged(room, undefined, seq)
        : null,
    );
    expect(
      deltas.map(({ topic, prevSeq, seq }) => [topic, prevSeq, seq]),
    ).toEqual([["portfolio", 1, 4]]);
    expect(deltas[0]?.ops).toEqual([{ op: "set", key: "k", value: 4 }]);
  });
});
