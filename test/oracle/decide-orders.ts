/** May an order be shipped? Blocking rules of D2 with the codes of E4. */
import type { Account } from "./account.ts";
import type { Dossier } from "./chronicle.ts";
import type { Alert, Decided, OrderStand, Present } from "./diary.ts";
import { isActive } from "./alert-life.ts";
import { exposureWith } from "./exposure.ts";
import { windowStart } from "./features.ts";
import type { GroupStand } from "./groups.ts";
import { lineAt } from "./limits.ts";
import { graveEntries } from "./outside.ts";
import type { OrderPaper } from "./papers.ts";
import { toBase } from "./rates.ts";
import { minorOf, type ClassName, type Rules } from "./rules.ts";
import { manualHold } from "./score.ts";
import { termsDaysOf, termsOfOrder } from "./terms.ts";

const hourMs = 3_600_000;
const returnsMax = 2;
const returnsDays = 180;

/** Cap of a single order: by document, and by the class's share of the limit. */
export function capOf(
  name: ClassName,
  limit: bigint | null,
  rules: Rules,
): bigint | null {
  const { documentCap, limitShare } = rules.holds;
  const caps: bigint[] = [];
  if (documentCap !== null) caps.push(minorOf(documentCap, rules.currency));
  const share = limitShare[name];
  if (share !== null && limit !== null) {
    caps.push(BigInt(Math.round(Number(limit) * share)));
  }
  return caps.length === 0 ? null : caps.reduce((a, b) => (b < a ? b : a));
}

/** Payments that came back in the window (H09, PAY-06). */
export function returnsOf({ papers, question }: Account): number {
  const { today } = question;
  return [...papers.payments.values()].filter(
    ({ state, day }) =>
      state === "returned" &&
      day >= windowStart(returnsDays, today) &&
      day <= today,
  ).length;
}

const isTold = (alert: Alert): boolean =>
  isActive(alert) || alert.state === "confirmed";

/** Something that the check needs has no rate: nothing may ship (F-3). */
function lacksRate(
  dossier: Dossier,
  account: Account,
  order: OrderPaper,
  groups: readonly GroupStand[],
): boolean {
  const { ledger, papers, limits, now, question } = account;
  const open = [...ledger.orders].filter(
    ([id, left]) =>
      left > 0n &&
      ["allowed", "released"].includes(
        dossier.diary.orders.get(id)?.status ?? "",
      ),
  );
  const currencies = [
    order.currency,
    ...open.map(([id]) => papers.orders.get(id)?.currency ?? order.currency),
    ...ledger.parts.map(({ invoice }) => invoice.value.currency),
    lineAt(limits, now)?.currency ?? order.currency,
  ];
  return (
    currencies.some((one) => toBase(1n, one, question.rates) === null) ||
    groups.some(({ isUnknown }) => isUnknown)
  );
}

/** Codes that stop an order worth `value`, sorted. */
export function holdCodes(
  dossier: Dossier,
  account: Account,
  order: OrderPaper,
  value: bigint,
  groups: readonly GroupStand[],
): string[] {
  const { diary } = dossier;
  const { exposure, question, now } = account;
  const { rules } = question;
  const { limit, dpdMax, overdue } = exposure;
  const name = diary.class;
  const codes: string[] = [];
  const stop = (code: string, when: boolean): void => {
    if (when) codes.push(code);
  };
  const after = exposureWith(exposure, value);
  stop("H10", manualHold(dossier.events) !== null);
  stop("H15", lacksRate(dossier, account, order, groups));
  const days = name === "E" ? 1 : rules.holds.overdueDays[name];
  stop("H03", dpdMax >= days);
  const most = rules.holds.overdueAmount[name];
  stop("H04", most !== null && overdue > minorOf(most, rules.currency));
  const id = order.value.orderId;
  const large = diary.alerts.some(
    (alert) =>
      alert.rule === "ORD-01" &&
      alert.ref === id &&
      isTold(alert) &&
      (alert.severity === "high" || alert.severity === "critical"),
  );
  stop("H06", large);
  stop("H09", returnsOf(account) >= returnsMax);
  stop("H01", limit !== null && after > limit);
  stop("H12", graveEntries(dossier.events) > 0);
  const end = lineAt(account.limits, now)?.to ?? null;
  stop("H02", end !== null && now >= end);
  const added = after - exposure.total;
  stop(
    "H11",
    groups.some(
      (one) => one.limit !== null && one.exposure + added > one.limit,
    ),
  );
  const cap = capOf(name, limit, rules);
  stop("H05", cap !== null && value > cap);
  stop("H07", name === "E");
  const terms = termsOfOrder(order);
  const usual = termsDaysOf(dossier.events) + rules.rules.ord07.days;
  stop("H08", rules.holds.stretchedTerms && terms !== null && terms >= usual);
  const wanted = rules.holds.coverShare[name];
  stop("H13", wanted !== null && coverShare(exposure, value) < wanted);
  const split = diary.alerts.some(
    (alert) =>
      alert.rule === "ORD-04" &&
      isTold(alert) &&
      (alert.orderId === id || order.value.time >= alert.eventTime),
  );
  stop("H14", rules.holds.splitOrders && split);
  return codes.sort();
}

function coverShare(
  { gross, coverAll, limitCover }: Account["exposure"],
  value: bigint,
): number {
  const whole = gross + value;
  if (whole <= 0n) return 0;
  return Math.min(1, Number(coverAll + limitCover) / Number(whole));
}

/** Decides an order; `account` must not count it. What it said is kept. */
export function decide(
  stand: OrderStand,
  codes: readonly string[],
  { exposure }: Account,
  value: bigint,
  present: Present,
  isRecheck: boolean,
): void {
  const isAllowed = codes.length === 0;
  const last = stand.decision;
  const isSame =
    isRecheck && last?.outcome === "hold" && last.codes.join() === codes.join();
  stand.status = isAllowed ? "allowed" : "held";
  stand.recheck = isAllowed
    ? 0
    : present.now + present.rules.holds.recheckHours * hourMs;
  if (isAllowed || !isSame) {
    stand.decision = decided(
      isAllowed ? "allow" : "hold",
      codes,
      exposure,
      value,
      present.now,
    );
  }
}

export function decided(
  outcome: Decided["outcome"],
  codes: readonly string[],
  exposure: Account["exposure"],
  value: bigint,
  at: number,
): Decided {
  const before = exposure.total;
  const after = outcome === "allow" ? exposureWith(exposure, value) : before;
  return { outcome, codes, before, after, limit: exposure.limit, at };
}
