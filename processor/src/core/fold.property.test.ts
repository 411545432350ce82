import fc from "fast-check";
import { expect, test } from "vitest";
import { unpackTallies } from "./tallies.ts";
import { tileFields, unpackTiles } from "./tiles.ts";
import {
  createWorld,
  dayMs,
  fact,
  invoice,
  limit,
  order,
  payment,
  start,
  startDay,
  type Fact,
} from "./fold.test-support.ts";

/** Random facts of one customer within three days. */
const facts = fc
  .array(
    fc.record({
      kind: fc.constantFrom(
        "order",
        "invoice",
        "payment",
        "cancel",
        "return",
        "credit",
        "delivery",
        "goods-back",
        "refund",
        "write-off",
        "discount",
        "cover",
        "milestone",
        "register",
        "industry",
        "dunning",
      ),
      ref: fc.integer({ min: 0, max: 4 }),
      amount: fc.integer({ min: 100, max: 500_000 }),
      minute: fc.integer({ min: 0, max: 3 * 1440 }),
      named: fc.boolean(),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((rows) => rows.map((row, i) => ({ ...row, i })));

type Row = typeof facts extends fc.Arbitrary<infer T> ? T : never;

function toFacts(rows: Row): Fact[] {
  const seen = new Set<string>();
  return rows.flatMap(({ kind, ref, amount, minute, named, i }): Fact[] => {
    const time = start + minute * 60_000;
    const day = startDay + Math.floor(minute / 1440);
    const key = `${kind}${String(ref)}`;
    if (seen.has(key)) return [];
    // What others tell again replaces what they told before, by event time.
    if (!retold.has(kind)) seen.add(key);
    switch (kind) {
      case "order":
        return [order(`O${String(ref)}`, amount, time)];
      case "invoice":
        return [
          invoice(`I${String(ref)}`, amount, day, day + ref, time, {
            orderId: `O${String(ref)}`,
          }),
        ];
      case "payment":
        return [
          payment(
            `P${String(ref)}`,
            amount,
            day,
            time,
            named ? { invoiceId: `I${String(ref)}` } : {},
          ),
        ];
      case "cancel":
        return [
          fact("OrderCancelled", time, {
            orderId: `O${String(ref)}`,
            reason: null,
          }),
        ];
      case "return":
        return [
          fact("PaymentReturned", time, {
            paymentId: `P${String(ref)}`,
            reason: null,
          }),
        ];
      case "discount":
        return [
          payment(`Q${String(ref)}`, amount, day, time, {
            allocations: [
              {
                invoiceId: `I${String(ref)}`,
                amount,
                discount: 1 + (amount >> 5),
              },
            ],
          }),
        ];
      case "delivery":
        return [
          fact("DeliveryCompleted", time, {
            ...{ deliveryId: `D${String(ref)}`, orderId: `O${String(ref)}` },
            ...{ amount, currency: "CNY" },
          }),
        ];
      case "goods-back":
        return [
          fact("OrderReturned", time, {
            ...{ returnId: `B${String(ref)}`, orderId: `O${String(ref)}` },
            ...{ amount: amount >> 1, currency: "CNY", reason: null },
          }),
        ];
      case "refund":
        return [
          fact("PaymentRefunded", time, {
            ...{ refundId: `R${String(ref)}`, paymentId: `P${String(ref)}` },
            ...{ amount: Math.ceil(amount / 2), currency: "CNY" },
            ...{ valueDate: named ? day : null, reason: null },
          }),
        ];
      case "write-off":
        return [
          fact("InvoiceWrittenOff", time, {
            ...{ writeOffId: `W${String(ref)}`, invoiceId: `I${String(ref)}` },
            ...{ amount: Math.ceil(amount / 2), currency: "CNY", reason: null },
          }),
        ];
      case "cover":
      case "milestone":
      case "register":
      case "industry":
      case "dunning":
        return told({ kind, ref, amount, time, day, named, i });
      default:
        return [
          fact("InvoiceCredited", time, {
            invoiceId: `I${String(ref)}`,
            creditNoteId: `K${String(i)}`,
            amount: Math.ceil(amount / 3),
            currency: "CNY",
            reason: null,
          }),
        ];
    }
  });
}

const retold = new Set(["cover", "milestone", "register", "industry"]);

/** Facts of which the newest counts: event times differ by `i`. */
function told(row: {
  readonly kind: string;
  readonly ref: number;
  readonly amount: number;
  readonly time: number;
  readonly day: number;
  readonly named: boolean;
  readonly i: number;
}): Fact[] {
  const { kind, ref, amount, day, named, i } = row;
  const time = row.time + i;
  const id = `T${String(ref)}`;
  switch (kind) {
    case "cover":
      return [
        fact("CoverSet", time, {
          ...{ coverId: id, kind: named ? "insurance" : "deposit", amount },
          ...{
            currency: "CNY",
            coverage: 100 * ref,
            issuer: null,
            policy: null,
          },
          ...{ countsIn: named ? "limit" : "exposure" },
          ...{ validFrom: null, validTo: null },
        }),
      ];
    case "milestone":
      return [
        fact("MilestoneReported", time, {
          ...{ milestoneId: id, contractId: null, dueDate: day - ref },
          doneDate: named ? day : null,
        }),
      ];
    case "register":
      return [
        fact("RegisterReported", time, {
          ...{ registerId: id, kind: "court", date: day, authority: null },
          status: named ? "closed" : "open",
        }),
      ];
    case "industry":
      return [
        fact("IndustryRated", time, {
          ...{ industry: null, level: ref % 4, ratedAt: null },
        }),
      ];
    default:
      return [
        fact("DunningSent", time, {
          ...{ dunningId: id, level: ref + 1, channel: null, result: null },
          invoiceId: named ? `I${String(ref)}` : null,
        }),
      ];
  }
}

/** Tiles without `dpdMax`: a gauge sampled at touches, in log order by definition. */
function sumsOf(bytes: Uint8Array): unknown {
  const tiles = unpackTiles(bytes);
  const gauge = tileFields.indexOf("dpdMax");
  const clean = (list: typeof tiles.days): unknown =>
    list
      .map(({ at, values }) => ({
        at,
        values: values.map((v, i) => (i === gauge ? 0 : v)),
      }))
      .filter(({ values }) => values.some((v) => v !== 0));
  return { ...tiles, days: clean(tiles.days), tens: clean(tiles.tens) };
}

const appended = (list: readonly Fact[]): Fact[] =>
  list.map((item, i) => ({ ...item, appendedAt: start + 3 * dayMs + i }));

test("any split into batches gives the same bytes and outputs", () => {
  fc.assert(
    fc.property(facts, fc.integer({ min: 1, max: 7 }), (rows, cut) => {
      const list = appended(toFacts(rows));
      const whole = createWorld();
      const split = createWorld();
      const first = limit(2_000_000, start);
      whole.fold([first, ...list]);
      split.fold([first, ...list], cut);
      expect(split.bytes()).toBe(whole.bytes());
      expect(JSON.stringify(split.outputs)).toBe(JSON.stringify(whole.outputs));
    }),
    { numRuns: 150 },
  );
});

test("any duplication changes nothing, byte for byte", () => {
  fc.assert(
    fc.property(
      facts,
      fc.array(fc.nat(30), { maxLength: 12 }),
      (rows, repeats) => {
        const list = appended(toFacts(rows));
        const first = limit(2_000_000, start);
        const world = createWorld();
        world.fold([first, ...list]);
        const bytes = world.bytes();
        const again = repeats.flatMap((n) => list[n] ?? []);
        world.fold(
          again.map((item) => ({
            ...item,
            appendedAt: start + 3 * dayMs + list.length - 1,
          })),
        );
        expect(world.bytes()).toBe(bytes);
      },
    ),
    { numRuns: 150 },
  );
});

test("any in-horizon order gives the same ledger, tiles and open sets", () => {
  fc.assert(
    fc.property(facts, fc.infiniteStream(fc.nat()), (rows, keys) => {
      const list = toFacts(rows);
      const stream = keys[Symbol.iterator]();
      const shuffled = list
        .map((item) => ({ item, key: stream.next().value }))
        .sort((a, b) => a.key - b.key)
        .map(({ item }) => item);
      const view = (order_: readonly Fact[]): unknown => {
        const world = createWorld();
        // No limit, historical semantics: decisions depend on order by design.
        world.fold(
          appended(order_).map((item) => ({
            ...item,
            value: { ...item.value, historical: true },
          })),
        );
        const s = world.state();
        return {
          invoices: s.invoices.map(({ id, open, settledDay }) => ({
            id,
            open,
            settledDay,
          })),
          payments: s.payments.map(({ id, free, status }) => ({
            id,
            free,
            status,
          })),
          orders: s.orders.map(({ id, open, status, goods }) => ({
            id,
            open,
            status,
            goods,
          })),
          marks: s.invoices.map(({ marks }) => marks),
          refunds: s.refunds,
          covers: s.covers,
          outside: s.outside,
          tallies: unpackTallies(s.tallies),
          exposure: s.summary.exposure,
          tiles: sumsOf(s.tiles),
          receivables: s.summary.receivables,
          openOrders: s.summary.openOrders,
        };
      };
      expect(view(shuffled)).toEqual(view(list));
    }),
    { numRuns: 200 },
  );
});
