/**
 * Dates of limits (domain C9.5, C9.6, EXP-03): when a line ends, and by when it
 * is to be reviewed. The review day counts from the last decision made live:
 * what was reviewed before the product ran is not known. A worse class or a
 * high alert brings the day forward; only a new decision puts it back.
 */
import type { LimitBook, LimitLine, Severity } from "@riskwall/schemas";
import { isActive, type Finding } from "./alerts.ts";
import {
  addBusinessDays,
  addMonths,
  dayStart,
  dayText,
  localDay,
} from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Env, Moment } from "./env.ts";
import { effectiveLine, limitBook } from "./limits.ts";
import { classOf, reason } from "./order-rules.ts";
import { severityRank } from "./severity.ts";

/** True when an alert of high severity spoke just now. */
function isAlarmed(customer: Customer, moment: Moment): boolean {
  return customer.state.alerts.some(
    (alert) =>
      alert.ruleId !== "EXP-03" &&
      alert.updatedAt === moment.now &&
      alert.state === "open" &&
      isActive(alert) &&
      severityRank(alert.severity) >= severityRank("high"),
  );
}

/** Brings the review day forward to `day`; false when it was not later. */
function bring(book: LimitBook, day: number): boolean {
  if (book.reviewDue !== 0 && book.reviewDue <= day) return false;
  book.reviewDue = day;
  return true;
}

function soonDay({ today, env }: Moment): number {
  const { limits, calendar } = env.rules;
  return addBusinessDays(today, limits.alertReviewDays, calendar);
}

/** Sets the review day by the last decision and the class. */
export function planReview(customer: Customer, moment: Moment): void {
  const { state } = customer;
  const { limits, zoneOffsetMinutes } = moment.env.rules;
  const reviewedAt = (state.standing ?? state.temporary)?.reviewed ?? 0;
  if (reviewedAt === 0 && state.limits === null) return;
  const book = limitBook(state);
  if (book.reviewedAt !== reviewedAt) {
    Object.assign(book, { reviewedAt, reviewDue: 0, reviewAsked: false });
  }
  if (reviewedAt === 0) return;
  const months = limits.reviewMonths[classOf(customer)];
  const day = addMonths(localDay(reviewedAt, zoneOffsetMinutes), months);
  if (book.reviewDue !== 0 && day >= book.reviewDue) return;
  // A worse class does not make a review overdue that was in time before.
  bring(book, book.reviewDue === 0 ? day : Math.max(day, soonDay(moment)));
}

/** Brings the review forward where a high alert was raised just now. */
export function askReview(customer: Customer, moment: Moment): void {
  const { state } = customer;
  if (state.standing === null && state.temporary === null) return;
  if (!isAlarmed(customer, moment)) return;
  const book = limitBook(state);
  if (bring(book, soonDay(moment))) book.reviewAsked = true;
}

/** Something of a limit that has a date. */
interface DatedLimit {
  readonly ref: "standing" | "temporary" | "review";
  /** Local day on which it ends or is due. */
  readonly day: number;
  readonly isPast: boolean;
  /** Days before at which it is said first. */
  readonly warnDays: number;
  readonly zh: string;
  readonly en: string;
}

function datedLimits(customer: Customer, moment: Moment): DatedLimit[] {
  const { state } = customer;
  const { exp03 } = moment.env.rules.rules;
  const zone = moment.env.rules.zoneOffsetMinutes;
  const out: DatedLimit[] = [];
  const line = (
    ref: "standing" | "temporary",
    item: LimitLine | null,
    texts: Pick<DatedLimit, "warnDays" | "zh" | "en">,
  ): void => {
    if (item?.to == null || item.from > moment.now) return;
    const isPast = moment.now >= item.to;
    out.push({ ref, day: localDay(item.to, zone), isPast, ...texts });
  };
  line("standing", state.standing, {
    ...{ warnDays: exp03.warnDays, zh: "信用额度", en: "The credit limit" },
  });
  line("temporary", state.temporary, {
    warnDays: exp03.warnTemporaryDays,
    ...{ zh: "临时额度", en: "The temporary limit" },
  });
  const due = state.limits?.reviewDue ?? 0;
  if (due > 0) {
    // An alert that asked for the review was notice enough.
    const warnDays = state.limits?.reviewAsked === true ? -1 : exp03.warnDays;
    const isPast = moment.today > due;
    const texts = { zh: "额度复评", en: "The limit's review" };
    out.push({ ref: "review", day: due, isPast, warnDays, ...texts });
  }
  return out;
}

const levels: readonly Severity[] = ["low", "medium", "high"];

/** EXP-03 额度到期/复评逾期: soon, passed, long passed. */
export function limitDates(
  customer: Customer,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const { exp03 } = moment.env.rules.rules;
  for (const item of datedLimits(customer, moment)) {
    const late = moment.today - item.day;
    if (!item.isPast && -late > item.warnDays) continue;
    const level = !item.isPast ? 0 : late < exp03.highDays ? 1 : 2;
    const date = dayText(item.day);
    const days = String(Math.abs(late));
    const isReview = item.ref === "review";
    const zh = item.isPast
      ? `${item.zh}已于 ${date} ${isReview ? "逾期" : "到期"},已过 ${days} 天`
      : `${item.zh}将于 ${date} ${isReview ? "到期复评" : "到期"},还有 ${days} 天`;
    const en = item.isPast
      ? `${item.en} ${isReview ? "was due" : "ended"} on ${date}, ${days} days ago`
      : `${item.en} ${isReview ? "is due" : "ends"} on ${date}, in ${days} days`;
    holding.add(`EXP-03|${item.ref}`);
    findings.push({
      ruleId: "EXP-03",
      ref: item.ref,
      severity: levels[level] ?? "high",
      value: level + 1,
      titleZh: zh,
      titleEn: en,
      reasons: [reason("EXP-03", zh, en, days)],
      explain: { what: item.ref, date, days: late },
      moneyAtRisk: Math.max(0, customer.state.summary.exposure),
    });
  }
}

export interface LimitDateFeatures {
  /** Days since the last change of the limit; null without one. */
  readonly limAge: number | null;
  /** Days until the line in force ends, negative after it; null = no end. */
  readonly limToExpiry: number | null;
  /** Days that a review is late; null without a review day. */
  readonly revOverdue: number | null;
}

/** Features lim_age, lim_to_expiry, rev_overdue (D3). */
export function limitDateFeatures(
  customer: Customer,
  moment: Moment,
): LimitDateFeatures {
  const { state } = customer;
  const zone = moment.env.rules.zoneOffsetMinutes;
  const line = effectiveLine(state, moment.now);
  const due = state.limits?.reviewDue ?? 0;
  const changed =
    line === null
      ? null
      : Math.max(
          localDay(line.setAt, zone),
          line === state.standing ? (state.limits?.automaticDay ?? 0) : 0,
        );
  return {
    limAge: changed === null ? null : Math.max(0, moment.today - changed),
    limToExpiry:
      line?.to == null ? null : localDay(line.to, zone) - moment.today,
    revOverdue: due === 0 ? null : Math.max(0, moment.today - due),
  };
}

/** Local days after the last roll on which EXP-03 may say something new. */
function comingDays(customer: Customer, env: Env): number[] {
  const { state } = customer;
  const { exp03 } = env.rules.rules;
  const zone = env.rules.zoneOffsetMinutes;
  const days: number[] = [];
  for (const [line, warnDays] of [
    [state.standing, exp03.warnDays],
    [state.temporary, exp03.warnTemporaryDays],
  ] as const) {
    if (line?.to == null) continue;
    const day = localDay(line.to, zone);
    days.push(day - warnDays, day + exp03.highDays);
  }
  const due = state.limits?.reviewDue ?? 0;
  if (due > 0) days.push(due - exp03.warnDays, due + 1, due + exp03.highDays);
  const request = state.limits?.request;
  if (request) {
    days.push(localDay(request.at, zone) + env.rules.limits.requestDays);
  }
  return days.filter((day) => day > state.day);
}

/** Earliest instant at which a limit's date matters; null = none. */
export function nextLimitWake(
  customer: Customer,
  env: Env,
  spreadMs: number,
): number | null {
  const days = comingDays(customer, env);
  if (days.length === 0) return null;
  return dayStart(Math.min(...days), env.rules.zoneOffsetMinutes) + spreadMs;
}
