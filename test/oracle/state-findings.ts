/** Rules on how a customer stands (domain D2); each holds or does not. */
import type { Account } from "./account.ts";
import { addBusinessDays, localDay, rollForward } from "./calendar.ts";
import type { Dossier } from "./chronicle.ts";
import { markOn } from "./day-marks.ts";
import type { Finding, Present, Severity } from "./diary.ts";
import { utilisationOf } from "./exposure.ts";
import { lineAt } from "./limits.ts";
import { gapsOf, ringOf } from "./order-marks.ts";
import { contractsOf, coverOf, coversOf, dunningOf } from "./outside.ts";
import { byTime, saidOf } from "./papers.ts";
import { toBase } from "./rates.ts";
import { minorOf } from "./rules.ts";

const dayMs = 86_400_000;
const agencyLevel = 8;
const metLateDays = 30;

/** What holds, and what is to be told of it. */
export interface Standing {
  readonly findings: Finding[];
  /** `rule|ref` of every condition whose alert may stay open. */
  readonly holding: Set<string>;
}

type Rule = (
  dossier: Dossier,
  account: Account,
  present: Present,
  into: Standing,
) => void;

export function standingOf(
  dossier: Dossier,
  account: Account,
  present: Present,
): Standing {
  const into: Standing = { findings: [], holding: new Set() };
  for (const rule of rules) rule(dossier, account, present, into);
  return into;
}

function tell(
  into: Standing,
  rule: string,
  ref: string,
  severity: Severity,
  value: number,
  moneyAtRisk: number,
): void {
  into.findings.push({ rule, ref, severity, value, moneyAtRisk });
}

const utilisation: Rule = ({ diary }, { exposure }, { rules }, into) => {
  const { limit, total } = exposure;
  const use = utilisationOf(exposure);
  for (const [id, { status }] of diary.orders) {
    // The breach that an order would make lasts while it is held.
    if (status === "held") into.holding.add(`EXP-02|${id}`);
  }
  if (limit === null || use === null) return;
  const { exp01, exp02 } = rules.rules;
  if (use >= exp01.rearm && use <= 1) into.holding.add("EXP-01|");
  if (use > exp02.clear) into.holding.add("EXP-02|");
  const over = Number(total - limit);
  const floor = Number(minorOf(rules.materiality.floor, rules.currency));
  if (use > 1) {
    if (over < floor) return;
    const severity = use > exp02.critical ? "critical" : "high";
    tell(into, "EXP-02", "", severity, over, over);
  } else if (use >= exp01.warn) {
    const isWeak = diary.class === "C" || diary.class === "D";
    const severity = isWeak && use >= exp01.high ? "high" : "medium";
    tell(into, "EXP-01", "", severity, Math.round(use * 1000), Number(total));
  }
};

const overdue: Rule = ({ diary }, account, { rules, today }, into) => {
  const { exposure, ledger, question } = account;
  const { pay01, pay02 } = rules.rules;
  const late = ledger.parts
    .filter(({ dpd }) => dpd > 0)
    .map((part) => ({
      ...part,
      value:
        toBase(part.undisputed, part.invoice.value.currency, question.rates) ??
        0n,
    }))
    .filter(({ value }) => value > 0n);
  const byInvoice = Map.groupBy(late, (part) => part.invoice.value.invoiceId);
  for (const [id, parts] of byInvoice) {
    into.holding.add(`PAY-01|${id}`);
    const dpd = Math.max(...parts.map((part) => part.dpd));
    const open = parts.reduce((sum, { value }) => sum + value, 0n);
    const at = pay01.stages.findLastIndex((stage) => dpd >= stage);
    if (at < 0 || open < exposure.materiality) continue;
    const severity = pay01.severities[at] ?? "low";
    // Each stage is graver by more than the growth that speaks again.
    tell(into, "PAY-01", id, severity, 2 ** at, Number(open));
  }
  if (exposure.receivables === 0n) return;
  const share = Number(exposure.overdue) / Number(exposure.receivables);
  if (share > pay02.clear) into.holding.add("PAY-02|");
  if (share <= pay02.share || exposure.overdue < exposure.materiality) return;
  const then = markOn(diary.days, today - pay02.days)?.overdueShare ?? 0;
  if (share - then / 1000 < pay02.rise) return;
  const severity = share > pay02.high ? "high" : "medium";
  const money = Number(exposure.overdue);
  tell(into, "PAY-02", "", severity, Math.round(share * 1000), money);
};

const instalments: Rule = (_dossier, { ledger, question }, present, into) => {
  const { pay09 } = present.rules.rules;
  const missed = ledger.parts.filter(
    ({ invoice, dpd, undisputed }) =>
      invoice.value.instalments.length > 1 &&
      dpd > pay09.days &&
      undisputed > 0n,
  );
  const byInvoice = Map.groupBy(missed, (part) => part.invoice.value.invoiceId);
  for (const [id, parts] of byInvoice) {
    const worth = parts.reduce((sum, { undisputed, invoice }) => {
      const { currency } = invoice.value;
      return sum + (toBase(undisputed, currency, question.rates) ?? 0n);
    }, 0n);
    if (worth === 0n) continue;
    into.holding.add(`PAY-09|${id}`);
    const severity = parts.length >= pay09.high ? "high" : "medium";
    tell(into, "PAY-09", id, severity, parts.length, Number(worth));
  }
};

const freeCash: Rule = (_dossier, account, { rules, today }, into) => {
  const { exposure, ledger, papers } = account;
  const { unallocated, materiality } = exposure;
  if (unallocated <= materiality) return;
  const { businessDays } = rules.rules.pay12;
  const isOld = [...ledger.free].some(([id, free]) => {
    const day = papers.payments.get(id)?.day ?? today;
    const last = addBusinessDays(day, businessDays, rules.calendar);
    return free > 0n && today > last;
  });
  if (!isOld) return;
  into.holding.add("PAY-12|");
  tell(into, "PAY-12", "", "low", Number(unallocated), 0);
};

const agedDisputes: Rule = (_dossier, { papers }, { rules, today }, into) => {
  const { days: most, medium } = rules.rules.dsp02;
  for (const [id, { day, outcome, value }] of papers.complaints) {
    const days = today - day;
    const isOpen = outcome === null && (value.disputedAmount ?? 0) > 0;
    if (!isOpen || days <= most) continue;
    into.holding.add(`DSP-02|${id}`);
    const isLong = days > medium;
    const severity = isLong ? "medium" : "low";
    tell(into, "DSP-02", id, severity, isLong ? medium : most, 0);
  }
};

const missingRates: Rule = (_dossier, { exposure }, _present, into) => {
  const { unvalued, total } = exposure;
  if (unvalued === 0) return;
  into.holding.add("DQ-03|RATE");
  tell(into, "DQ-03", "RATE", "medium", unvalued, Math.max(0, Number(total)));
};

const contracts: Rule = (dossier, { question, exposure }, present, into) => {
  const { rules, today } = present;
  const { ctr01 } = rules.rules;
  const money = Math.max(0, Number(exposure.total));
  const said = saidOf(byTime(dossier.events), "MilestoneReported");
  const newest = new Map(said.map(({ value }) => [value.milestoneId, value]));
  for (const [id, { dueDate, doneDate }] of newest) {
    const until = doneDate ?? today;
    const isLate = until > rollForward(dueDate, rules.calendar);
    const days = until - dueDate;
    if (!isLate || days <= ctr01.days) continue;
    if (doneDate !== null && today - doneDate > metLateDays) continue;
    into.holding.add(`CTR-01|${id}`);
    tell(into, "CTR-01", id, "medium", days, money);
  }
  const { n, rate } = contractsOf(dossier.events, question);
  if (rate === null || n < ctr01.min) return;
  if (rate < ctr01.clear) into.holding.add("CTR-01|");
  if (rate >= ctr01.rate) return;
  tell(into, "CTR-01", "", "medium", Math.round((1 - rate) * 1000), money);
};

const collection: Rule = (dossier, account, { rules }, into) => {
  const { ledger, exposure, question } = account;
  const { level } = dunningOf(dossier.events, ledger, exposure, question);
  if (level < rules.rules.col01.level) return;
  into.holding.add("COL-01|");
  const severity = level >= agencyLevel ? "high" : "medium";
  tell(into, "COL-01", "", severity, level, Number(exposure.overdue));
};

const silentOrders: Rule = (dossier, account, { rules, today }, into) => {
  const { minGaps, medians } = rules.rules.ord09;
  const ring = ringOf(dossier, account);
  const now = today - Math.max(-1, ...ring.map(({ day }) => day));
  const gaps = gapsOf(ring, today);
  if (gaps.length < minGaps) return;
  const usual = gaps[Math.floor(gaps.length / 2)] ?? 0;
  if (now <= (gaps.at(-1) ?? 0) || now <= medians * usual) return;
  into.holding.add("ORD-09|");
  const { receivables } = account.exposure;
  const severity = receivables > 0n ? "medium" : "low";
  tell(into, "ORD-09", "", severity, now, Number(receivables));
};

const limitDates: Rule = ({ diary }, account, { rules, now, today }, into) => {
  const { exp03 } = rules.rules;
  const zone = rules.zoneOffsetMinutes;
  const { standing, temporary: last } = account.limits;
  // Ended, and a standing one took over: said once, and gone.
  const temporary = last?.setAt === diary.limits.expired ? null : last;
  const money = Math.max(0, Number(account.exposure.total));
  const dated = (
    ref: string,
    day: number,
    isPast: boolean,
    warnDays: number,
  ): void => {
    const late = today - day;
    if (!isPast && -late > warnDays) return;
    const level = !isPast ? 0 : late < exp03.highDays ? 1 : 2;
    into.holding.add(`EXP-03|${ref}`);
    const severity = (["low", "medium", "high"] as const)[level];
    tell(into, "EXP-03", ref, severity ?? "high", level + 1, money);
  };
  for (const [ref, line, warnDays] of [
    ["standing", standing, exp03.warnDays],
    ["temporary", temporary, exp03.warnTemporaryDays],
  ] as const) {
    if (line?.to == null || line.from > now) continue;
    dated(ref, localDay(line.to, zone), now >= line.to, warnDays);
  }
  const { reviewDue, reviewAsked } = diary.limits;
  if (reviewDue === 0) return;
  // Who was asked for a review by an alert needs no second notice.
  const warnDays = reviewAsked ? -1 : exp03.warnDays;
  dated("review", reviewDue, today > reviewDue, warnDays);
};

const covers: Rule = (
  { events },
  account,
  { rules, rates, now, today },
  into,
) => {
  const { exp07 } = rules.rules;
  const { exposure, limits } = account;
  for (const { coverId, validFrom, validTo, time, ...cover } of coversOf(
    events,
  )) {
    if (validTo === null || (validFrom ?? time) > now) continue;
    const end = localDay(validTo - 1, rules.zoneOffsetMinutes);
    const isPast = validTo <= now;
    const days = Math.abs(end - today);
    if (days > (isPast ? exp07.pastDays : exp07.warnDays)) continue;
    const line = lineAt(limits, now);
    const own = line && toBase(line.amount, line.currency, rates);
    const rest = coverOf(events, now, rates, coverId);
    const owed = exposure.total + exposure.cover - rest.inExposure;
    const gap = own === null ? null : owed - own - rest.inLimit;
    const isShort = gap !== null && gap > 0n;
    if (isPast && !isShort) continue;
    into.holding.add(`EXP-07|${coverId}`);
    const part = (BigInt(cover.amount) * BigInt(cover.coverage)) / 1000n;
    const worth = toBase(part, cover.currency, rates) ?? 0n;
    const value = (isPast ? 3 : 1) + (isShort ? 1 : 0);
    const money = Number(isShort ? gap : worth);
    tell(into, "EXP-07", coverId, isShort ? "high" : "medium", value, money);
  }
};

const upgrade: Rule = ({ diary }, _account, { rules, now }, into) => {
  const { days } = rules.rules.scr04;
  const { classBefore, classAt } = diary;
  // A is the best.
  const isUp = classBefore !== null && diary.class < classBefore;
  const held = Math.floor((now - classAt) / dayMs);
  if (!isUp || classAt === 0 || held < days || held >= 2 * days) return;
  into.holding.add("SCR-04|");
  tell(into, "SCR-04", "", "info", diary.score, 0);
};

/** In the order in which they are told. */
const rules: readonly Rule[] = [
  ...[utilisation, overdue, limitDates, missingRates, instalments, freeCash],
  ...[upgrade, agedDisputes, covers, contracts, collection, silentOrders],
];
