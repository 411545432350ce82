/**
 * The rule set as the oracle reads it: the JSON body of a `RuleSet` record, or
 * the YAML shipped, parsed again here so that no number passes through the
 * code under test.
 */
import { readFileSync } from "node:fs";
import { currencyExponent } from "@riskwall/schemas/money";
import { parse } from "yaml";
import { dayOf, daysOf, type BusinessCalendar } from "./calendar.ts";
import type { Severity } from "./diary.ts";

export type ClassName = "A" | "B" | "C" | "D" | "E";

export interface Characteristic {
  readonly code: string;
  readonly compare: "le" | "ge";
  readonly edges: readonly number[];
  readonly points: readonly number[];
  readonly missing: number;
}

export interface Segment {
  readonly lateRatio: number;
  readonly logScale: number;
  readonly orderP95: string;
  readonly orderP99: string;
}

/** The parts of a rule set that decide what is compared. */
interface RuleBody {
  readonly version: number;
  readonly currency: string;
  readonly zoneOffsetMinutes: number;
  readonly graceDays: number;
  readonly calendar: {
    readonly holidays: readonly string[];
    readonly workdays: readonly string[];
    readonly seasons: readonly {
      readonly name: string;
      readonly spans: readonly string[];
    }[];
  };
  readonly materiality: { readonly floor: string; readonly limitShare: number };
  readonly residual: { readonly floor: string; readonly share: number };
  readonly ledger: {
    readonly keepDays: number;
    readonly orphanDays: number;
    readonly orphanMax: number;
    readonly reservationDays: number;
    readonly disputePauseDays: number;
    readonly holdMax: number;
  };
  readonly score: {
    readonly base: number;
    readonly min: number;
    readonly max: number;
    readonly factor: number;
    readonly offset: number;
    readonly overdueFloor: number;
    readonly caps: {
      readonly overdue90: number;
      readonly returnedTwice: number;
      readonly fraud: number;
      readonly insolvency: number;
      readonly writtenOff: number;
    };
    readonly lateShrink: number;
    readonly characteristics: readonly Characteristic[];
  };
  readonly classes: {
    readonly cut: Readonly<Record<"A" | "B" | "C" | "D", number>>;
    readonly upMargin: number;
    readonly upDays: number;
  };
  readonly loss: { readonly lgd: number; readonly ccf: number };
  readonly defaultSegment: Segment;
  readonly segments: Readonly<Record<string, Segment>>;
  readonly limits: {
    readonly automatic: {
      readonly increase: boolean;
      readonly decrease: boolean;
    };
    readonly needDays: number;
    readonly peakMax: number;
    readonly multiplier: Readonly<Record<ClassName, number>>;
    readonly lossBudget: string;
    readonly starter: string;
    readonly thinInvoices: number;
    readonly step: {
      readonly small: string;
      readonly large: string;
      readonly largeFrom: string;
    };
    readonly increaseMax: number;
    readonly decreaseMax: number;
    readonly automaticDays: number;
    readonly historyDays: number;
    readonly toldFrom: number;
    readonly automaticCeiling: string;
    readonly temporaryMaxDays: number;
    readonly requestDays: number;
    readonly reviewMonths: Readonly<Record<ClassName, number>>;
    readonly alertReviewDays: number;
  };
  readonly holds: {
    readonly overdueDays: Readonly<Record<ClassName, number>>;
    readonly limitShare: Readonly<Record<ClassName, number | null>>;
    readonly documentCap: string | null;
    readonly overdueAmount: Readonly<Record<ClassName, string | null>>;
    readonly coverShare: Readonly<Record<ClassName, number | null>>;
    readonly stretchedTerms: boolean;
    readonly splitOrders: boolean;
    readonly recheckHours: number;
  };
  readonly rules: Thresholds;
  readonly alerts: {
    readonly cooldownHours: number;
    readonly growth: number;
    readonly keepDays: number;
    readonly max: number;
  };
  readonly severity: {
    readonly shares: readonly [number, number];
    readonly matrix: Readonly<
      Record<Severity, readonly [Severity, Severity, Severity]>
    >;
    readonly byMatrix: readonly string[];
    readonly weakClasses: readonly string[];
    readonly insuredFrom: number;
  };
  readonly overrides: readonly Override[];
  readonly disabled: readonly string[];
  readonly segmentMinOrders: number;
}

/** A dated exception by class and segment. */
interface Override {
  readonly classes: readonly string[];
  readonly segments: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly rules?: Readonly<Record<string, object>>;
  readonly materiality?: Partial<RuleBody["materiality"]>;
  readonly disabled?: readonly string[];
}

/** Thresholds by rule; money in decimals. */
export interface Thresholds {
  readonly ord01: Readonly<
    Record<
      | "z"
      | "zMedian"
      | "maxMedian"
      | "overMax"
      | "farMedian"
      | "limitShare"
      | "minOrders"
      | "scaleFloor"
      | "shrink"
      | "highShare",
      number
    >
  >;
  readonly ord03: { readonly p: number; readonly highShare: number };
  readonly ord04: Readonly<
    Record<
      | "medians"
      | "minOrders"
      | "low"
      | "count"
      | "sum"
      | "hours"
      | "pairLow"
      | "pairHours"
      | "p",
      number
    >
  > & { readonly threshold: string | null };
  readonly ord05: Readonly<Record<"days" | "gapFactor" | "highMedian", number>>;
  readonly ord06: Readonly<Record<"days" | "orders" | "limitShare", number>>;
  readonly ord07: { readonly days: number };
  readonly ord08: { readonly days: number; readonly median: number };
  readonly ord09: { readonly minGaps: number; readonly medians: number };
  readonly ord10: Readonly<Record<"times" | "min" | "p" | "shrink", number>>;
  readonly exp01: Readonly<Record<"warn" | "rearm" | "high", number>>;
  readonly exp02: { readonly critical: number; readonly clear: number };
  readonly exp03: Readonly<
    Record<"warnDays" | "warnTemporaryDays" | "highDays", number>
  >;
  readonly exp06: { readonly use: number };
  readonly exp07: { readonly warnDays: number; readonly pastDays: number };
  readonly pay01: {
    readonly stages: readonly number[];
    readonly severities: readonly Severity[];
  };
  readonly pay02: Readonly<
    Record<"share" | "rise" | "days" | "high" | "clear", number>
  >;
  readonly pay05: {
    readonly businessDays: number;
    readonly keptShare: number;
  };
  readonly pay09: { readonly days: number; readonly high: number };
  readonly pay12: { readonly businessDays: number };
  readonly pay13: { readonly days: number };
  readonly dsp02: { readonly days: number; readonly medium: number };
  readonly cmp01: { readonly p: number; readonly min: number };
  readonly cmp02: { readonly severity: number };
  readonly cmp03: { readonly severity: number; readonly days: number };
  readonly ctr01: Readonly<Record<"days" | "rate" | "clear" | "min", number>>;
  readonly col01: { readonly level: number };
  readonly ext01: {
    readonly notchPoints: number;
    readonly registers: Readonly<Record<string, Severity | undefined>>;
  };
  readonly scr01: Readonly<Record<"days" | "medium" | "high", number>>;
  readonly scr03: Readonly<Record<"changes" | "points" | "days", number>>;
  readonly scr04: { readonly days: number };
}

/** First and last day of a season, year by year. */
type Span = readonly [number, number];

export interface Rules extends Omit<RuleBody, "calendar"> {
  readonly calendar: BusinessCalendar;
  readonly seasons: readonly (readonly Span[])[];
}

function toRules(body: RuleBody, version: number): Rules {
  return {
    ...body,
    version,
    calendar: {
      holidays: daysOf(body.calendar.holidays),
      workdays: daysOf(body.calendar.workdays),
    },
    seasons: body.calendar.seasons.map(({ spans }) => spans.map(toSpan)),
  };
}

function toSpan(text: string): Span {
  const days = [...daysOf([text])];
  return [Math.min(...days), Math.max(...days)];
}

/** The rules for a customer of this segment and class on a day (D2). */
export function rulesFor(
  rules: Rules,
  segment: string,
  name: ClassName,
  day: number,
): Rules {
  let own = rules;
  for (const item of rules.overrides) {
    const { classes, segments, from, to } = item;
    if (day < dayOf(from) || day > dayOf(to)) continue;
    if (classes.length > 0 && !classes.includes(name)) continue;
    if (segments.length > 0 && !segments.includes(segment)) continue;
    const thresholds: Record<string, object> = { ...own.rules };
    for (const [rule, patch] of Object.entries(item.rules ?? {})) {
      thresholds[rule] = { ...thresholds[rule], ...patch };
    }
    own = {
      ...own,
      // Checked against the schema when the rule set was published.
      rules: thresholds as unknown as Thresholds,
      materiality: { ...own.materiality, ...item.materiality },
      disabled: [...own.disabled, ...(item.disabled ?? [])],
    };
  }
  return own;
}

/** Rules of a record's body. Throws on what is no JSON. */
export function rulesOf(body: string, version: number): Rules {
  // Written by the product only, and checked when it was published.
  return toRules(JSON.parse(body) as RuleBody, version);
}

/** The rule set a log begins with, before it carries one. */
export function shippedRules(): Rules {
  const url = new URL("../../processor/rules/default.yaml", import.meta.url);
  const body = parse(readFileSync(url, "utf8")) as RuleBody;
  return toRules(body, body.version);
}

/** Minor units of a decimal string; digits beyond the exponent are refused. */
export function minorOf(text: string, currency: string): bigint {
  const exponent = currencyExponent(currency) ?? 2;
  const [whole = "0", fraction = ""] = text.split(".");
  if (/[1-9]/.test(fraction.slice(exponent))) {
    throw new Error(`${text} ${currency} is finer than its minor unit`);
  }
  return BigInt(whole + fraction.slice(0, exponent).padEnd(exponent, "0"));
}
