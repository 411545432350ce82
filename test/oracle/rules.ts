/**
 * The rule set as the oracle reads it: the JSON body of a `RuleSet` record, or
 * the YAML shipped, parsed again here so that no number passes through the
 * code under test.
 */
import { readFileSync } from "node:fs";
import { currencyExponent } from "@riskwall/schemas/money";
import { parse } from "yaml";
import { daysOf, type BusinessCalendar } from "./calendar.ts";

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
    readonly recheckHours: number;
  };
  readonly rules: {
    readonly pay05: {
      readonly businessDays: number;
      readonly keptShare: number;
    };
    readonly ctr01: { readonly min: number };
  };
}

export interface Rules extends Omit<RuleBody, "calendar"> {
  readonly calendar: BusinessCalendar;
}

function toRules(body: RuleBody, version: number): Rules {
  return {
    ...body,
    version,
    calendar: {
      holidays: daysOf(body.calendar.holidays),
      workdays: daysOf(body.calendar.workdays),
    },
  };
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
