/** What a held order says would clear it, through the whole fold. */
import { expect, test } from "vitest";
import {
  createWorld,
  dayMs,
  invoice,
  limit,
  of,
  order,
  start,
  startDay,
} from "./fold.test-support.ts";

const yuan = (n: number): number => n * 100;
const bill = (
  id: string,
  amount: number,
  due: number,
): ReturnType<typeof invoice> =>
  invoice(id, yuan(amount), startDay - 40, startDay + due, start + 1);

test.each([
  {
    title: "the oldest invoice in part, where that is enough",
    facts: [limit(yuan(200_000), start), bill("I1", 150_000, 30)],
    sum: 80_000,
    en: "pay ¥30,000.00 of invoice I1, or raise the limit to ¥230,000.00",
    zh: "付清发票 I1 的 ¥30,000.00,或将额度提高到 ¥230,000.00",
  },
  {
    title: "the oldest first",
    facts: [
      limit(yuan(200_000), start),
      bill("I2", 100_000, 30),
      bill("I1", 90_000, 20),
    ],
    sum: 60_000,
    en: "pay ¥50,000.00 of invoice I1, or raise the limit to ¥250,000.00",
    zh: "付清发票 I1 的 ¥50,000.00,或将额度提高到 ¥250,000.00",
  },
  {
    title: "two invoices where one is not enough",
    facts: [
      limit(yuan(300_000), start),
      bill("I2", 150_000, 30),
      bill("I1", 90_000, 20),
    ],
    sum: 155_000,
    en: "pay ¥90,000.00 of invoice I1, ¥5,000.00 of invoice I2, or raise the limit to ¥395,000.00; reduce the order to ¥150,000.00, or release it by hand",
    zh: "付清发票 I1 的 ¥90,000.00、发票 I2 的 ¥5,000.00,或将额度提高到 ¥395,000.00;将订单减至 ¥150,000.00 以内,或人工放行",
  },
  {
    title: "the sum, where no invoice brings it",
    facts: [limit(yuan(10_000), start)],
    sum: 12_000,
    en: "pay or cut orders by ¥2,000.00, or raise the limit to ¥12,000.00; reduce the order to ¥5,000.00, or release it by hand",
    zh: "回款或减少订单 ¥2,000.00,或将额度提高到 ¥12,000.00;将订单减至 ¥5,000.00 以内,或人工放行",
  },
  {
    // Class E by then: any item past due holds, and orders are prepaid.
    title: "everything that is past due too long",
    facts: [
      limit(yuan(900_000), start),
      bill("I1", 20_000, -35),
      bill("I2", 30_000, -31),
      bill("I3", 40_000, -10),
      bill("I4", 50_000, -3),
    ],
    sum: 1000,
    en: "pay ¥20,000.00 of invoice I1, ¥30,000.00 of invoice I2, ¥40,000.00 of invoice I3 and 1 more; prepay in full",
    zh: "付清发票 I1 的 ¥20,000.00、发票 I2 的 ¥30,000.00、发票 I3 的 ¥40,000.00 等 4 张;预付全款",
  },
  {
    title: "an expired limit",
    facts: [limit(yuan(900_000), start, { validTo: start + 2 })],
    sum: 1000,
    en: "renew the limit",
    zh: "续批额度",
  },
])("$title", ({ facts, sum, en, zh }) => {
  const world = createWorld();
  world.fold([...facts, order("O1", yuan(sum), start + 10)]);
  const decision = of(world, "Decision").at(-1);
  expect(decision?.clearsEn).toBe(en);
  expect(decision?.clearsZh).toBe(zh);
});

test("paying what the sentence names releases the order", () => {
  const world = createWorld();
  world.fold([
    limit(yuan(200_000), start),
    bill("I1", 150_000, 30),
    order("O1", yuan(80_000), start + 10),
  ]);
  expect(of(world, "Decision").at(-1)?.outcome).toBe("hold");
  world.fold([
    {
      name: "PaymentReceived",
      value: {
        ...{ eventId: "p", source: "bank", time: start + dayMs },
        ...{ historical: false, customerId: "C-1", paymentId: "P1" },
        ...{ amount: yuan(30_000), currency: "CNY", valueDate: startDay + 1 },
        ...{ invoiceId: "I1", orderId: null, allocations: [] },
        ...{ method: null, payerAccount: null, state: "cleared" },
      },
    },
  ]);
  expect(of(world, "Decision").at(-1)).toMatchObject({
    ...{ outcome: "allow", releaseCode: "L01" },
  });
});
