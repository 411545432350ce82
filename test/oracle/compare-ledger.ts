/** Open items and exposure of a customer on the day its state was made. */
import type { CustomerState } from "@riskwall/schemas";
import type { Account } from "./account.ts";
import type { Dossier } from "./chronicle.ts";
import { check, type Difference } from "./difference.ts";

export const ledgerFields = [
  "invoices",
  "payments",
  "orders",
  "refunds",
  "unbilled",
  "exposure",
  "ageing",
  "dpdMax",
  "limit",
] as const;

/** Numbers of `OrderItem.status`: allowed, held, released; then done ones. */
const rejectedFrom = 3;

/** Amounts by id, sorted, as text. */
function sorted(rows: readonly (readonly [string, ...unknown[]])[]): unknown {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

export function compareLedger(
  { diary }: Dossier,
  { ledger, exposure }: Account,
  state: CustomerState,
): Difference[] {
  const found: Difference[] = [];
  check(
    found,
    "invoices",
    sorted(
      [...ledger.invoices]
        .filter(([, { open }]) => open > 0n)
        .map(([id, { open, paper }]) => [
          id,
          open,
          paper.value.currency,
          paper.value.dueDate,
        ]),
    ),
    sorted(
      state.invoices
        .filter(({ open }) => open > 0)
        .map(({ id, open, currency, due }) => [id, open, currency, due]),
    ),
  );
  check(
    found,
    "payments",
    sorted([...ledger.free].filter(([, free]) => free > 0n)),
    sorted(
      state.payments
        .filter(({ free, status }) => status === 0 && free > 0)
        .map(({ id, free }) => [id, free]),
    ),
  );
  check(
    found,
    "refunds",
    sorted([...ledger.owed].filter(([, owed]) => owed > 0n)),
    sorted(
      state.refunds
        .filter(({ open }) => open > 0)
        .map(({ id, open }) => [id, open]),
    ),
  );
  check(
    found,
    "unbilled",
    sorted([...ledger.unbilled].filter(([, unbilled]) => unbilled > 0n)),
    sorted(
      state.orders.flatMap(({ id, goods }) =>
        goods !== null && goods.unbilled > 0 ? [[id, goods.unbilled]] : [],
      ),
    ),
  );
  const isOpen = (id: string): boolean => {
    const status = diary.orders.get(id)?.status;
    return status === "allowed" || status === "held" || status === "released";
  };
  check(
    found,
    "orders",
    sorted(
      [...ledger.orders]
        .filter(([id, open]) => open > 0n && isOpen(id))
        .map(([id, open]) => [id, open]),
    ),
    sorted(
      state.orders
        .filter(({ status }) => status < rejectedFrom)
        .filter(({ open }) => open > 0)
        .map(({ id, open }) => [id, open]),
    ),
  );
  const { summary } = state;
  check(
    found,
    "exposure",
    {
      total: exposure.total,
      receivables: exposure.receivables,
      openOrders: exposure.openOrders,
      unallocated: exposure.unallocated,
      overdue: exposure.overdue,
    },
    {
      total: summary.exposure,
      receivables: summary.receivables,
      openOrders: summary.openOrders,
      unallocated: summary.unallocated,
      overdue: summary.overdue,
    },
  );
  const { age0, age1, age31, age61, age91 } = summary;
  check(found, "ageing", exposure.ageing, [age0, age1, age31, age61, age91]);
  check(found, "dpdMax", exposure.dpdMax, summary.dpdMax);
  check(found, "limit", exposure.limit ?? -1n, summary.limit);
  return found;
}
