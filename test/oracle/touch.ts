/**
 * What happens when a customer is looked at (architecture 5, domain C4): by an
 * event, by a timer, in a sweep. Everything is asked anew from the papers; only
 * what depends on the moment goes into the diary.
 */
import type { OperatorAction } from "@riskwall/schemas";
import { accountAt, papersFor, type Account } from "./account.ts";
import { actOnAlert, close, raise } from "./alert-life.ts";
import { localDay } from "./calendar.ts";
import type { Applied, Chronicle, Dossier } from "./chronicle.ts";
import { decide, decided, holdCodes } from "./decide-orders.ts";
import type { Finding, OrderStand, Present } from "./diary.ts";
import { evaluate } from "./evaluate.ts";
import { factFindings } from "./fact-findings.ts";
import { groupsOf } from "./groups.ts";
import { ledgerOf } from "./ledger.ts";
import { expireLimits, tellAction } from "./limit-words.ts";
import { noteSettlements } from "./log-order.ts";
import { allOrders } from "./order-marks.ts";
import { orderFindings } from "./order-findings.ts";
import { groupIdOf, saidOf, segmentOf } from "./papers.ts";
import { toBase } from "./rates.ts";
import { minorOf, rulesFor } from "./rules.ts";
import { isRefused } from "./refusals.ts";
import { planWake } from "./wakes.ts";

const dayMs = 86_400_000;

/** The present of a customer at an instant. */
export function presentOf(
  chronicle: Chronicle,
  dossier: Dossier,
  now: number,
  corrected = false,
): Present {
  const { rules, rates, logTime } = chronicle;
  const today = localDay(now, rules.zoneOffsetMinutes);
  const segment = segmentOf(dossier.events);
  return {
    ...{ offset: chronicle.next - 1, logTime, now, today, rates, corrected },
    rules: rulesFor(rules, segment, dossier.diary.class, today),
  };
}

/** After every touch: what the group counts of it, and when it is due next. */
function finish(chronicle: Chronicle, dossier: Dossier): void {
  const { diary, id } = dossier;
  diary.touched = chronicle.next - 1;
  const groupId = groupIdOf(dossier.events);
  const { members } = chronicle.groups;
  if (groupId === null) members.delete(id);
  else members.set(id, { groupId, owes: diary.owes });
  diary.wake = planWake(dossier, chronicle.rules);
}

/** What is due of a customer at the log time of the record that is read. */
export function fireTimer(chronicle: Chronicle, dossier: Dossier): void {
  const { logTime } = chronicle;
  if (dossier.loadingUntil !== null) {
    if (dossier.loadingUntil > logTime) return;
    catchUp(chronicle, dossier);
  } else {
    const present = presentOf(chronicle, dossier, logTime);
    roll(chronicle, dossier, present);
    recheck(chronicle, dossier, present, true);
    evaluate(chronicle, dossier, present);
  }
  finish(chronicle, dossier);
}

/** New rules or rates: every customer is looked at once. */
export function sweep(chronicle: Chronicle, dossier: Dossier): void {
  const isLoading = dossier.loadingUntil !== null;
  const now = isLoading ? dossier.loadingClock : chronicle.logTime;
  const present = presentOf(chronicle, dossier, now);
  roll(chronicle, dossier, present);
  if (!isLoading) recheck(chronicle, dossier, present, false);
  evaluate(chronicle, dossier, present);
  finish(chronicle, dossier);
}

/** Loading ends: the customer jumps to log time. */
export function catchUp(chronicle: Chronicle, dossier: Dossier): void {
  dossier.loadingUntil = null;
  const present = presentOf(chronicle, dossier, chronicle.logTime);
  roll(chronicle, dossier, present);
  evaluate(chronicle, dossier, present);
}

/** An event that was just put at the end of the customer's events. */
export function applyEvent(
  chronicle: Chronicle,
  dossier: Dossier,
  applied: Applied,
): void {
  const { record, now } = applied;
  const { diary } = dossier;
  const isLoading = dossier.loadingUntil !== null;
  const isOld = !isLoading && record.value.time < dossier.newestBefore - dayMs;
  const corrected = record.name !== "OperatorAction" && isOld;
  const present = presentOf(chronicle, dossier, now, corrected);
  // Until the event counts, the papers are those before it.
  dossier.events.pop();
  if (isLoading && diary.score !== 0 && present.today > diary.day) {
    roll(chronicle, dossier, present);
    evaluate(chronicle, dossier, present);
  }
  roll(chronicle, dossier, present);
  const before = [...dossier.events];
  const refused = isRefused(dossier, record);
  dossier.events.push(applied);
  if (record.name === "OperatorAction") {
    operate(chronicle, dossier, record.value, present);
  } else if (!refused) {
    takeFact(chronicle, dossier, applied, before, present);
  }
  evaluate(chronicle, dossier, present);
  finish(chronicle, dossier);
}

function takeFact(
  chronicle: Chronicle,
  dossier: Dossier,
  { record }: Applied,
  before: readonly Applied[],
  present: Present,
): void {
  const { diary } = dossier;
  const isLive = dossier.loadingUntil === null;
  if (record.name === "OrderPlaced") {
    placeOrder(
      chronicle,
      dossier,
      record.value.orderId,
      record.value.time,
      present,
    );
    return;
  }
  const owed = Math.max(0, Number(diary.owes));
  if (record.name === "OrderCancelled" || record.name === "OrderAmended") {
    followPaper(dossier, record.value.orderId);
  }
  const question = { ...present };
  noteSettlements(
    diary,
    dossier.events,
    ledgerOf(papersFor(dossier), question),
  );
  noteBroken(dossier, present);
  if (!isLive) return;
  if (record.name === "OrderCancelled") {
    closeOrderAlerts(dossier, record.value.orderId, present);
  }
  if (record.name === "RegisterReported" && record.value.status !== "open") {
    closeRegister(dossier, record.value.registerId, present);
  }
  const account = accountAt(dossier, present);
  const fact = { dossier, account, present, before, owed };
  raiseAll(dossier, factFindings(fact), account, present, record.value.time);
  if (rechecking.has(record.name)) recheck(chronicle, dossier, present, false);
}

/** Facts after which held orders are looked at again (D2). */
const rechecking: ReadonlySet<string> = new Set([
  ...["PaymentReceived", "InvoiceCredited", "InvoiceWrittenOff", "CoverSet"],
  ...["RegisterReported", "CustomerLimitSet", "CustomerUpserted"],
  ...["OrderCancelled", "OrderAmended", "OrderReturned"],
]);

function raiseAll(
  dossier: Dossier,
  findings: readonly Finding[],
  { exposure }: Account,
  present: Present,
  eventTime?: number,
): void {
  for (const finding of findings) {
    raise(dossier, finding, exposure, present, eventTime);
  }
}

/** A register that closes its entry ends the alert of it. */
function closeRegister(dossier: Dossier, id: string, present: Present): void {
  const newest = saidOf(dossier.events, "RegisterReported")
    .map(({ value }) => value)
    .filter(({ registerId }) => registerId === id)
    .sort((a, b) => a.time - b.time)
    .at(-1);
  if (newest?.status === "open") return;
  const alert = dossier.diary.alerts.find(
    ({ rule, ref, state }) =>
      rule === "EXT-01" && ref === id && state !== "confirmed",
  );
  if (alert) close(dossier, alert, "resolved", present);
}

function closeOrderAlerts(
  dossier: Dossier,
  id: string,
  present: Present,
): void {
  for (const alert of [...dossier.diary.alerts]) {
    const { ref, orderId, state } = alert;
    if (ref !== id || orderId !== id || state === "confirmed") continue;
    close(dossier, alert, "resolved", present);
  }
}

/** A cancelled order reserves nothing and was not decided. */
function followPaper(dossier: Dossier, orderId: string): void {
  const stand = dossier.diary.orders.get(orderId);
  const paper = papersFor(dossier).orders.get(orderId);
  if (!stand || paper?.cancelled !== true) return;
  stand.status = "cancelled";
  stand.decision = null;
}

function placeOrder(
  chronicle: Chronicle,
  dossier: Dossier,
  id: string,
  eventTime: number,
  present: Present,
): void {
  const { diary } = dossier;
  const isLive = dossier.loadingUntil === null;
  const stand: OrderStand = {
    ...{ status: isLive ? "held" : "allowed", recheck: 0, expires: 0 },
    decision: null,
  };
  diary.orders.set(id, stand);
  followPaper(dossier, id);
  const paper = papersFor(dossier).orders.get(id);
  if (!paper) return;
  if (!isLive || paper.cancelled) return;
  const account = accountAt(dossier, present);
  const { rates, rules } = present;
  const open = account.ledger.orders.get(id) ?? 0n;
  const value = Number(toBase(open, paper.currency, rates) ?? 0n);
  const name = segmentOf(dossier.events);
  const known = chronicle.segments[name];
  const own = rules.segments[name] ?? rules.defaultSegment;
  const segment =
    known && known.orders >= rules.segmentMinOrders
      ? { p95: known.orderP95, p99: known.orderP99 }
      : {
          p95: Number(minorOf(own.orderP95, rules.currency)),
          p99: Number(minorOf(own.orderP99, rules.currency)),
        };
  const order = { dossier, account, paper, value, present, segment };
  raiseAll(dossier, orderFindings(order), account, present, eventTime);
  decideOne(chronicle, dossier, id, present, false);
}

function decideOne(
  chronicle: Chronicle,
  dossier: Dossier,
  id: string,
  present: Present,
  isRecheck: boolean,
): void {
  const stand = dossier.diary.orders.get(id);
  const paper = papersFor(dossier).orders.get(id);
  if (!stand || !paper) return;
  stand.status = "held";
  const account = accountAt(dossier, present);
  const open = account.ledger.orders.get(id) ?? 0n;
  const value = toBase(open, paper.currency, present.rates) ?? 0n;
  const groups = groupsAt(chronicle, dossier, account);
  const codes = holdCodes(dossier, account, paper, value, groups);
  decide(stand, codes, account, value, present, isRecheck);
}

function groupsAt(
  chronicle: Chronicle,
  dossier: Dossier,
  { exposure }: Account,
): ReturnType<typeof groupsOf> {
  const groupId = groupIdOf(dossier.events);
  return groupsOf(chronicle, dossier.id, groupId, exposure.total);
}

/** Held orders in placing order, each seeing the reservations before it. */
function recheck(
  chronicle: Chronicle,
  dossier: Dossier,
  present: Present,
  dueOnly: boolean,
): void {
  const { orders } = papersFor(dossier);
  const held = [...dossier.diary.orders]
    .filter(([, { status }]) => status === "held")
    .filter(([, stand]) => !dueOnly || stand.recheck <= present.now)
    .map(([id]) => ({ id, placed: orders.get(id)?.value.time ?? 0 }))
    .sort((a, b) => a.placed - b.placed || (a.id < b.id ? -1 : 1));
  for (const { id } of held) decideOne(chronicle, dossier, id, present, true);
}

/** What a new day changes, once. */
function roll(chronicle: Chronicle, dossier: Dossier, present: Present): void {
  const { diary } = dossier;
  const { today, now, rules } = present;
  limitsBegin(chronicle, dossier, present);
  if (today <= diary.day) return;
  diary.day = today;
  const oldest = now - rules.ledger.reservationDays * dayMs;
  const { orders } = papersFor(dossier);
  const byId = [...diary.orders].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [id, stand] of byId) {
    const placed = orders.get(id)?.value.time ?? 0;
    const isOld = placed < oldest && stand.status !== "expired";
    const hasEnded = stand.expires > 0 && stand.expires <= now;
    if (stand.status === "released" && hasEnded && !isOld) {
      decideOne(chronicle, dossier, id, present, true);
      stand.expires = 0;
    } else if (isOld && stand.status !== "cancelled") {
      stand.status = "expired";
    }
  }
  noteBroken(dossier, present);
  expireLimits(dossier, present);
}

/** A limit that begins by its date is a change of it: holds are looked at. */
function limitsBegin(
  chronicle: Chronicle,
  dossier: Dossier,
  present: Present,
): void {
  const { diary } = dossier;
  const last = Math.max(diary.asOf, diary.limitsSeen);
  diary.limitsSeen = present.now;
  if (dossier.loadingUntil !== null || diary.asOf === 0) return;
  const begins = diary.beginnings.some(
    (from) => from > last && from <= present.now,
  );
  if (begins) recheck(chronicle, dossier, present, false);
}

/** PAY-05: promises that broke since somebody looked last. */
function noteBroken(dossier: Dossier, present: Present): void {
  const { diary } = dossier;
  const papers = papersFor(dossier);
  if (papers.promises.size === 0) return;
  const ledger = ledgerOf(papers, present);
  const broken = [...ledger.promises]
    .filter(([, { state }]) => state === "broken")
    .map(([id]) => id);
  const before = diary.broken;
  diary.broken = new Set(broken);
  if (dossier.loadingUntil !== null) return;
  const fresh = broken.filter((id) => !before.has(id)).sort();
  if (fresh.length === 0) return;
  const account = accountAt(dossier, present);
  const recent = broken.filter((id) => {
    const day = papers.promises.get(id)?.value.promiseDate ?? 0;
    return day > present.today - 90;
  }).length;
  const findings = fresh.map((ref): Finding => {
    const value = papers.promises.get(ref)?.value.amount ?? 0;
    const severity = recent >= 2 ? "high" : "medium";
    return { rule: "PAY-05", ref, severity, value, moneyAtRisk: value };
  });
  raiseAll(dossier, findings, account, present);
}

/** What a person decided (architecture 6). */
function operate(
  chronicle: Chronicle,
  dossier: Dossier,
  action: OperatorAction,
  present: Present,
): void {
  const { partition } = chronicle;
  if (action.target === "alert") {
    const done = actOnAlert(dossier, action, present, partition);
    if (done?.isClosed === true) recheck(chronicle, dossier, present, false);
    if (done?.alert.state === "confirmed" && action.action === "confirm") {
      noteAnomaly(dossier, done.alert, present);
    }
    return;
  }
  if (action.target === "order") {
    answerOrder(chronicle, dossier, action, present);
    return;
  }
  if (limitActions.has(action.action)) {
    if (!tellAction(dossier, action, present)) return;
  }
  recheck(chronicle, dossier, present, false);
}

const limitActions: ReadonlySet<string> = new Set([
  "set-limit",
  "approve-limit",
  "reject-limit",
]);

function answerOrder(
  chronicle: Chronicle,
  dossier: Dossier,
  action: OperatorAction,
  present: Present,
): void {
  const id = action.targetId;
  const stand = dossier.diary.orders.get(id);
  const paper = papersFor(dossier).orders.get(id);
  if (stand?.status !== "held" || !paper) return;
  const account = accountAt(dossier, present);
  const open = account.ledger.orders.get(id) ?? 0n;
  const value = toBase(open, paper.currency, present.rates) ?? 0n;
  const groups = groupsAt(chronicle, dossier, account);
  const codes = holdCodes(dossier, account, paper, value, groups);
  const isRelease = action.action === "release";
  stand.status = isRelease ? "released" : "rejected";
  stand.expires = isRelease ? (action.until ?? 0) : 0;
  stand.recheck = 0;
  const outcome = isRelease ? "allow" : "reject";
  const { exposure } = account;
  stand.decision = decided(outcome, codes, exposure, value, present.now);
  closeOrderAlerts(dossier, id, present);
  recheck(chronicle, dossier, present, false);
}

const anomaliesMost = 20;
const anomalyDays = 430;

/** What people confirm trains no baseline (F-29). */
function noteAnomaly(
  dossier: Dossier,
  alert: {
    rule: string;
    ref: string;
    openedAt: number;
    orderId: string | null;
  },
  present: Present,
): void {
  const { diary } = dossier;
  const account = accountAt(dossier, present);
  const mark = allOrders(account).find(({ id }) => id === alert.orderId);
  const episode = diary.episodes.find(
    ({ rule, ref }) => rule === alert.rule && ref === alert.ref,
  );
  const zone = present.rules.zoneOffsetMinutes;
  const day = localDay(alert.openedAt, zone);
  const found =
    alert.rule === "ORD-01" && mark
      ? { day: mark.day, amount: mark.amount, orders: 0 }
      : alert.rule === "ORD-03" && episode
        ? { day, amount: 0, orders: episode.value }
        : null;
  if (found === null) return;
  diary.anomalies = [
    ...diary.anomalies.filter((item) => item.day > present.today - anomalyDays),
    found,
  ].slice(-anomaliesMost);
}
