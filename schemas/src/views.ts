/**
 * JSON views that the HTTP API and the live protocol answer (contract 3).
 * Money is a decimal string beside one `currency` of the object; instants are
 * RFC 3339 strings; dates are `YYYY-MM-DD`.
 */

import type { FigureName } from "./names.ts";
import type { WallLayout } from "./wall-layout.ts";

export type Severity = "info" | "low" | "medium" | "high" | "critical";
export type RiskClass = "A" | "B" | "C" | "D" | "E";
export type AlertState =
  | "open"
  | "acknowledged"
  | "snoozed"
  | "confirmed"
  | "dismissed"
  | "resolved"
  | "withdrawn";

/** A reason with its number, in both languages (domain E3). */
export interface ReasonView {
  readonly code: string;
  readonly textZh: string;
  readonly textEn: string;
  readonly number: string;
  /** Points lost (negative) or won; absent for reasons of an alert. */
  readonly points?: number;
}

/** Points of one characteristic (domain E2). */
export interface PointsView {
  readonly code: string;
  /** The measured value as text, "–" when missing. */
  readonly value: string;
  readonly bin: string;
  readonly points: number;
}

export interface ScoreChangeView {
  readonly id: string;
  readonly customerId: string;
  readonly name: string;
  readonly at: string;
  readonly from: number | null;
  readonly score: number;
  readonly class: RiskClass;
  readonly classBefore: RiskClass | null;
  readonly base: number;
  readonly points: readonly PointsView[];
  readonly capEffect: number;
  readonly cap: string | null;
  readonly pd: string;
  readonly reasons: readonly ReasonView[];
  readonly cause: readonly string[];
  readonly corrected: boolean;
  readonly rulesetVersion: number;
  readonly textZh: string;
  readonly textEn: string;
}

/** Something a person did to an alert, newest last. */
export interface AlertActionView {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly note: string;
}

export interface AlertView {
  readonly alertId: string;
  readonly ruleId: string;
  readonly ruleName: { readonly zh: string; readonly en: string };
  readonly customerId: string;
  readonly customerName: string;
  readonly severity: Severity;
  readonly state: AlertState;
  readonly version: number;
  readonly actionVersion: number;
  readonly openedAt: string;
  readonly updatedAt: string;
  readonly eventTime: string;
  readonly triggerEventIds: readonly string[];
  readonly reasons: readonly ReasonView[];
  readonly explain: Readonly<
    Record<string, string | number | boolean | readonly string[] | null>
  >;
  readonly titleZh: string;
  readonly titleEn: string;
  readonly suggestedAction: { readonly zh: string; readonly en: string };
  readonly moneyAtRisk: string;
  readonly currency: string;
  readonly exposureBefore: string;
  readonly exposureAfter: string;
  readonly limit: string | null;
  readonly utilisationAfter: string | null;
  readonly score: number;
  readonly class: RiskClass;
  readonly pd: string;
  readonly orderId: string | null;
  readonly invoiceId: string | null;
  readonly complaintId: string | null;
  /** Alert that leads it: one cause, told once; null = it speaks for itself. */
  readonly parent: string | null;
  /** Why nobody is told of it: fdr, budget or maintenance. */
  readonly quiet: string | null;
  readonly assignee: string | null;
  readonly snoozedUntil: string | null;
  readonly muted: boolean;
  readonly rulesetVersion: number;
  readonly actions: readonly AlertActionView[];
}

/** Something a rule found and nobody was told of. */
export interface SuppressedView {
  readonly id: string;
  readonly at: string;
  readonly customerId: string;
  readonly customerName: string;
  readonly ruleId: string;
  readonly ref: string;
  readonly severity: Severity;
  /** cause, cooldown, fdr, budget, maintenance or full. */
  readonly reason: string;
  readonly value: number;
  readonly threshold: number | null;
  readonly moneyAtRisk: string;
  readonly currency: string;
  /** The alert that exists all the same, and the one that leads it. */
  readonly alertId: string | null;
  readonly parent: string | null;
  readonly titleZh: string;
  readonly titleEn: string;
  readonly rulesetVersion: number;
}

export interface RuleHitView {
  readonly code: string;
  readonly textZh: string;
  readonly textEn: string;
  readonly value: string;
  readonly threshold: string;
}

export interface DecisionView {
  readonly id: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly name: string;
  readonly amount: string;
  readonly currency: string;
  readonly outcome: "allow" | "hold" | "reject";
  readonly codes: readonly string[];
  readonly hits: readonly RuleHitView[];
  /** order | recheck | person: what made this decision. */
  readonly trigger: string;
  readonly releaseCode: string | null;
  readonly score: number;
  readonly class: RiskClass;
  readonly exposureBefore: string;
  readonly exposureAfter: string;
  readonly limit: string | null;
  readonly headroom: string | null;
  readonly clearsZh: string;
  readonly clearsEn: string;
  readonly actor: string | null;
  readonly reason: string | null;
  readonly rulesetVersion: number;
  readonly decidedAt: string;
}

/** A row of `GET /api/orders?state=held`: an order that waits for a person. */
export interface HeldOrderView {
  readonly orderId: string;
  readonly customerId: string;
  readonly name: string;
  readonly amount: string;
  readonly currency: string;
  /** In the reporting currency; "0.00" without a rate. */
  readonly amountBase: string;
  readonly baseCurrency: string;
  readonly score: number;
  readonly class: RiskClass;
  readonly codes: readonly string[];
  readonly placedAt: string;
  /** When it is checked again by itself. */
  readonly recheckAt: string;
  /** Why it was held last; null while history has not stored it. */
  readonly decision: DecisionView | null;
}

/** Everything that waits, by hold code and in sum. */
export interface HeldSummary {
  readonly orders: number;
  readonly amountBase: string;
  readonly baseCurrency: string;
  readonly byCode: Readonly<Record<string, number>>;
}

/** A held order in short: a row of the wall. */
export interface HeldRow {
  readonly orderId: string;
  readonly customerId: string;
  readonly name: string;
  readonly amount: string;
  readonly currency: string;
  readonly class: RiskClass;
  readonly codes: readonly string[];
  readonly placedAt: string;
}

export interface HeldNow extends HeldSummary {
  /** Placed longest ago first, at most 10. */
  readonly oldest: readonly HeldRow[];
}

/** `GET /api/wall/cash`: what came in by day, in the reporting currency. */
export interface CashDays {
  readonly currency: string;
  readonly at: string;
  /** Oldest first; the last one is today, so far. */
  readonly days: readonly { readonly day: string; readonly received: string }[];
}

/** `GET /api/wall/at`: rows of the live topics as they stood at an instant. */
export interface WallMoment {
  readonly at: string;
  /** Instant of the sums behind totals and ageing; null: none is kept. */
  readonly totalsAt: string | null;
  readonly portfolio: Partial<PortfolioRows>;
  readonly alerts: readonly AlertView[];
  readonly orders: readonly DecisionView[];
  readonly scores: readonly ScoreChangeView[];
}

/** One of the last events or alerts that moved a figure. */
export interface FigureEvent {
  readonly id: string;
  /** Contract type of the event, or the rule of the alert. */
  readonly type: string;
  readonly customerId: string;
  readonly at: string;
}

/** `GET /api/ingest/sources`: what a source sent in the last 24 hours. */
export interface SourceView {
  readonly source: string;
  readonly taken24h: number;
  readonly perSecond: number;
  readonly rejected24h: number;
  readonly late24h: number;
  readonly lastAt: string;
  /** From the event's own time to the log, 95th percentile. */
  readonly delayP95Ms: number;
}

/** `GET /api/ingest/tail`: an event that came in, and what became of it. */
export interface IncomingItem {
  readonly at: string;
  readonly outcome: "taken" | "rejected" | "late";
  readonly source: string;
  readonly type: string;
  readonly id: string;
  readonly customerId: string;
  /** Why it was rejected or set aside; empty when it was taken. */
  readonly code: string;
  readonly message: string;
}

/** `GET /api/walls/:id`: a composed wall in one of its versions. */
export interface WallView {
  readonly wallId: string;
  readonly version: number;
  /** Why it was saved; may be empty. */
  readonly note: string;
  readonly at: string;
  /** Empty for the bearer of a shared link. */
  readonly by: string;
  readonly layout: WallLayout;
}

/** A version in a list: without its panels, but how many. */
export interface WallVersionItem {
  readonly version: number;
  readonly name: string;
  readonly panels: number;
  readonly note: string;
  readonly at: string;
  readonly by: string;
}

/** `GET /api/walls`: the newest version of each wall. */
export interface WallListItem extends WallVersionItem {
  readonly wallId: string;
}

/** `GET /api/wall/figures/:name`: where a figure of the wall comes from. */
export interface FigureOrigin {
  readonly name: FigureName;
  /** For ClickHouse, as it was asked: answers `value` and `at`; null: not stored. */
  readonly query: string | null;
  /** What history has last; money in units of the reporting currency. */
  readonly history: { readonly value: string; readonly at: string } | null;
  /** Newest first, of the last 24 hours. */
  readonly events: readonly FigureEvent[];
}

/** How a customer stands, in a what-if. */
export interface WhatIfStandView {
  readonly score: number;
  readonly class: RiskClass;
  readonly pd: string;
  readonly exposure: string;
  readonly overdue: string;
  readonly dpdMax: number;
  readonly limit: string | null;
  /** Limit − exposure; null without a limit. */
  readonly headroom: string | null;
  readonly utilisation: string | null;
  readonly currency: string;
  readonly capEffect: number;
  readonly cap: string | null;
  readonly points: readonly PointsView[];
}

/** `GET /api/customers/:id/whatif`: nothing of it is written. */
export interface WhatIfView {
  readonly customerId: string;
  readonly before: WhatIfStandView;
  readonly after: WhatIfStandView;
  /** What would be decided about orders, the asked one and held ones. */
  readonly decisions: readonly DecisionView[];
  /** Alerts that would open or speak again. */
  readonly alerts: readonly {
    readonly ruleId: string;
    readonly severity: string;
    readonly titleZh: string;
    readonly titleEn: string;
  }[];
  readonly rulesetVersion: number;
}

export interface AgeingView {
  readonly notDue: string;
  readonly d1to30: string;
  readonly d31to60: string;
  readonly d61to90: string;
  readonly over90: string;
}

export interface OpenItemView {
  readonly kind: "invoice" | "refund" | "delivery" | "order" | "payment";
  readonly id: string;
  readonly orderId: string | null;
  readonly amount: string;
  readonly open: string;
  readonly currency: string;
  readonly issueDate: string | null;
  readonly dueDate: string | null;
  readonly daysPastDue: number;
  readonly disputed: string;
}

export interface HoldView {
  readonly orderId: string;
  readonly amount: string;
  readonly currency: string;
  readonly codes: readonly string[];
  readonly placedAt: string;
  readonly recheckAt: string;
  readonly clearsZh: string;
  readonly clearsEn: string;
}

/** A credit limit proposal with its arithmetic (domain C9), as calculated. */
export interface LimitProposalView {
  /** The proposal; "0.00" with bound `prepayment`. */
  readonly amount: string;
  /** What decided it: the smallest of what is known. */
  readonly bound: "need" | "capacity" | "risk" | "starter" | "prepayment";
  readonly class: RiskClass;
  /** Gross credit sales of 180 days, and by 30 days, newest first. */
  readonly sales180d: string;
  readonly salesByMonth: readonly string[];
  readonly termsDays: number;
  readonly expectedDbt: number | null;
  /** Terms + expected days beyond terms + 7. */
  readonly cycleDays: number;
  readonly peak: number;
  /** Sales a day × cycle × peak. */
  readonly need: string;
  readonly multiplier: number;
  readonly weightedNeed: string;
  /** From financial statements; null = not known. */
  readonly capacity: string | null;
  readonly lossBudget: string;
  readonly pd: string;
  readonly lgd: number;
  /** Loss budget / (PD × LGD). */
  readonly risk: string;
  /** Limit of a thin file; null = enough history. */
  readonly starter: string | null;
  readonly beforeStep: string;
  readonly step: string;
  readonly exposure: string;
  /** The proposal is below the exposure: no new orders on credit. */
  readonly noNewOrders: boolean;
}

/** A raise that waits for a second person. */
export interface LimitRequestView {
  /** Goes back as `expected` of approve-limit and reject-limit. */
  readonly version: number;
  readonly amount: string;
  readonly currency: string;
  readonly kind: "standing" | "temporary";
  readonly validTo: string | null;
  readonly reason: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  /** Day from which nobody can approve it any more. */
  readonly lapsesOn: string;
}

/** How far a feature can be trusted. */
export interface FeatureQuality {
  /** What it was computed from: orders, settled invoices, open items… */
  readonly n: number;
  /** False where something that belongs to it is not known. */
  readonly complete: boolean;
}

/** Insurance, guarantee, deposit or collateral (C1). */
export interface CoverView {
  readonly coverId: string;
  readonly kind: string;
  readonly amount: string;
  readonly currency: string;
  /** Percent of the amount that counts. */
  readonly coverage: number;
  readonly countsIn: "limit" | "exposure";
  readonly validFrom: string;
  readonly validTo: string | null;
  readonly policy: string;
  readonly isValid: boolean;
}

/** `GET /api/customers/:id` and the live topic `customer` (key `view`). */
/** The group of a customer with the least room, its parents included. */
export interface CustomerGroupView {
  readonly groupId: string;
  readonly name: string;
  readonly exposure: string;
  readonly limit: string | null;
  readonly utilisation: string | null;
  readonly available: string | null;
  /** Of the picture of other partitions; null before the first. */
  readonly asOf: string | null;
}

/** A group with all groups below it, in the reporting currency. */
export interface GroupView {
  readonly groupId: string;
  readonly name: string;
  readonly parent: string | null;
  readonly children: readonly string[];
  /** Members, those of the groups below included. */
  readonly members: number;
  readonly exposure: string;
  readonly limit: string | null;
  readonly utilisation: string | null;
  readonly available: string | null;
  readonly currency: string;
  readonly asOf: string;
}

export interface GroupMemberView {
  readonly customerId: string;
  readonly groupId: string;
  readonly exposure: string;
}

export interface GroupDetailView extends GroupView {
  /** The largest first. */
  readonly largest: readonly GroupMemberView[];
}

export interface CustomerView {
  readonly customerId: string;
  /** Ids that became part of this customer, with since when. */
  readonly aliases: readonly {
    readonly customerId: string;
    readonly since: string;
  }[];
  readonly group: CustomerGroupView | null;
  readonly profile: {
    readonly name: string;
    readonly segment: string;
    readonly industry: string;
    readonly country: string;
    readonly currency: string;
    readonly termsDays: number;
    readonly since: string | null;
    readonly owner: string;
    readonly groupId: string | null;
  };
  readonly score: number;
  readonly class: RiskClass;
  readonly pd: string;
  readonly pdCalibrated: boolean;
  readonly base: number;
  readonly points: readonly PointsView[];
  readonly capEffect: number;
  readonly cap: string | null;
  /** Dated exception that holds the class up; null = none does. */
  readonly classFloor: {
    readonly class: string;
    readonly to: string;
    readonly reason: string;
    readonly approvedBy: string;
  } | null;
  readonly reasons: readonly ReasonView[];
  readonly positives: readonly ReasonView[];
  readonly features: Readonly<Record<string, string | number | null>>;
  /** By the name of the feature. */
  readonly featureQuality: Readonly<Record<string, FeatureQuality>>;
  readonly exposure: {
    readonly total: string;
    readonly receivables: string;
    /** Delivered and not billed. */
    readonly delivered: string;
    readonly openOrders: string;
    readonly unallocated: string;
    /** Cover that lowers exposure. */
    readonly cover: string;
    /** Cover that is part of the limit. */
    readonly limitCover: string;
    readonly currency: string;
  };
  readonly ageing: AgeingView;
  readonly overdue: string;
  readonly limit: {
    readonly effective: string | null;
    readonly standing: string | null;
    readonly temporary: string | null;
    readonly validTo: string | null;
    readonly currency: string;
    readonly utilisation: string | null;
    readonly available: string | null;
    /** People behind the line in force; null: a system set it. */
    readonly setBy: string | null;
    readonly approvedBy: string | null;
    /** Day by which the limit is to be reviewed; null = not known. */
    readonly reviewDue: string | null;
    readonly proposal: LimitProposalView;
    readonly request: LimitRequestView | null;
  };
  readonly manualHold: {
    readonly reason: string;
    readonly kind: string;
  } | null;
  readonly watch: boolean;
  readonly covers: readonly CoverView[];
  readonly registers: readonly {
    readonly registerId: string;
    /** court, execution, insolvency or tax-default */
    readonly kind: string;
    readonly status: "open" | "closed";
    readonly date: string;
  }[];
  readonly loading: boolean;
  readonly thinFile: boolean;
  readonly openItems: readonly OpenItemView[];
  readonly openAlerts: readonly AlertView[];
  readonly holds: readonly HoldView[];
  readonly asOf: string;
  readonly rulesetVersion: number;
}

/** A row of `GET /api/customers` and of the wall's ranking panels. */
export interface CustomerRow {
  readonly customerId: string;
  readonly name: string;
  readonly segment: string;
  readonly industry: string;
  readonly score: number;
  readonly class: RiskClass;
  readonly pd: string;
  readonly exposure: string;
  readonly limit: string | null;
  readonly utilisation: string | null;
  readonly overdue: string;
  readonly daysPastDue: number;
  readonly openAlerts: number;
  readonly currency: string;
  readonly asOf: string;
}

export interface PortfolioTotals {
  readonly customers: number;
  readonly currency: string;
  readonly exposure: string;
  readonly receivables: string;
  readonly openOrders: string;
  readonly overdue: string;
  /** overdue / receivables as a decimal fraction, four digits. */
  readonly overdueRate: string;
  readonly expectedLoss: string;
  readonly limit: string;
  readonly utilisation: string;
  readonly ageing: AgeingView;
  readonly byClass: Readonly<
    Record<RiskClass, { readonly customers: number; readonly exposure: string }>
  >;
  /** Customers of class D or E. */
  readonly highRisk: number;
  readonly openAlerts: Readonly<Record<Severity, number>>;
  readonly alerts24h: number;
  readonly loading: number;
  readonly watermark: string;
}

/** One point of the wall's half-hour pulse: a closed bucket of 5 s. */
export interface PulsePoint {
  readonly at: number;
  readonly events: number;
  readonly orderAmount: string;
  readonly alerts: number;
}

export interface SparkView {
  /** When each value stood, ms; the first is the oldest kept, a day at most. */
  readonly at: readonly number[];
  /** Last 60 values, oldest first, as decimal strings. */
  readonly exposure: readonly string[];
  readonly overdueRate: readonly string[];
  readonly expectedLoss: readonly string[];
  readonly utilisation: readonly string[];
  readonly highRisk: readonly number[];
  readonly alerts24h: readonly number[];
}

/** Keys of the live topic `portfolio` and the row each holds. */
export interface PortfolioRows {
  readonly totals: PortfolioTotals;
  /** Lowest scores first, at most 10. */
  readonly riskiest: readonly CustomerRow[];
  /** Highest utilisation first, at most 10. */
  readonly utilisation: readonly CustomerRow[];
  /** Most overdue first, at most 10. */
  readonly overdue: readonly CustomerRow[];
  /** Orders that wait for a person: sums, and those that wait longest. */
  readonly held: HeldNow;
  /** Up to 400 customers for the risk map: [id, name, utilisation, pd, exposure, class]. */
  readonly map: readonly (readonly [
    string,
    string,
    number,
    number,
    number,
    RiskClass,
  ])[];
  readonly pulse: readonly PulsePoint[];
  readonly sparks: SparkView;
  /** Overdue ageing per week, at most 8: from ClickHouse. */
  readonly ageingByWeek: readonly (AgeingView & { readonly week: string })[];
}

/** Row `pipeline` of the live topic `ops`. */
export interface OpsView {
  readonly eventsPerSecond: number;
  readonly decisionsPerSecond: number;
  readonly lag: number;
  readonly lagSeconds: number;
  readonly partitions: readonly {
    readonly partition: number;
    readonly next: number;
    readonly end: number;
    readonly halted: string | null;
    /** Its state is older than what was shown of it, and is folded again. */
    readonly rebuilding: boolean;
  }[];
  readonly deadLetters24h: number;
  readonly historyLag: number;
  readonly eventToPixelP95Ms: number | null;
  readonly clients: number;
  readonly services: Readonly<Record<string, "up" | "down">>;
  readonly rulesetVersion: number;
}
