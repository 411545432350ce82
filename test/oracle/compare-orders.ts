/** Decisions on orders: of each order that the state still holds, the last. */
import type { CustomerState } from "@riskwall/schemas";
import type { Dossier } from "./chronicle.ts";
import { check, type Difference } from "./difference.ts";
import type { OrderStatus } from "./diary.ts";

export const decisionFields = ["decisions"] as const;

/** In the numbers of `OrderItem.status`. */
const statuses: readonly OrderStatus[] = [
  ...(["allowed", "held", "released"] as const),
  ...(["rejected", "cancelled", "expired"] as const),
];

export function compareOrders(
  { diary }: Dossier,
  state: CustomerState,
): Difference[] {
  const found: Difference[] = [];
  for (const { id, status, recheck, expires, decision } of state.orders) {
    const own = diary.orders.get(id);
    const said = own?.decision ?? null;
    check(
      found,
      "decisions",
      {
        ...{ id, status: own?.status, recheck: own?.recheck },
        ...{ expires: own?.expires, outcome: said?.outcome },
        codes: said?.codes,
        ...{ before: said?.before, after: said?.after },
        ...{ limit: said?.limit, at: said?.at },
      },
      {
        ...{ id, status: statuses[status], recheck, expires },
        outcome: decision?.outcome,
        codes: decision ? [...decision.codes].sort() : undefined,
        ...{ before: decision?.before, after: decision?.after },
        ...{ limit: decision?.limit, at: decision?.at },
      },
    );
  }
  return found;
}
