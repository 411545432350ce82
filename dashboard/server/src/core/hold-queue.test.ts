import type { OrderItem } from "@riskwall/schemas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { head } from "./core-view.test-support.ts";
import {
  createHoldQueue,
  holdPlace,
  holdSorts,
  type HeldOrder,
  type HoldPlace,
  type HoldQueue,
} from "./hold-queue.ts";

function order(id: string, over: Partial<OrderItem> = {}): OrderItem {
  return {
    ...{ id, placed: 1000, eventId: `e-${id}`, source: "erp" },
    ...{ amount: 100, currency: "CNY", base: 100, frozen: 0, open: 100 },
    ...{ due: null, version: 1, status: 1, changed: 0, recheck: 2000 },
    ...{ expires: 0, decision: null },
    ...over,
  };
}

function decided(codes: string[]): OrderItem["decision"] {
  return {
    ...{ outcome: "hold", codes, score: 600, class: "C", before: 0 },
    ...{ after: 0, limit: null, ruleset: 1, at: 1000 },
  };
}

const ids = (found: readonly HeldOrder[]): string[] =>
  found.map((held) => held.orderId);
const everything = {
  ...{ q: "", codes: [], sort: "-placed", after: null, limit: 100 },
} as const;

function filled(): HoldQueue {
  const queue = createHoldQueue();
  queue.put(head("C-1", { name: "恒远机电" }), [
    order("SO-1", { placed: 1, base: 500, decision: decided(["H01", "H03"]) }),
    order("SO-2", { placed: 3, base: 100, decision: decided(["H01"]) }),
  ]);
  queue.put(head("C-2", { name: "Northline" }), [
    order("SO-3", { placed: 2, base: 300, decision: decided(["H10"]) }),
  ]);
  return queue;
}

describe("the queue of held orders", () => {
  it.each([
    ["-placed", ["SO-2", "SO-3", "SO-1"]],
    ["placed", ["SO-1", "SO-3", "SO-2"]],
    ["-amount", ["SO-1", "SO-3", "SO-2"]],
    ["amount", ["SO-2", "SO-3", "SO-1"]],
  ] as const)("sorts by %s", (sort, expected) => {
    expect(ids(filled().query({ ...everything, sort }))).toEqual(expected);
  });

  it.each([
    ["恒远", [], ["SO-2", "SO-1"]],
    ["northLINE", [], ["SO-3"]],
    ["so-3", [], ["SO-3"]],
    ["", ["H03"], ["SO-1"]],
    ["", ["H03", "H10"], ["SO-3", "SO-1"]],
    ["c-1", ["H10"], []],
  ])("finds %s held for %j", (q, codes, expected) => {
    expect(ids(filled().query({ ...everything, q, codes }))).toEqual(expected);
  });

  it("sums what waits; an order counts for each of its codes", () => {
    expect(filled().sums()).toEqual({
      orders: 3,
      base: 900,
      byCode: { H01: 2, H03: 1, H10: 1 },
    });
  });

  it("follows a customer: replaced, emptied, removed", () => {
    const queue = filled();
    queue.put(head("C-1"), [order("SO-9")]);
    expect(queue.get("SO-1")).toBeUndefined();
    expect(queue.get("SO-9")?.customerId).toBe("C-1");
    queue.put(head("C-1"), []);
    queue.remove("C-2");
    expect(queue.query(everything)).toEqual([]);
  });

  it("pages without loss or repeat in every order", () => {
    const orders = fc.uniqueArray(
      fc.record({
        id: fc.string({ minLength: 1, maxLength: 4 }),
        placed: fc.nat(5),
        base: fc.nat(5),
      }),
      { selector: (item) => item.id, maxLength: 30 },
    );
    fc.assert(
      fc.property(
        orders,
        fc.constantFrom(...holdSorts),
        fc.integer({ min: 1, max: 7 }),
        (items, sort, limit) => {
          const queue = createHoldQueue();
          queue.put(
            head("C-1"),
            items.map(({ id, placed, base }) => order(id, { placed, base })),
          );
          const whole = ids(queue.query({ ...everything, sort }));
          const paged: string[] = [];
          let after: HoldPlace | null = null;
          for (;;) {
            const page = queue.query({ ...everything, sort, after, limit });
            paged.push(...ids(page));
            const last = page.at(-1);
            if (!last) break;
            after = holdPlace(last, sort);
          }
          expect(paged).toEqual(whole);
          expect(new Set(paged).size).toBe(items.length);
        },
      ),
    );
  });
});
