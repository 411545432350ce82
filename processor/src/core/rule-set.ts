/**
 * The rule set as the fold reads it: versioned data from the log, parsed and
 * checked by `rule-file.ts` before it comes here. Ratios are fractions, money
 * is minor units of the reporting currency, days are whole days.
 */
import type { RiskClass, Severity } from "@riskwall/schemas";
import type { ForecastRules } from "./forecast/forecast-data.ts";

export interface CalendarRules {
  readonly holidays: ReadonlySet<number>;
  readonly workdays: ReadonlySet<number>;
}

/** Points of one characteristic (domain E2). */
export interface Characteristic {
  readonly code: CharacteristicCode;
  /** Correlated group: at most one reason per group. */
  readonly group: string;
  readonly reason: string;
  /** `le`: first edge not below the value wins; `ge`: first edge not above. */
  readonly compare: "le" | "ge";
  readonly edges: readonly number[];
  /** One more than edges: the last is for everything else. */
  readonly points: readonly number[];
  readonly missing: number;
}

export const characteristicCodes = [
  "PB1",
  "PB2",
  "PB3",
  "PB4",
  "PB5",
  "PB6",
  "PB7",
  "EX1",
  "EX2",
  "OR1",
  "RE1",
  "RE2",
  "CP1",
  "CP2",
  "XT1",
  "CT1",
  "IN1",
] as const;
export type CharacteristicCode = (typeof characteristicCodes)[number];

/** What a segment contributes where a customer has too little history. */
export interface SegmentRules {
  readonly lateRatio: number;
  /** Scale of ln(amount) (C10.1). */
  readonly logScale: number;
  /** 95 % quantile of a single order. */
  readonly orderP95: number;
  readonly orderP99: number;
}

export interface RuleSet {
  readonly version: number;
  readonly logic: number;
  readonly currency: string;
  readonly zoneOffsetMinutes: number;
  readonly graceDays: number;
  readonly calendar: CalendarRules;
  readonly materiality: { readonly floor: number; readonly limitShare: number };
  /** A residual up to this is written off once something was paid (F-15). */
  readonly residual: { readonly floor: number; readonly share: number };
  readonly ledger: {
    readonly keepDays: number;
    readonly orphanDays: number;
    readonly orphanMax: number;
    readonly reservationDays: number;
    readonly disputePauseDays: number;
    readonly itemMax: number;
    readonly holdMax: number;
  };
  readonly score: {
    readonly base: number;
    readonly min: number;
    readonly max: number;
    readonly factor: number;
    readonly offset: number;
    readonly overdueFloor: number;
    readonly characteristics: readonly Characteristic[];
    readonly caps: {
      readonly overdue90: number;
      readonly returnedTwice: number;
      readonly fraud: number;
    };
    readonly reasonMinPoints: number;
    readonly lateShrink: number;
  };
  readonly classes: {
    readonly cut: Readonly<Record<"A" | "B" | "C" | "D", number>>;
    readonly upMargin: number;
    readonly upDays: number;
  };
  readonly loss: { readonly lgd: number; readonly ccf: number };
  readonly segments: Readonly<Record<string, SegmentRules>>;
  readonly defaultSegment: SegmentRules;
  /** Orders of a segment from which its measured quantiles are taken. */
  readonly segmentMinOrders: number;
  readonly holds: {
    readonly overdueDays: Readonly<Record<RiskClass, number>>;
    readonly limitShare: Readonly<Record<RiskClass, number | null>>;
    readonly documentCap: number | null;
    readonly recheckHours: number;
  };
  readonly rules: {
    readonly ord01: {
      readonly z: number;
      readonly zMedian: number;
      readonly maxMedian: number;
      readonly overMax: number;
      readonly farMedian: number;
      readonly limitShare: number;
      readonly minOrders: number;
      readonly scaleFloor: number;
      readonly shrink: number;
      readonly highShare: number;
    };
    readonly ord03: { readonly p: number; readonly highShare: number };
    readonly ord04: {
      /** Approval or document threshold, minor units; null = none named. */
      readonly threshold: number | null;
      /** Orders from so many medians on are looked at anyway (ORD-01). */
      readonly medians: number;
      readonly minOrders: number;
      readonly low: number;
      readonly count: number;
      readonly sum: number;
      readonly hours: number;
      readonly pairLow: number;
      readonly pairHours: number;
      readonly p: number;
    };
    readonly ord07: { readonly days: number };
    readonly ord08: { readonly days: number; readonly median: number };
    readonly ord09: { readonly minGaps: number; readonly medians: number };
    readonly ord10: {
      readonly times: number;
      readonly min: number;
      readonly p: number;
      readonly shrink: number;
    };
    readonly ord05: {
      readonly days: number;
      readonly gapFactor: number;
      readonly highMedian: number;
    };
    readonly ord06: {
      readonly days: number;
      readonly orders: number;
      readonly limitShare: number;
    };
    readonly exp01: {
      readonly warn: number;
      readonly rearm: number;
      readonly high: number;
    };
    readonly exp02: { readonly critical: number; readonly clear: number };
    readonly exp04: {
      readonly growth: number;
      readonly high: number;
      readonly collection: number;
      /** Items due in 30 days from which the collection rate tells anything. */
      readonly minDue: number;
    };
    readonly pay03: {
      readonly baseline: number;
      /** Newest invoices that the baseline leaves out. */
      readonly recent: number;
      readonly minBaseline: number;
      readonly shrink: number;
      /** Prior of the spread of a customer's days beyond terms. */
      readonly scale: number;
      readonly scaleFloor: number;
      readonly cap: number;
      readonly drift: number;
      readonly medium: number;
      readonly high: number;
    };
    readonly pay09: { readonly days: number; readonly high: number };
    readonly pay12: { readonly businessDays: number };
    readonly pay13: { readonly days: number };
    readonly dsp01: {
      readonly p: number;
      readonly nearDueDays: number;
      readonly nearDueShare: number;
      readonly min: number;
    };
    readonly dsp02: { readonly days: number; readonly medium: number };
    readonly cmp02: { readonly severity: number };
    readonly cmp03: { readonly severity: number; readonly days: number };
    readonly scr03: {
      readonly changes: number;
      readonly points: number;
      readonly days: number;
    };
    readonly scr04: { readonly days: number };
    readonly ext01: { readonly notchPoints: number };
    readonly pay01: {
      readonly stages: readonly number[];
      readonly severities: readonly Severity[];
    };
    readonly pay02: {
      readonly share: number;
      readonly rise: number;
      readonly days: number;
      readonly high: number;
      readonly clear: number;
    };
    readonly pay04: {
      /** Least slack after the usual day, days. */
      readonly days: number;
      /** Slack in spreads of the customer's delays. */
      readonly spreads: number;
      /** Share of the limit beyond which it is high. */
      readonly highShare: number;
    };
    /** Chances of being more than 15 days late. */
    readonly pay10: {
      readonly chance: number;
      readonly medium: number;
      /** The alert stays open from here on. */
      readonly clear: number;
    };
    readonly pay05: {
      readonly businessDays: number;
      readonly keptShare: number;
    };
    readonly scr01: {
      readonly days: number;
      readonly medium: number;
      readonly high: number;
      readonly clear: number;
    };
    readonly cmp01: { readonly p: number; readonly min: number };
  };
  readonly forecast: ForecastRules;
  readonly alerts: {
    readonly cooldownHours: number;
    readonly growth: number;
    readonly keepDays: number;
    readonly max: number;
  };
  readonly disabled: ReadonlySet<string>;
}

/** Segment data of a customer; the default where the segment is unknown. */
export function segmentRules(rules: RuleSet, segment: string): SegmentRules {
  return rules.segments[segment] ?? rules.defaultSegment;
}

/** max(absolute floor, share of the limit), in reporting minor units (D2). */
export function materiality(rules: RuleSet, limit: number | null): number {
  const share = limit === null ? 0 : limit * rules.materiality.limitShare;
  return Math.max(rules.materiality.floor, Math.round(share));
}
