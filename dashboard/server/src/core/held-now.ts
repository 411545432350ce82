/** Orders on hold as the wall shows them. */
import { formatMinor, type HeldNow } from "@riskwall/schemas";
import { riskClass } from "./customer-row.ts";
import type { HoldQueue } from "./hold-queue.ts";

/** Held orders listed at most. */
const listedMax = 10;

export function heldNow(queue: HoldQueue, baseCurrency: string): HeldNow {
  const { orders, base, byCode } = queue.sums();
  const oldest = queue.query({
    ...{ q: "", codes: [], sort: "placed", after: null, limit: listedMax },
  });
  return {
    ...{ orders, byCode, baseCurrency },
    amountBase: formatMinor(base, baseCurrency),
    oldest: oldest.map((held) => ({
      orderId: held.orderId,
      customerId: held.customerId,
      name: held.name,
      amount: formatMinor(held.amount, held.currency),
      currency: held.currency,
      class: riskClass(held.class),
      codes: held.codes,
      placedAt: new Date(held.placedAt).toISOString(),
    })),
  };
}
