/** Open items and exposure of a customer on the day its state was made. */
import type { CustomerState } from "@riskwall/schemas";
import { localDay } from "./calendar.ts";
import type { Chronicle, Dossier } from "./chronicle.ts";
import { check, type Difference } from "./difference.ts";
import { exposureOf, type Exposure } from "./exposure.ts";
import { limitsOf } from "./limits.ts";
import { coverOf } from "./outside.ts";
import { ledgerOf, type Ledger, type LedgerQuestion } from "./ledger.ts";
import { papersOf, type Papers } from "./papers.ts";

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

const dayMs = 86_400_000;
/** Numbers of `OrderItem.status`. */
const orderStatus = {
  allowed: 0,
  held: 1,
  released: 2,
  rejected: 3,
  cancelled: 4,
  expired: 5,
} as const;

/** What the log says of a customer at the instant of its state. */
export interface Account {
  readonly papers: Papers;
  readonly ledger: Ledger;
  readonly exposure: Exposure;
  readonly question: LedgerQuestion;
  readonly now: number;
}

/** Amounts by id, sorted, as text. */
function sorted(rows: readonly (readonly [string, ...unknown[]])[]): unknown {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/**
 * A reservation ends 90 days after the order was placed, at the first roll of
 * a day: on the 90th day itself only the state can say whether it rolled.
 */
function hasExpired(
  placed: number,
  now: number,
  { rules }: LedgerQuestion,
  inState: boolean,
): boolean {
  const zone = rules.zoneOffsetMinutes;
  const age = localDay(now, zone) - localDay(placed, zone);
  const days = rules.ledger.reservationDays;
  if (age === days || placed + days * dayMs > now - dayMs) {
    return age >= days && inState;
  }
  return age > days;
}

export function accountOf(
  dossier: Dossier,
  state: CustomerState,
  chronicle: Chronicle,
): Account {
  const { rules, rates } = chronicle;
  const now = state.asOf;
  const today = localDay(now, rules.zoneOffsetMinutes);
  const question = { today, rules, rates };
  const papers = papersOf(dossier.events);
  const ledger = ledgerOf(papers, question);
  const statuses = new Map(state.orders.map((item) => [item.id, item.status]));
  const isReserved = (id: string): boolean => {
    const status = statuses.get(id);
    if (status === orderStatus.held || status === orderStatus.rejected) {
      return false;
    }
    const order = papers.orders.get(id);
    const expired = status === undefined || status === orderStatus.expired;
    return (
      order !== undefined &&
      !hasExpired(order.value.time, now, question, expired)
    );
  };
  const limits = limitsOf(dossier.events);
  const cover = coverOf(dossier.events, now, rates);
  const exposure = exposureOf(papers, ledger, {
    ...question,
    now,
    limits,
    cover,
    isReserved,
  });
  return { papers, ledger, exposure, question, now };
}

export function compareLedger(
  { papers, ledger, exposure, now, question }: Account,
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
  const ended = (id: string): boolean => {
    const order = papers.orders.get(id);
    const item = state.orders.find((row) => row.id === id);
    const expired = item === undefined || item.status === orderStatus.expired;
    return (
      order !== undefined &&
      hasExpired(order.value.time, now, question, expired)
    );
  };
  const rejected = new Set(
    state.orders
      .filter(({ status }) => status === orderStatus.rejected)
      .map(({ id }) => id),
  );
  check(
    found,
    "orders",
    sorted(
      [...ledger.orders]
        .filter(([id, open]) => open > 0n && !ended(id) && !rejected.has(id))
        .map(([id, open]) => [id, open]),
    ),
    sorted(
      state.orders
        .filter(({ status }) => status < orderStatus.rejected)
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
