import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createWorld,
  dayMs,
  fact,
  invoice,
  limit,
  of,
  order,
  payment,
  start,
  startDay,
  type Fact,
  type World,
} from "./fold.test-support.ts";

function at(customerId: string, item: Fact): Fact {
  return { ...item, value: { ...item.value, customerId } };
}

function merged(from: string, into: string, time: number): Fact {
  return at(from, fact("CustomerMerged", time, { into }));
}

const exposures = (world: World, ...ids: string[]): number[] =>
  ids.map((id) => world.state(id).summary.exposure);

/** Two customers that owe 300 and 200, one with a payment too many. */
function two(holdBack = false): World {
  const world = createWorld(undefined, holdBack);
  world.fold([
    at("OLD", invoice("I-1", 30_000, startDay, startDay + 30, start)),
    at("OLD", payment("P-1", 10_000, startDay, start + 1)),
    at("NEW", invoice("I-2", 20_000, startDay, startDay + 10, start + 2)),
    at("NEW", payment("P-2", 25_000, startDay, start + 3)),
  ]);
  expect(exposures(world, "OLD", "NEW")).toEqual([20_000, -5_000]);
  return world;
}

describe("F-25 a customer becomes part of another", () => {
  test("both ledgers are one: money too much of one pays the other", () => {
    const world = two();
    world.fold([merged("OLD", "NEW", start + 10)]);
    const { invoices, across, summary } = world.state("NEW");
    expect(invoices.map(({ id, open }) => [id, open])).toEqual([
      ["I-1", 15_000],
      ["I-2", 0],
    ]);
    expect(summary.exposure).toBe(15_000);
    expect(across?.aliases.map(({ id }) => id)).toEqual(["OLD"]);
    expect(world.state("OLD").across?.mergedInto).toBe("NEW");
    expect(world.state("OLD").invoices).toEqual([]);
  });

  test("later events of the old id end in the new one", () => {
    const world = two();
    world.fold([
      merged("OLD", "NEW", start + 10),
      at("OLD", payment("P-3", 15_000, startDay, start + 20)),
      at("OLD", order("S-1", 7_000, start + 30)),
    ]);
    expect(exposures(world, "OLD", "NEW")).toEqual([0, 7_000]);
    expect(of(world, "Decision").at(-1)).toMatchObject({
      ...{ customerId: "NEW", orderId: "S-1", outcome: "allow" },
    });
  });

  test("nothing counts twice, whatever is sent again", () => {
    const world = two();
    const paid = at("OLD", payment("P-3", 5_000, startDay, start + 5));
    const merge = merged("OLD", "NEW", start + 10);
    world.fold([paid, merge]);
    const [moved] = world.outputs.filter(
      ({ name }) => name === "CustomerMoved",
    );
    const bytes = [world.bytes("OLD"), world.bytes("NEW")];
    const again = [paid, merge].map((item) => ({
      ...item,
      appendedAt: start + 10,
    }));
    world.fold(again);
    if (moved?.name === "CustomerMoved") world.move(moved.value);
    expect([world.bytes("OLD"), world.bytes("NEW")]).toEqual(bytes);
  });

  test("the same paper under both names is one paper; another one keeps its sum", () => {
    const world = createWorld();
    world.fold([
      at("OLD", invoice("SAME", 30_000, startDay, startDay + 30, start)),
      at("NEW", invoice("SAME", 30_000, startDay, startDay + 30, start + 1)),
      at("OLD", invoice("OTHER", 100, startDay, startDay + 30, start + 2)),
      at("NEW", invoice("OTHER", 900, startDay, startDay + 30, start + 3)),
      at("OLD", payment("P", 100, startDay, start + 4, { invoiceId: "OTHER" })),
      merged("OLD", "NEW", start + 10),
    ]);
    const { invoices, summary } = world.state("NEW");
    expect(invoices.map(({ id, open }) => [id, open])).toEqual([
      ["OTHER", 900],
      ["OTHER@OLD", 0],
      ["SAME", 30_000],
    ]);
    expect(summary.exposure).toBe(30_900);
  });

  test("of one customer after another: all names lead to the last", () => {
    const world = two();
    world.fold([
      merged("OLD", "NEW", start + 10),
      merged("NEW", "LAST", start + 20),
      at("OLD", order("S-1", 1_000, start + 30)),
    ]);
    expect(exposures(world, "OLD", "NEW", "LAST")).toEqual([0, 0, 16_000]);
    const names = world.state("LAST").across?.aliases.map(({ id }) => id);
    expect(names).toEqual(["OLD", "NEW"]);
    // The last cannot become part of what became part of it.
    world.fold([merged("LAST", "OLD", start + 40)]);
    expect(of(world, "DeadLetter").map(({ code }) => code)).toEqual([
      "MERGE_CYCLE",
    ]);
    expect(exposures(world, "LAST")).toEqual([16_000]);
  });

  test("at the same time in both directions: one is left, with everything", () => {
    const world = two(true);
    world.fold([
      merged("OLD", "NEW", start + 10),
      merged("NEW", "OLD", start + 11),
    ]);
    world.fold([at("OLD", order("S-1", 1_000, start + 20))]);
    world.pass();
    expect(exposures(world, "NEW", "OLD")).toEqual([16_000, 0]);
    expect(world.state("OLD").across?.mergedInto).toBe("NEW");
  });

  test("a ring of three settles, and nothing is lost", () => {
    const world = two(true);
    world.fold([
      merged("OLD", "NEW", start + 10),
      merged("NEW", "THIRD", start + 11),
      merged("THIRD", "OLD", start + 12),
    ]);
    world.pass();
    const [a = 0, b = 0, c = 0] = exposures(world, "OLD", "NEW", "THIRD");
    expect(a + b + c).toBe(15_000);
  });

  test("hold, limit and open alerts of the old id stay in force", () => {
    const world = createWorld();
    world.fold([
      at("OLD", limit(50_000, start)),
      at("OLD", order("S-1", 60_000, start + 1)),
    ]);
    const held = of(world, "Alert").filter(({ ruleId }) => ruleId === "EXP-02");
    expect(held.map(({ state }) => state)).toEqual(["open"]);
    world.fold([merged("OLD", "NEW", start + 10)]);
    const { orders, standing } = world.state("NEW");
    expect(standing?.amount).toBe(50_000);
    expect(orders.map(({ id, decision }) => [id, decision?.outcome])).toEqual([
      ["S-1", "hold"],
    ]);
    const ends = of(world, "Alert").filter(
      ({ customerId, state }) => customerId === "OLD" && state === "resolved",
    );
    expect(ends.length).toBeGreaterThan(0);
    const lines = ends.flatMap(({ actions }) =>
      actions.map(({ note }) => note),
    );
    expect(lines.join()).toContain("merged into NEW");
  });

  test("what waited under one name speaks of a paper of the other", () => {
    const world = createWorld();
    world.fold([
      at(
        "OLD",
        fact("PaymentReturned", start, { paymentId: "P", reason: null }),
      ),
      at(
        "OLD",
        fact("OrderCancelled", start + 1, { orderId: "S", reason: null }),
      ),
      at("NEW", invoice("I", 5_000, startDay, startDay + 9, start + 2)),
      at("NEW", payment("P", 5_000, startDay, start + 3, { invoiceId: "I" })),
      at("NEW", order("S", 7_000, start + 4)),
      merged("OLD", "NEW", start + 10),
    ]);
    const { summary, orphans } = world.state("NEW");
    expect(orphans).toEqual([]);
    expect(summary).toMatchObject({ receivables: 5_000, openOrders: 0 });
  });

  test("covers, refunds, write-offs, outside facts and tallies of both are there", () => {
    const world = createWorld();
    const both = (id: string, n: number): Fact[] =>
      [
        invoice(`I${id}`, 9_000, startDay, startDay + 9, start + n),
        payment(`P${id}`, 4_000, startDay, start + n + 1, {
          invoiceId: `I${id}`,
        }),
        fact("PaymentRefunded", start + n + 2, {
          ...{ refundId: `R${id}`, paymentId: `P${id}`, amount: 1_000 },
          ...{ currency: "CNY", valueDate: startDay, reason: null },
        }),
        fact("InvoiceWrittenOff", start + n + 3, {
          ...{ writeOffId: `W${id}`, invoiceId: `I${id}`, amount: 500 },
          ...{ currency: "CNY", reason: null },
        }),
        fact("CoverSet", start + n + 4, {
          ...{ coverId: `V${id}`, kind: "deposit", amount: 100 },
          ...{ currency: "CNY", coverage: 1000, countsIn: "exposure" },
          ...{ validFrom: null, validTo: null, issuer: null, policy: null },
        }),
        fact("MilestoneReported", start + n + 5, {
          ...{ milestoneId: `M${id}`, contractId: null },
          ...{ dueDate: startDay - 9, doneDate: null },
        }),
        fact("RegisterReported", start + n + 6, {
          ...{ registerId: `E${id}`, kind: "court", status: "open" },
          ...{ date: startDay, authority: null },
        }),
        fact("DunningSent", start + n + 7, {
          ...{ dunningId: `D${id}`, level: 1, channel: null, result: null },
          invoiceId: `I${id}`,
        }),
        fact("CustomerRated", start + n + 8, {
          ...{ agency: "agency", rating: "BB", normalised: 50 },
          ratedAt: startDay - n,
        }),
      ].map((item) => at(id, item));
    world.fold([...both("OLD", 0), ...both("NEW", 20)]);
    world.fold([merged("OLD", "NEW", start + 100)]);
    const state = world.state("NEW");
    const ids = (list: readonly { id: string }[]): string[] =>
      list.map(({ id }) => id.slice(1));
    const lists = [state.invoices, state.payments, state.refunds];
    const more = [state.writeOffs, state.covers];
    const outside = state.outside;
    const facts = [outside?.milestones, outside?.registers];
    for (const list of [...lists, ...more, ...facts]) {
      expect(ids(list ?? [])).toEqual(["NEW", "OLD"]);
    }
    expect(outside?.dunnings.map(({ id }) => id)).toEqual(["INEW", "IOLD"]);
    expect(world.features("NEW").writeOffAmt365d).toBe(1_000);
    expect(world.shown("NEW").dunCnt90d).toBe(2);
    // 2 × (9,000 − 4,000 − 500 + 1,000) less both deposits.
    expect(state.summary.exposure).toBe(10_800);
  });

  test("an erased old id takes its new one with it", () => {
    const world = two();
    world.fold([
      merged("OLD", "NEW", start + 10),
      at("OLD", fact("CustomerErased", start + 20, { reason: null })),
    ]);
    expect([world.known("OLD"), world.known("NEW")]).toEqual([false, false]);
  });
});

const rows = fc.array(
  fc.record({
    old: fc.boolean(),
    kind: fc.constantFrom("order", "invoice", "payment", "named"),
    amount: fc.integer({ min: 100, max: 500_000 }),
    ref: fc.nat(9),
  }),
  { minLength: 2, maxLength: 20 },
);

test("two streams merged at any point are worth what one would be", () => {
  fc.assert(
    fc.property(rows, fc.nat(20), fc.boolean(), (list, when, hold) => {
      const facts = list.map((row, i): Fact & { old: boolean } => {
        const time = start + i;
        const { amount, old } = row;
        const ref = `I-${String(row.ref)}`;
        if (row.kind === "order") {
          return { ...order(`S-${String(i)}`, amount, time), old };
        }
        if (row.kind === "invoice") {
          const id = `I-${String(i)}`;
          return { ...invoice(id, amount, startDay, startDay + 30, time), old };
        }
        const over = row.kind === "named" ? { invoiceId: ref } : {};
        return {
          ...payment(`P-${String(i)}`, amount, startDay, time, over),
          old,
        };
      });
      const one = createWorld();
      one.fold([
        ...facts.map((item) => at("NEW", item)),
        at("NEW", limit(1e9, start + dayMs)),
      ]);
      const both = createWorld(undefined, hold);
      facts.forEach((item, i) => {
        if (i === when) both.fold([merged("OLD", "NEW", start + i)]);
        both.fold([at(item.old ? "OLD" : "NEW", item)]);
      });
      both.fold([merged("OLD", "NEW", start + 100)]);
      both.pass();
      both.fold([at("NEW", limit(1e9, start + dayMs))]);
      both.pass();
      const view = (world: World): object => {
        const { summary, invoices, payments } = world.state("NEW");
        const { receivables, openOrders, unallocated } = summary;
        return {
          ...{ receivables, openOrders, unallocated },
          invoices: invoices.map(({ id, open }) => [id, open]),
          payments: payments.map(({ id, free }) => [id, free]),
        };
      };
      expect(view(both)).toEqual(view(one));
    }),
    { numRuns: 60 },
  );
}, 60_000);
