/**
 * The ledger of a customer on a day, made anew from all its papers (domain C1,
 * C2, F-11 to F-24). Nothing is kept between two questions: money is allocated
 * from the first payment to the last each time, in whole numbers.
 */
import type { PaymentReceived } from "@riskwall/schemas";
import { addBusinessDays, rollForward } from "./calendar.ts";
import type {
  ComplaintPaper,
  InvoicePaper,
  Money,
  Papers,
  PaymentPaper,
} from "./papers.ts";
import { fromBase, toBase, type Rates } from "./rates.ts";
import { minorOf, type Rules } from "./rules.ts";

/** Money of a payment that an invoice took. */
export interface Allocation {
  readonly payment: PaymentPaper;
  readonly invoice: InvoicePaper;
  readonly amount: bigint;
  /** Cash discount taken with it (PAY-08). */
  readonly discount: bigint;
}

/** What is open of an invoice, by instalment. */
export interface OpenPart {
  readonly invoice: InvoicePaper;
  readonly due: number;
  readonly open: bigint;
  readonly dpd: number;
  readonly undisputed: bigint;
}

export interface InvoiceStand {
  readonly paper: InvoicePaper;
  readonly open: bigint;
  readonly disputed: bigint;
  /** Day on which the last money came; null while open. */
  readonly settledDay: number | null;
}

export interface PromiseStand {
  readonly state: "open" | "kept" | "broken";
  readonly received: bigint;
}

export interface Ledger {
  readonly invoices: ReadonlyMap<string, InvoiceStand>;
  readonly parts: readonly OpenPart[];
  /** Cleared money that no invoice takes, by payment. */
  readonly free: ReadonlyMap<string, bigint>;
  /** What is not invoiced yet of every order that is not cancelled. */
  readonly orders: ReadonlyMap<string, bigint>;
  /** Delivered and not billed, by order, cancelled ones too (C1). */
  readonly unbilled: ReadonlyMap<string, bigint>;
  /** What is owed of each refund (F-18). */
  readonly owed: ReadonlyMap<string, bigint>;
  readonly promises: ReadonlyMap<string, PromiseStand>;
  readonly allocations: readonly Allocation[];
}

export interface LedgerQuestion {
  readonly today: number;
  readonly rules: Rules;
  readonly rates: Rates;
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const atLeastZero = (a: bigint): bigint => (a < 0n ? 0n : a);
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Answers for a day; pure. */
export function ledgerOf(papers: Papers, question: LedgerQuestion): Ledger {
  const { left, free, allocations } = allocate(papers);
  const owed = giveBack(papers, free);
  const { open, unbilled } = openOrders(papers, question.rates);
  const byInvoice = Map.groupBy(allocations, ({ invoice }) => invoice);
  const disputes = Map.groupBy(
    [...papers.complaints.values()].filter(isDispute),
    ({ value }) => value.invoiceId,
  );
  const invoices = new Map<string, InvoiceStand>();
  for (const [id, paper] of papers.invoices) {
    const taken = byInvoice.get(paper) ?? [];
    const disputed = disputedOf(disputes.get(id) ?? [], question);
    const rest = left.get(id) ?? 0n;
    invoices.set(id, standOf(paper, rest, taken, disputed, question));
  }
  return {
    invoices,
    parts: [...invoices.values()].flatMap((item) => partsOf(item, question)),
    free,
    ...{ orders: open, unbilled, owed },
    promises: promiseStates(papers, allocations, question),
    allocations,
  };
}

interface Allocated {
  readonly left: Map<string, bigint>;
  readonly free: Map<string, bigint>;
  readonly allocations: Allocation[];
}

/**
 * Remittance advice first, for every payment; then what says nothing: exact
 * amount, promised invoices, oldest due first (F-16). Payments in the order of
 * value date and id, so that no order of arrival matters.
 */
function allocate(papers: Papers): Allocated {
  const left = new Map<string, bigint>();
  for (const [id, { value, credits }] of papers.invoices) {
    const credited = credits.reduce((sum, { amount }) => sum + amount, 0n);
    left.set(id, atLeastZero(BigInt(value.amount) - credited));
  }
  const free = new Map<string, bigint>();
  const allocations: Allocation[] = [];
  const invoices = [...papers.invoices.values()].sort(
    (a, b) =>
      a.value.dueDate - b.value.dueDate ||
      byText(a.value.invoiceId, b.value.invoiceId),
  );
  const payments = [...papers.payments.values()]
    .filter(({ state }) => state === "cleared")
    .sort(
      (a, b) => a.day - b.day || byText(a.value.paymentId, b.value.paymentId),
    );
  const give = (
    payment: PaymentPaper,
    invoice: InvoicePaper | undefined,
    most: bigint,
  ): void => {
    if (invoice?.value.currency !== payment.value.currency) return;
    const { invoiceId } = invoice.value;
    const { paymentId } = payment.value;
    // Money that went back before the invoice was issued pays it no more.
    const gone = payment.refunds
      .filter(({ day }) => day < invoice.value.issueDate)
      .reduce((sum, { amount }) => sum + amount, 0n);
    const money = (free.get(paymentId) ?? 0n) - gone;
    const open = left.get(invoiceId) ?? 0n;
    const amount = smaller(smaller(money, open), most);
    if (amount <= 0n) return;
    free.set(paymentId, (free.get(paymentId) ?? 0n) - amount);
    left.set(invoiceId, open - amount);
    allocations.push({ payment, invoice, amount, discount: 0n });
  };
  const deduct = (
    payment: PaymentPaper,
    invoice: InvoicePaper | undefined,
    most: bigint,
  ): void => {
    if (invoice?.value.currency !== payment.value.currency) return;
    const { invoiceId } = invoice.value;
    const open = left.get(invoiceId) ?? 0n;
    const discount = smaller(open, most);
    if (discount === 0n) return;
    left.set(invoiceId, open - discount);
    allocations.push({ payment, invoice, amount: 0n, discount });
  };
  for (const payment of payments) {
    const { value } = payment;
    const amount = BigInt(value.amount);
    free.set(value.paymentId, amount);
    for (const wish of value.allocations) {
      const invoice = papers.invoices.get(wish.invoiceId);
      give(payment, invoice, BigInt(wish.amount));
      deduct(payment, invoice, BigInt(wish.discount));
    }
    if (value.invoiceId !== null) {
      give(payment, papers.invoices.get(value.invoiceId), amount);
    } else if (value.orderId !== null) {
      for (const invoice of invoices) {
        if (invoice.value.orderId === value.orderId) {
          give(payment, invoice, amount);
        }
      }
    }
  }
  for (const payment of payments.filter(({ value }) => saysNothing(value))) {
    const amount = BigInt(payment.value.amount);
    const exact = invoices.find(
      ({ value }) =>
        value.currency === payment.value.currency &&
        left.get(value.invoiceId) === amount,
    );
    if (exact) {
      give(payment, exact, amount);
      continue;
    }
    const promised = promisedFor(payment, papers);
    for (const invoice of invoices) {
      if (promised.has(invoice.value.invoiceId)) give(payment, invoice, amount);
    }
    for (const invoice of invoices) give(payment, invoice, amount);
  }
  return { left, free, allocations };
}

/**
 * Refunds take the free cash of their own payment, the rest is owed; free cash
 * of others settles that, oldest refund and oldest payment first (F-18).
 */
function giveBack(
  papers: Papers,
  free: Map<string, bigint>,
): Map<string, bigint> {
  const all = [...papers.payments.values()].sort(
    (a, b) => a.day - b.day || byText(a.value.paymentId, b.value.paymentId),
  );
  const refunds = all
    .flatMap((payment) => payment.refunds.map((item) => ({ payment, item })))
    .sort((a, b) => a.item.day - b.item.day || byText(a.item.id, b.item.id));
  const owed = new Map<string, bigint>();
  const take = (payment: PaymentPaper, most: bigint): bigint => {
    const { paymentId } = payment.value;
    const money = smaller(free.get(paymentId) ?? 0n, most);
    if (money > 0n) free.set(paymentId, (free.get(paymentId) ?? 0n) - money);
    return money;
  };
  for (const { payment, item } of refunds) {
    owed.set(item.id, item.amount - take(payment, item.amount));
  }
  for (const { item } of refunds) {
    for (const payment of all) {
      if (payment.value.currency !== item.currency) continue;
      const rest = owed.get(item.id) ?? 0n;
      owed.set(item.id, rest - take(payment, rest));
    }
  }
  return owed;
}

function saysNothing(value: PaymentReceived): boolean {
  return (
    value.invoiceId === null &&
    value.orderId === null &&
    value.allocations.length === 0
  );
}

/** Invoices of the promises that were running on the payment's day. */
function promisedFor(payment: PaymentPaper, papers: Papers): Set<string> {
  return new Set(
    [...papers.promises.values()]
      .filter(({ made }) => payment.day >= made)
      .filter(({ value }) => payment.day <= value.promiseDate)
      .flatMap(({ value }) => value.invoiceIds),
  );
}

function standOf(
  paper: InvoicePaper,
  left: bigint,
  taken: readonly Allocation[],
  disputed: bigint,
  question: LedgerQuestion,
): InvoiceStand {
  const days = taken.map(({ payment }) => payment.day);
  const paid = days.length > 0;
  const isDust = paid && left <= toleranceOf(paper, question);
  const open = isDust ? 0n : left;
  return {
    paper,
    open,
    disputed: smaller(open, disputed),
    // What was written off was never paid: no payment behaviour.
    settledDay:
      open > 0n
        ? null
        : paid && !paper.isWrittenOff
          ? Math.max(...days)
          : paper.value.issueDate,
  };
}

/** Residual written off after a payment: floor and share, the smaller (F-15). */
function toleranceOf(
  { value }: InvoicePaper,
  { rules, rates }: LedgerQuestion,
): bigint {
  const { floor, share } = rules.residual;
  const most =
    fromBase(minorOf(floor, rates.base), value.currency, rates) ?? 0n;
  return smaller(most, BigInt(Math.floor(value.amount * share)));
}

/** Open complaints with an amount. */
function isDispute({ outcome, value }: ComplaintPaper): boolean {
  return outcome === null && (value.disputedAmount ?? 0) > 0;
}

/** What is disputed of an invoice while the pause lasts (F-20). */
function disputedOf(
  disputes: readonly ComplaintPaper[],
  { today, rules }: LedgerQuestion,
): bigint {
  const first = Math.min(...disputes.map(({ day }) => day));
  if (today - first > rules.ledger.disputePauseDays) return 0n;
  return disputes.reduce(
    (sum, { value }) => sum + BigInt(value.disputedAmount ?? 0),
    0n,
  );
}

/**
 * Days past due. A due date on a holiday excuses until the next business day
 * (F-6); after it the days are counted by dates from the due date itself (F-5).
 */
export function daysPastDue(
  due: number,
  { today, rules }: LedgerQuestion,
): number {
  return today > rollForward(due, rules.calendar) ? today - due : 0;
}

function partsOf(stand: InvoiceStand, question: LedgerQuestion): OpenPart[] {
  if (stand.open === 0n) return [];
  const { paper } = stand;
  const { value } = paper;
  const plan =
    value.instalments.length === 0
      ? [{ dueDate: value.dueDate, amount: value.amount }]
      : [...value.instalments].sort((a, b) => a.dueDate - b.dueDate);
  // Money settles the earliest instalment first; so the latest stay open.
  let toCover = stand.open;
  const open = new Map<(typeof plan)[number], bigint>();
  for (const part of [...plan].reverse()) {
    const amount = smaller(toCover, BigInt(part.amount));
    toCover -= amount;
    open.set(part, amount);
  }
  let disputed = stand.disputed;
  const parts: OpenPart[] = [];
  for (const part of plan) {
    const amount = open.get(part) ?? 0n;
    if (amount === 0n) continue;
    const held = smaller(disputed, amount);
    disputed -= held;
    parts.push({
      invoice: paper,
      due: part.dueDate,
      open: amount,
      dpd: daysPastDue(part.dueDate, question),
      undisputed: amount - held,
    });
  }
  return parts;
}

/**
 * An invoice with its order moves its part to receivables (architecture 6);
 * goods that went out and did not come back move theirs to unbilled (C1).
 */
function openOrders(
  papers: Papers,
  rates: Rates,
): {
  readonly open: Map<string, bigint>;
  readonly unbilled: Map<string, bigint>;
} {
  const open = new Map<string, bigint>();
  const unbilled = new Map<string, bigint>();
  const invoices = Map.groupBy(
    papers.invoices.values(),
    ({ value }) => value.orderId,
  );
  for (const [id, order] of papers.orders) {
    const sum = (items: readonly Money[]): bigint =>
      items.reduce((all, { amount, currency }) => {
        if (currency === order.currency) return all + amount;
        const inBase = toBase(amount, currency, rates);
        const inOwn = inBase && fromBase(inBase, order.currency, rates);
        return all + (inOwn ?? amount);
      }, 0n);
    const billed = sum(
      (invoices.get(id) ?? []).map(({ value }) => ({
        ...{ amount: BigInt(value.amount), currency: value.currency },
      })),
    );
    const back = sum(order.returned);
    const there = atLeastZero(sum(order.delivered) - back);
    unbilled.set(id, atLeastZero(there - billed));
    if (order.cancelled) continue;
    const done = billed > there ? billed : there;
    open.set(id, atLeastZero(order.amount - back - done));
  }
  return { open, unbilled };
}

/** Kept: the share of the amount was allocated in time (C2). */
function promiseStates(
  papers: Papers,
  allocations: readonly Allocation[],
  { today, rules }: LedgerQuestion,
): Map<string, PromiseStand> {
  const { businessDays, keptShare } = rules.rules.pay05;
  const states = new Map<string, PromiseStand>();
  for (const [id, { value, made }] of papers.promises) {
    const last = addBusinessDays(
      value.promiseDate,
      businessDays,
      rules.calendar,
    );
    const received = allocations
      .filter(({ payment }) => payment.day >= made && payment.day <= last)
      .filter(({ payment }) => payment.value.currency === value.currency)
      .filter(
        ({ invoice }) =>
          value.invoiceIds.length === 0 ||
          value.invoiceIds.includes(invoice.value.invoiceId),
      )
      .reduce((sum, { amount }) => sum + amount, 0n);
    const isKept = Number(received) >= value.amount * keptShare;
    const state = isKept ? "kept" : today > last ? "broken" : "open";
    states.set(id, { state, received });
  }
  return states;
}
