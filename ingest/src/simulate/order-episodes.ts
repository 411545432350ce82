/** Planted trouble of orders (domain D2, ORD). */
import { afterOrders, type Planner } from "./episode-plan.ts";

/** Several like it, so many milliseconds apart. */
const times = <T>(n: number, make: (i: number) => T): T[] =>
  Array.from({ length: n }, (_, i) => make(i));

export const orderEpisodes = {
  "large-order": ({ order, random }) => ({
    events: [order("big", 0, 9 + random.next() * 6)],
    rules: ["ORD-01"],
    consequences: afterOrders,
  }),
  // One large order in pieces, each below what would be looked at.
  "split-orders": ({ order, random }) => ({
    events: times(5, (i) =>
      order(`s${String(i)}`, i * 1500, 1.8 + random.next() * 0.2),
    ),
    rules: ["ORD-03", "ORD-04"],
    consequences: afterOrders,
  }),
  "dormant-return": ({ order, random }) => ({
    events: [order("back", 0, 1 + random.next())],
    rules: ["ORD-05"],
    consequences: afterOrders,
  }),
  "order-burst": ({ order, random }) => ({
    events: times(8, (i) =>
      order(`b${String(i)}`, i * 700, 0.8 + random.next() * 0.4),
    ),
    rules: ["ORD-03"],
    consequences: [...afterOrders, "ORD-04"],
  }),
  // More at once than the whole limit allows.
  "beyond-limit": ({ order, profile }) => ({
    events: [order("all", 0, (1.15 * profile.limit) / profile.order)],
    rules: ["EXP-02"],
    consequences: [...afterOrders, "ORD-01"],
  }),
  // Most of the limit in one order of somebody whom an agency rates poorly.
  "too-much-at-once": ({ order, make, today, profile }) => ({
    events: [
      make("rated", "sim-agency", "customer.rated", 0, {
        ...{ agency: "sim-rating", rating: "CCC", normalised: 25 },
        ratedAt: today,
      }),
      order("most", 2000, (0.72 * profile.limit) / profile.order),
    ],
    rules: ["ORD-02"],
    consequences: [...afterOrders, "ORD-01"],
  }),
  "long-terms": ({ order, profile }) => ({
    events: [order("terms", 0, 1.2, { termsDays: profile.terms + 45 })],
    rules: ["ORD-07"],
    consequences: afterOrders,
  }),
  // Goods for somewhere else, more of them than usual.
  "new-place": ({ order, random, episodeId }) => ({
    events: [
      order("away", 0, 2.6 + random.next() * 1.4, {
        shipTo: `${episodeId}, warehouse 7, bonded zone`,
      }),
    ],
    rules: ["ORD-08"],
    consequences: [...afterOrders, "ORD-01", "ORD-04"],
  }),
  // Ordered and called off, again and again.
  "called-off": ({ order, make, episodeId }) => ({
    events: times(5, (i) => [
      order(`o${String(i)}`, i * 2000, 0.9),
      make(`x${String(i)}`, "sim-erp", "order.cancelled", i * 2000 + 1000, {
        orderId: `SO-${episodeId}-o${String(i)}`,
        reason: "not needed any more",
      }),
    ]).flat(),
    rules: ["ORD-10"],
    consequences: [...afterOrders, "ORD-03"],
  }),
} as const satisfies Record<string, Planner>;
