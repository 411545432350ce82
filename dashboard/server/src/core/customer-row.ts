/** Heads of customer states as rows of lists and walls. */
import {
  formatMinor,
  type CustomerRow,
  type RiskClass,
} from "@riskwall/schemas";

/** The fields of a state that a list needs (`StateHead` has them). */
export interface Head {
  readonly id: string;
  readonly name: string;
  readonly segment: string;
  readonly industry: string;
  readonly score: number;
  readonly class: string;
  readonly summary: {
    readonly exposure: number;
    readonly overdue: number;
    readonly dpdMax: number;
    /** -1 = none */
    readonly limit: number;
    readonly alerts: readonly number[];
  };
  readonly asOf: number;
}

/** What turns scores and minor units into text. */
export interface Scale {
  /** Reporting currency of all amounts. */
  readonly currency: string;
  /** Probability of default of a score, for ordering and drawing only. */
  readonly pdOf: (score: number) => number;
}

const classes: ReadonlySet<string> = new Set(["A", "B", "C", "D", "E"]);

/** Class of a head; a customer that is not scored yet counts as C. */
export function riskClass(text: string): RiskClass {
  // Checked against the closed list just before.
  return classes.has(text) ? (text as RiskClass) : "C";
}

/** Two significant digits: 0.0476 → "0.048". */
export function pdText(pd: number): string {
  if (pd <= 0) return "0";
  let digits = 2;
  for (let bound = 0.1; pd < bound && digits < 12; bound /= 10) digits += 1;
  return pd.toFixed(digits);
}

/** Exposure over limit; null without a limit or with a limit of nothing. */
export function utilisationOf(exposure: number, limit: number): number | null {
  return limit > 0 ? Math.max(0, exposure) / limit : null;
}

export function customerRow(head: Head, scale: Scale): CustomerRow {
  const { summary } = head;
  const money = (minor: number): string => formatMinor(minor, scale.currency);
  const utilisation = utilisationOf(summary.exposure, summary.limit);
  return {
    customerId: head.id,
    name: head.name,
    segment: head.segment,
    industry: head.industry,
    score: head.score,
    class: riskClass(head.class),
    pd: pdText(scale.pdOf(head.score)),
    exposure: money(summary.exposure),
    limit: summary.limit < 0 ? null : money(summary.limit),
    utilisation: utilisation === null ? null : utilisation.toFixed(4),
    overdue: money(summary.overdue),
    daysPastDue: summary.dpdMax,
    openAlerts: summary.alerts.reduce((sum, n) => sum + n, 0),
    currency: scale.currency,
    asOf: new Date(head.asOf).toISOString(),
  };
}
