/** Exposure, ageing and limits in the reporting currency (domain C1, C2). */
import type { Ledger, LedgerQuestion, OpenPart } from "./ledger.ts";
import { lineAt, type Limits } from "./limits.ts";
import type { Cover } from "./outside.ts";
import type { Papers } from "./papers.ts";
import { toBase, type Rates } from "./rates.ts";
import { minorOf, type Rules } from "./rules.ts";

export interface Exposure {
  readonly total: bigint;
  readonly receivables: bigint;
  readonly openOrders: bigint;
  readonly unallocated: bigint;
  readonly delivered: bigint;
  /** Before cover; and all cover that counts in exposure, used or not. */
  readonly gross: bigint;
  readonly coverAll: bigint;
  /** Cover that lowers exposure, and cover that is part of the limit. */
  readonly cover: bigint;
  readonly limitCover: bigint;
  /** Share of all that is owed and ordered that cover takes. */
  readonly coverRatio: number;
  /** Not due, 1-30, 31-60, 61-90, over 90 days past due. */
  readonly ageing: readonly bigint[];
  readonly overdue: bigint;
  readonly overdueCount: number;
  /** Worst of the undisputed parts that are material. */
  readonly dpdMax: number;
  readonly dpdWeighted: number;
  readonly limit: bigint | null;
  readonly materiality: bigint;
}

/** max(floor, share of the limit) (D2, materiality). */
function materialityOf(rules: Rules, limit: bigint | null): bigint {
  const floor = minorOf(rules.materiality.floor, rules.currency);
  if (limit === null) return floor;
  const share = BigInt(
    Math.round(Number(limit) * rules.materiality.limitShare),
  );
  return share > floor ? share : floor;
}

function valueOf(amount: bigint, currency: string, rates: Rates): bigint {
  return toBase(amount, currency, rates) ?? 0n;
}

function bucketOf(dpd: number): number {
  if (dpd === 0) return 0;
  return dpd > 90 ? 4 : Math.ceil(dpd / 30);
}

export interface ExposureQuestion extends LedgerQuestion {
  readonly now: number;
  readonly limits: Limits;
  readonly cover: Cover;
  /** Whether an order is allowed or released: held ones do not count. */
  readonly isReserved: (orderId: string) => boolean;
}

export function exposureOf(
  papers: Papers,
  ledger: Ledger,
  question: ExposureQuestion,
): Exposure {
  const { rates, rules } = question;
  const line = lineAt(question.limits, question.now);
  const own = line && toBase(line.amount, line.currency, rates);
  const { inExposure, inLimit } = question.cover;
  const limit = own === null ? null : own + inLimit;
  const materiality = materialityOf(rules, limit);
  const inBase = (part: OpenPart, amount: bigint): bigint =>
    valueOf(amount, part.invoice.value.currency, rates);
  const ageing = [0n, 0n, 0n, 0n, 0n];
  let receivables = 0n;
  for (const part of ledger.parts) {
    const value = inBase(part, part.open);
    const bucket = bucketOf(part.dpd);
    ageing[bucket] = (ageing[bucket] ?? 0n) + value;
    receivables += value;
  }
  const refunds = [...papers.payments.values()].flatMap((p) => p.refunds);
  for (const { id, currency } of refunds) {
    const value = valueOf(ledger.owed.get(id) ?? 0n, currency, rates);
    receivables += value;
    ageing[0] = (ageing[0] ?? 0n) + value;
  }
  const late = ledger.parts
    .filter((part) => part.dpd > 0)
    .map((part) => ({ dpd: part.dpd, value: inBase(part, part.undisputed) }))
    .filter(({ value }) => value > 0n);
  const overdue = late.reduce((sum, { value }) => sum + value, 0n);
  const weighted = late.reduce(
    (sum, { dpd, value }) => sum + Number(value) * dpd,
    0,
  );
  let openOrders = 0n;
  for (const [id, open] of ledger.orders) {
    const order = papers.orders.get(id);
    if (!order || !question.isReserved(id)) continue;
    openOrders += valueOf(open, order.currency, rates);
  }
  let unallocated = 0n;
  for (const [id, free] of ledger.free) {
    const payment = papers.payments.get(id);
    if (payment) unallocated += valueOf(free, payment.value.currency, rates);
  }
  let delivered = 0n;
  for (const [id, unbilled] of ledger.unbilled) {
    const order = papers.orders.get(id);
    if (order) delivered += valueOf(unbilled, order.currency, rates);
  }
  const gross = receivables + delivered + openOrders - unallocated;
  const most = gross > 0n ? gross : 0n;
  const cover = inExposure < most ? inExposure : most;
  return {
    total: gross - cover,
    ...{ receivables, openOrders, unallocated, delivered },
    ...{ gross, coverAll: inExposure, cover, limitCover: inLimit },
    coverRatio:
      gross > 0n
        ? Math.min(1, Number(inExposure + inLimit) / Number(gross))
        : 0,
    ageing,
    overdue,
    overdueCount: late.length,
    dpdMax: Math.max(
      0,
      ...late.filter(({ value }) => value >= materiality).map(({ dpd }) => dpd),
    ),
    dpdWeighted: overdue === 0n ? 0 : weighted / Number(overdue),
    limit,
    materiality,
  };
}

/** E / L; null without a limit, Infinity where L = 0 and E > 0. */
export function utilisationOf({ total, limit }: Exposure): number | null {
  if (limit === null) return null;
  if (limit === 0n) return total > 0n ? Infinity : 0;
  return total > 0n ? Number(total) / Number(limit) : 0;
}
