/** Customer states as the JSON that people and the dashboard read. */
import {
  alertView,
  reasonView,
  type CoverView,
  type CustomerView,
  type GroupView,
  type HoldView,
  type OpenItemView,
  type PointsView,
} from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import { isActive } from "./core/alerts.ts";
import { dayText, localDay } from "./core/calendar.ts";
import type { Customer } from "./core/customer.ts";
import { floorOf } from "./core/class-floor.ts";
import { clearingSentence } from "./core/clearing-sentence.ts";
import { holdHits } from "./core/decide.ts";
import type { Env, Moment } from "./core/env.ts";
import { isCoverValid } from "./core/cover.ts";
import {
  measureExposure,
  orderValue,
  utilisationOf,
  type Exposure,
} from "./core/exposure.ts";
import { computeFeatures, type Features } from "./core/features.ts";
import {
  expectedCash,
  forecastCustomer,
} from "./core/forecast/customer-forecast.ts";
import { groupUses, tightest } from "./core/group-check.ts";
import { isReserved, orderHeld } from "./core/ledger.ts";
import { classOf } from "./core/order-rules.ts";
import { positiveReasons, standingReasons, valueText } from "./core/reasons.ts";
import { pdText, scoreFeatures } from "./core/scorecard.ts";
import { classByCut } from "./core/scoring.ts";
import { cleared } from "./core/settle.ts";
import { envFor } from "./core/rule-overrides.ts";
import { shownFeatures, type ShownFeatures } from "./core/shown-features.ts";
import { featureQuality } from "./feature-quality.ts";
import { limitView } from "./limit-view.ts";

/** Span of `pay_expected_14d` (D3), today included. */
export const payExpectedDays = 14;

const iso = (ms: number): string => new Date(ms).toISOString();

/** Features whose unit is money: decimal strings in the view. */
const moneyFeatures: ReadonlySet<string> = new Set([
  "ordAmt7d",
  "ordAmt30d",
  "ordAmt90d",
  "ordAmt365d",
  "ordMedAmt",
  "ordMaxAmt",
  "invOpenAmt",
  "odAmt",
  "payAmt30d",
  "payAmt90d",
  "payAmt180d",
  "ptpOpenAmt",
  "expTotal",
  "expAvail",
  "expHwm",
  "dspOpenAmt",
  "age0",
  "age130",
  "age3160",
  "age6190",
  "age91p",
  "writeOffAmt365d",
]);

function featureViews(
  features: Features & ShownFeatures,
  currency: string,
): Record<string, string | number | null> {
  const out: Record<string, string | number | null> = {};
  for (const [name, value] of Object.entries(features)) {
    const number = value as number | string | null;
    if (number === null || typeof number === "string") out[name] = number;
    else if (moneyFeatures.has(name)) {
      out[name] = formatMinor(Math.round(number), currency);
    } else out[name] = Number.isFinite(number) ? round4(number) : null;
  }
  return out;
}

function round4(n: number): number {
  return Math.round(n * 10_000) / 10_000;
}

/** A moment for looking only: nothing is emitted or written. */
export function viewMoment(env: Env, now: number): Moment {
  return {
    env,
    now,
    today: localDay(now, env.rules.zoneOffsetMinutes),
    appendedAt: now,
    muted: true,
    cause: [],
    eventTime: now,
    corrected: false,
  };
}

/** The same for one customer, under the overrides that hold for it. */
export function customerMoment(
  { state }: Customer,
  env: Env,
  now: number,
): Moment {
  const moment = viewMoment(env, now);
  return { ...moment, env: envFor(env, state, moment.today) };
}

/** The whole view of a customer at `now` (log time, ms). */
export function customerView(
  customer: Customer,
  env: Env,
  now: number,
): CustomerView {
  const { state } = customer;
  const moment = customerMoment(customer, env, state.loading?.clock ?? now);
  const { currency } = env.rules;
  const money = (minor: number): string => formatMinor(minor, currency);
  const exposure = measureExposure(customer, moment);
  const features = computeFeatures(customer, exposure, moment);
  const scored = scoreFeatures(customer, features, exposure, env);
  const featureView = {
    ...featureViews(
      { ...features, ...shownFeatures(customer, exposure, features, moment) },
      currency,
    ),
    grpExpUtil: groupUtilisation(customer, exposure.total, moment),
    payExpected14d: money(
      expectedCash(
        forecastCustomer(customer, exposure, features, moment),
        payExpectedDays,
      ),
    ),
  };
  const [age0, age1, age31, age61, age91] = exposure.ageing;
  return {
    customerId: state.id,
    aliases: (state.across?.aliases ?? [])
      .filter(({ id }) => id !== state.id)
      .map(({ id, from }) => ({ customerId: id, since: iso(from) })),
    group: groupOf(customer, exposure.total, moment),
    profile: {
      name: state.name,
      segment: state.segment,
      industry: state.industry,
      country: state.country,
      currency: state.currency,
      termsDays: state.termsDays,
      since: state.since === null ? null : dayText(state.since),
      owner: state.owner,
      groupId: state.groupId,
    },
    score: state.score,
    class: classOf(customer),
    pd: pdText(scored.pd),
    pdCalibrated: false,
    base: env.rules.score.base,
    points: scored.points.map((point): PointsView => ({
      code: point.code,
      value: valueText(point),
      bin: point.bin,
      points: point.points,
    })),
    capEffect: scored.capEffect,
    cap: scored.cap === "" ? null : scored.cap,
    classFloor: floorView(customer, exposure, moment),
    reasons: standingReasons(scored, env.rules).map(reasonView),
    positives: positiveReasons(scored, env.rules).map(reasonView),
    features: featureView,
    featureQuality: featureQuality(
      Object.keys(featureView),
      customer,
      exposure,
      features,
      moment.today,
    ),
    exposure: {
      total: money(exposure.total),
      receivables: money(exposure.receivables),
      delivered: money(exposure.delivered),
      openOrders: money(exposure.openOrders),
      unallocated: money(exposure.unallocated),
      cover: money(exposure.cover),
      limitCover: money(exposure.limitCover),
      currency,
    },
    ageing: {
      notDue: money(age0),
      d1to30: money(age1),
      d31to60: money(age31),
      d61to90: money(age61),
      over90: money(age91),
    },
    overdue: money(exposure.overdue),
    limit: limitView(customer, { exposure, features, pd: scored.pd }, moment),
    manualHold:
      state.hold === null
        ? null
        : { kind: state.hold.kind, reason: state.hold.reason },
    watch: state.watch,
    covers: coverViews(customer, moment),
    registers: registerViews(customer),
    loading: state.loading !== null,
    thinFile: features.histInvN < 3,
    openItems: openItems(customer, exposure),
    openAlerts: state.alerts.filter(isActive).map(alertView),
    holds: holds(customer, exposure, moment),
    asOf: iso(state.asOf),
    rulesetVersion: env.rules.version,
  };
}

/** The exception that holds for the customer, where its score asks for it. */
function floorView(
  customer: Customer,
  exposure: Exposure,
  { env, today }: Moment,
): CustomerView["classFloor"] {
  const floor = floorOf(env.rules, customer.state, exposure, today);
  const earned = classByCut(customer.state.score, env.rules);
  if (floor === null || floor.class >= earned) return null;
  const { class: best, to, reason, approvedBy } = floor;
  return { class: best, to: dayText(to), reason, approvedBy };
}

function coverViews(customer: Customer, { now }: Moment): CoverView[] {
  return customer.state.covers.map((item) => ({
    coverId: item.id,
    kind: item.kind,
    amount: formatMinor(item.amount, item.currency),
    currency: item.currency,
    coverage: item.coverage / 10,
    countsIn: item.countsIn === "limit" ? "limit" : "exposure",
    validFrom: iso(item.from),
    validTo: item.to === null ? null : iso(item.to),
    policy: item.policy,
    isValid: isCoverValid(item, now),
  }));
}

function registerViews(customer: Customer): CustomerView["registers"] {
  return (customer.state.outside?.registers ?? []).map((item) => ({
    registerId: item.id,
    kind: item.kind,
    status: item.isOpen ? "open" : "closed",
    date: dayText(item.day),
  }));
}

/** `grp_exp_util` (D3): of the group with the least room. */
function groupUtilisation(
  customer: Customer,
  exposure: number,
  moment: Moment,
): number | null {
  const use = tightest(groupUses(customer, exposure, moment));
  const ratio = use === null ? null : utilisationOf(use.exposure, use.limit);
  return ratio === null || !Number.isFinite(ratio) ? null : round4(ratio);
}

/** The customer's group with the least room. */
function groupOf(
  customer: Customer,
  exposure: number,
  moment: Moment,
): CustomerView["group"] {
  const use = tightest(groupUses(customer, exposure, moment));
  if (use === null) return null;
  const asOf = moment.env.groups.asOf();
  const { currency } = moment.env.rules;
  return {
    ...{ groupId: use.groupId, name: use.name },
    ...roomView(use.exposure, use.limit, currency),
    asOf: asOf === 0 ? null : iso(asOf),
  };
}

/** Exposure against a limit, as decimal strings. */
export function roomView(
  exposure: number,
  limit: number | null,
  currency: string,
): Pick<GroupView, "exposure" | "limit" | "utilisation" | "available"> {
  const use = utilisationOf(exposure, limit);
  return {
    exposure: formatMinor(exposure, currency),
    limit: limit === null ? null : formatMinor(limit, currency),
    utilisation: use === null || !Number.isFinite(use) ? null : use.toFixed(4),
    available: limit === null ? null : formatMinor(limit - exposure, currency),
  };
}

function openItems(customer: Customer, exposure: Exposure): OpenItemView[] {
  const { state } = customer;
  const invoices = exposure.parts.map((part): OpenItemView => ({
    kind: "invoice",
    id: part.invoice.id,
    orderId: part.invoice.orderId,
    amount: formatMinor(part.invoice.amount, part.invoice.currency),
    open: formatMinor(part.open, part.invoice.currency),
    currency: part.invoice.currency,
    issueDate: dayText(part.invoice.issue),
    dueDate: dayText(part.due),
    daysPastDue: part.dpd,
    disputed: formatMinor(part.invoice.disputed, part.invoice.currency),
  }));
  const orders = state.orders
    .filter((order) => isReserved(order) && order.open > 0)
    .map((order): OpenItemView => ({
      kind: "order",
      id: order.id,
      orderId: order.id,
      amount: formatMinor(order.amount, order.currency),
      open: formatMinor(order.open, order.currency),
      currency: order.currency,
      issueDate: iso(order.placed).slice(0, 10),
      dueDate: order.due === null ? null : dayText(order.due),
      daysPastDue: 0,
      disputed: formatMinor(0, order.currency),
    }));
  const payments = state.payments
    .filter((item) => item.status === cleared && item.free > 0)
    .map((item): OpenItemView => ({
      kind: "payment",
      id: item.id,
      orderId: item.orderId,
      amount: formatMinor(item.amount, item.currency),
      open: formatMinor(-item.free, item.currency),
      currency: item.currency,
      issueDate: dayText(item.day),
      dueDate: null,
      daysPastDue: 0,
      disputed: formatMinor(0, item.currency),
    }));
  const delivered = state.orders
    .filter(({ goods }) => (goods?.unbilled ?? 0) > 0)
    .map((order): OpenItemView => ({
      kind: "delivery",
      id: order.id,
      orderId: order.id,
      amount: formatMinor(order.amount, order.currency),
      open: formatMinor(order.goods?.unbilled ?? 0, order.currency),
      currency: order.currency,
      issueDate: iso(order.placed).slice(0, 10),
      dueDate: null,
      daysPastDue: 0,
      disputed: formatMinor(0, order.currency),
    }));
  const refunds = state.refunds
    .filter((item) => item.open > 0)
    .map((item): OpenItemView => ({
      kind: "refund",
      id: item.id,
      orderId: null,
      amount: formatMinor(item.amount, item.currency),
      open: formatMinor(item.open, item.currency),
      currency: item.currency,
      issueDate: dayText(item.day),
      dueDate: null,
      daysPastDue: 0,
      disputed: formatMinor(0, item.currency),
    }));
  return [...invoices, ...refunds, ...delivered, ...orders, ...payments];
}

function holds(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
): HoldView[] {
  return customer.state.orders
    .filter((order) => order.status === orderHeld)
    .map((order) => {
      const value = orderValue(order, moment.env);
      const hits = holdHits(customer, order, value, exposure, moment);
      const clears = clearingSentence(customer, hits, value, exposure, moment);
      return {
        orderId: order.id,
        amount: formatMinor(order.amount, order.currency),
        currency: order.currency,
        codes: order.decision?.codes ?? hits.map((item) => item.code),
        placedAt: iso(order.placed),
        recheckAt: iso(order.recheck),
        clearsZh: clears.zh,
        clearsEn: clears.en,
      };
    });
}
