/**
 * The rule set as the fold reads it: versioned data from the log, parsed and
 * checked by `rule-file.ts` before it comes here. Ratios are fractions, money
 * is minor units of the reporting currency, days are whole days.
 */
import type { RiskClass, Severity } from "@riskwall/schemas";
import type { ForecastRules } from "./forecast/forecast-data.ts";
import type { ClassFloor } from "./class-floor.ts";
import type { RuleOverride } from "./rule-overrides.ts";

export interface CalendarRules {
  readonly holidays: ReadonlySet<number>;
  readonly workdays: ReadonlySet<number>;
  /** Times of the year that move: each with its spans of days, in order. */
  readonly seasons: readonly {
    readonly name: string;
    readonly spans: readonly (readonly [number, number])[];
  }[];
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

/** Credit limits (domain C9): money is reporting minor units. */
export interface LimitRules {
  /** What the product changes by itself. */
  readonly automatic: {
    readonly increase: boolean;
    readonly decrease: boolean;
  };
  /** Days added to terms and delay: order to invoice, bank time. */
  readonly needDays: number;
  readonly peakMax: number;
  readonly multiplier: Readonly<Record<RiskClass, number>>;
  /** Expected loss that one customer may cost in a year. */
  readonly lossBudget: number;
  /** Limit of a thin file, and how many settled invoices end it. */
  readonly starter: number;
  readonly thinInvoices: number;
  readonly step: {
    readonly small: number;
    readonly large: number;
    /** Amount from which the large step is taken. */
    readonly largeFrom: number;
  };
  readonly increaseMax: number;
  readonly decreaseMax: number;
  /** Days between two automatic changes. */
  readonly automaticDays: number;
  /** Above it a raise needs two people. */
  readonly automaticCeiling: number;
  readonly historyDays: number;
  readonly temporaryMaxDays: number;
  /** A request that nobody answered lapses. */
  readonly requestDays: number;
  readonly reviewMonths: Readonly<Record<RiskClass, number>>;
  /** Business days in which a high alert wants a review. */
  readonly alertReviewDays: number;
  /** Relative move of a proposal that is told. */
  readonly toldFrom: number;
}

/** Severity beyond a rule's own table (domain D1). */
export interface SeverityRules {
  /** Shares of the limit between the columns of the matrix. */
  readonly shares: readonly [number, number];
  /** By strength (what the table says): money below, between, above. */
  readonly matrix: Readonly<
    Record<Severity, readonly [Severity, Severity, Severity]>
  >;
  /** Rules whose table leaves the severity open. */
  readonly byMatrix: ReadonlySet<string>;
  /** Classes that weigh one step more. */
  readonly weakClasses: readonly RiskClass[];
  /** Insured share of the exposure from which a step less is weighed. */
  readonly insuredFrom: number;
}

/** Nobody is told meanwhile; what still holds is told when it ends. */
export interface MaintenanceWindow {
  /** Instants, ms; `until` is not part of it. */
  readonly from: number;
  readonly until: number;
  /** Empty = all. */
  readonly rules: readonly string[];
  readonly segments: readonly string[];
  readonly reason: string;
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
      readonly insolvency: number;
      readonly writtenOff: number;
    };
    readonly reasonMinPoints: number;
    readonly lateShrink: number;
  };
  readonly classes: {
    readonly cut: Readonly<Record<"A" | "B" | "C" | "D", number>>;
    readonly upMargin: number;
    readonly upDays: number;
    /** Dated exceptions below which no class falls. */
    readonly floors: readonly ClassFloor[];
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
    /** Overdue beyond which orders wait (H04); null: off. */
    readonly overdueAmount: Readonly<Record<RiskClass, number | null>>;
    /** Share of exposure that must be covered (H13); null: off. */
    readonly coverShare: Readonly<Record<RiskClass, number | null>>;
    /** Orders with terms that ORD-07 speaks of wait (H08). */
    readonly stretchedTerms: boolean;
    /** Orders of a split that ORD-04 suspects wait (H14). */
    readonly splitOrders: boolean;
  };
  readonly limits: LimitRules;
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
    readonly ext01: {
      readonly notchPoints: number;
      /** Severity by kind of entry in a public register. */
      readonly registers: Readonly<Record<string, Severity>>;
    };
    readonly exp07: {
      /** Days before the end of a cover at which it is said first. */
      readonly warnDays: number;
      /** Days after it for which a gap is spoken of. */
      readonly pastDays: number;
    };
    readonly pay07: {
      readonly days: number;
      readonly times: number;
      readonly min: number;
      readonly shrink: number;
      /** Share of invoices paid in parts where little is known. */
      readonly usual: number;
    };
    readonly pay08: {
      readonly days: number;
      /** Share taken before. */
      readonly taken: number;
      /** Last offers, none of them taken. */
      readonly last: number;
      /** Offers before them, at least. */
      readonly min: number;
    };
    readonly ctr01: {
      readonly days: number;
      readonly rate: number;
      readonly clear: number;
      /** Milestones from which the rate tells anything (CT1). */
      readonly min: number;
    };
    readonly col01: { readonly level: number };
    readonly dq04: {
      readonly share: number;
      /** Difference that is never spoken of, minor units. */
      readonly floor: number;
      /** A balance older than this is not compared. */
      readonly maxAgeDays: number;
    };
    readonly dq01: {
      /** Of the usual gap, and least, business minutes. */
      readonly times: number;
      readonly minutes: number;
      /** Gaps from which a source's habit is known. */
      readonly minGaps: number;
      readonly fromHour: number;
      readonly toHour: number;
      /** A source silent for longer is taken for ended. */
      readonly forgetDays: number;
    };
    readonly dq02: {
      readonly share: number;
      readonly minutes: number;
      /** Behind the customer's newest event, from which a record is late. */
      readonly behindMinutes: number;
      readonly veryLateHours: number;
      /** Events in the window from which the share tells anything. */
      readonly minEvents: number;
    };
    readonly dq03: {
      readonly share: number;
      readonly count: number;
      readonly minutes: number;
      /** Rejected events from which the share tells anything. */
      readonly minRejected: number;
    };
    readonly exp05: { readonly share: number; readonly hhi: number };
    readonly exp06: { readonly use: number };
    readonly prt01: {
      readonly delta: number;
      /** Least days and settled invoices on either side of a cut. */
      readonly minDays: number;
      readonly minSettled: number;
      /** Relative rise of the roll rate. */
      readonly rollRise: number;
      /** Amount 1-30 days past due from which a roll rate tells anything. */
      readonly rollMin: number;
    };
    readonly col02: { readonly high: number };
    readonly mdl01: {
      readonly watch: number;
      readonly act: number;
      readonly minScores: number;
      /** Days after which the baseline is made anew. */
      readonly baselineDays: number;
    };
    readonly mdl02: {
      readonly intercept: number;
      readonly slopeLow: number;
      readonly slopeHigh: number;
      readonly minLabels: number;
      readonly minBad: number;
      /** Days past due that make a score's outcome bad. */
      readonly badDays: number;
      readonly windowDays: number;
    };
    readonly exp03: {
      /** Days before the end at which it is said first. */
      readonly warnDays: number;
      /** The same for a temporary limit (C9.5). */
      readonly warnTemporaryDays: number;
      /** Days after the end from which it is grave. */
      readonly highDays: number;
    };
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
    /** Alerts told a day; null = as many as there are. */
    readonly budget: {
      readonly analysts: number;
      readonly perDay: number;
      /** Gravest severity it holds for; info is never told anyway. */
      readonly upTo: Severity;
    } | null;
    /** Benjamini-Hochberg over the statistical rules of a day. */
    readonly fdr: { readonly q: number; readonly rules: ReadonlySet<string> };
    readonly maintenance: readonly MaintenanceWindow[];
  };
  readonly severity: SeverityRules;
  readonly overrides: readonly RuleOverride[];
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
