import { decodeState, encodeState } from "@riskwall/schemas/state";
import { describe, expect, test } from "vitest";
import { shippedRules } from "../rule-file.ts";
import { answerWhatIf } from "../what-if-view.ts";
import { openCustomer, type Customer } from "./customer.ts";
import type { Env } from "./env.ts";
import {
  createWorld,
  dayMs,
  invoice,
  limit,
  of,
  order,
  payment,
  start,
  startDay,
  type World,
} from "./fold.test-support.ts";
import { noRates } from "./rates.ts";
import { decisionOf, type Question } from "./what-if.ts";

const { rules } = shippedRules();
const env: Env = {
  ...{ rules, rates: noRates(rules.currency) },
  ...{ sealed: new Map(), segments: new Map() },
};
const yuan = (n: number): number => n * 100;
const now = start + dayMs;

function town(): World {
  const world = createWorld();
  world.fold([
    limit(yuan(100_000), start),
    invoice("I1", yuan(60_000), startDay, startDay + 20, start + 1),
    order("O1", yuan(45_000), start + 2),
  ]);
  world.tick(now);
  return world;
}
const opener = (world: World): (() => Customer) => {
  const bytes = encodeState(world.state());
  return () => openCustomer(decodeState(Buffer.from(bytes)));
};

describe("what-if", () => {
  const ask = (world: World, question: Question): unknown =>
    answerWhatIf(opener(world), question, env, now);

  test("a new order takes headroom, one too large would be held", () => {
    const place = (amount: number): unknown =>
      ask(town(), {
        kind: "place",
        order: { orderId: "N", amount: yuan(amount), currency: "CNY" },
      });
    expect(place(30_000)).toMatchObject({
      before: { exposure: "60000.00", headroom: "40000.00" },
      after: { exposure: "90000.00", headroom: "10000.00" },
      decisions: [{ orderId: "N", outcome: "allow" }],
    });
    expect(place(50_001)).toMatchObject({
      after: { exposure: "60000.00" },
      decisions: [{ orderId: "N", outcome: "hold", codes: ["H01", "H05"] }],
    });
  });

  test("a held order released counts in exposure", () => {
    expect(ask(town(), { kind: "release", orderId: "O1" })).toMatchObject({
      after: { exposure: "105000.00", headroom: "-5000.00" },
      decisions: [{ orderId: "O1", outcome: "allow" }],
      alerts: [
        { ruleId: "EXP-02" },
        // EX1 −50 beyond the limit.
        { ruleId: "SCR-01" },
        { ruleId: "SCR-02" },
      ],
    });
  });

  test("an invoice paid frees the order that waits", () => {
    expect(ask(town(), { kind: "paid", invoiceId: "I1" })).toMatchObject({
      before: { exposure: "60000.00" },
      after: { exposure: "45000.00", headroom: "55000.00" },
      decisions: [{ orderId: "O1", outcome: "allow", releaseCode: "L01" }],
    });
  });

  test("an invoice that stays unpaid costs what its days past due cost", () => {
    const invoiceId = "I1";
    const unpaid = (days: number): unknown =>
      ask(town(), { kind: "unpaid", invoiceId, days });
    // Due in 19 days.
    expect(unpaid(19)).toMatchObject({ after: { dpdMax: 0 } });
    // E2: PB2 −35, PB3 15 → −30, PB4 15 → −80.
    expect(unpaid(39)).toMatchObject({
      before: { score: 620, dpdMax: 0 },
      after: {
        score: 620 - 35 - 45 - 95,
        dpdMax: 20,
        overdue: "60000.00",
        exposure: "60000.00",
      },
      alerts: expect.arrayContaining([
        expect.objectContaining({ ruleId: "PAY-01" }),
      ]) as unknown,
    });
  });

  test.each([
    [{ kind: "release", orderId: "nope" }, "order_not_held"],
    [{ kind: "paid", invoiceId: "nope" }, "invoice_not_open"],
    [{ kind: "unpaid", invoiceId: "nope", days: 3 }, "invoice_not_open"],
    [
      {
        kind: "place",
        order: { orderId: "O1", amount: 1, currency: "CNY" },
      },
      "order_known",
    ],
  ] as const)("%j is %s", (question, problem) => {
    expect(ask(town(), question)).toBe(problem);
  });

  test("what it foresees is what comes", () => {
    const world = town();
    const foreseen = ask(world, { kind: "paid", invoiceId: "I1" });
    const paid = { invoiceId: "I1" };
    world.fold([payment("P1", yuan(60_000), startDay + 1, now, paid)]);
    const { score, summary } = world.state();
    expect(foreseen).toMatchObject({
      after: { score, exposure: (summary.exposure / 100).toFixed(2) },
    });
  });

  test("nothing is written", () => {
    const world = town();
    const bytes = world.bytes();
    const open = opener(world);
    answerWhatIf(open, { kind: "paid", invoiceId: "I1" }, env, now);
    expect(encodeState(open().state).toString("hex")).toBe(bytes);
  });
});

test("a credit check decides as the stream does, large orders included", () => {
  const world = createWorld();
  world.fold([limit(yuan(10_000_000), start)]);
  for (let day = 0; day < 12; day += 1) {
    const at = start + day * 2 * dayMs;
    const paid = { invoiceId: `I${String(day)}` };
    const local = startDay + day * 2;
    world.fold([
      order(`O${String(day)}`, yuan(10_000), at),
      invoice(`I${String(day)}`, yuan(10_000), local, local + 30, at + 1, {
        orderId: `O${String(day)}`,
      }),
      payment(`P${String(day)}`, yuan(10_000), local, at + 2, paid),
    ]);
  }
  const at = start + 30 * dayMs;
  world.tick(at);
  for (const [i, amount] of [10_000, 2_000_000].entries()) {
    const wanted = { amount: yuan(amount), currency: "CNY" };
    const orderId = `N${String(i)}`;
    const checked = decisionOf(
      opener(world)(),
      { orderId, ...wanted },
      env,
      at,
    );
    world.fold([order(orderId, yuan(amount), at)]);
    const decided = of(world, "Decision").at(-1);
    expect(checked?.codes).toEqual(decided?.codes);
    expect(checked?.codes).toEqual(i === 0 ? [] : ["H06"]);
    expect(checked).toMatchObject({
      outcome: decided?.outcome,
      exposureBefore: decided?.exposureBefore,
      clearsEn: decided?.clearsEn,
    });
  }
});
