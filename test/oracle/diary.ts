/**
 * What happened to a customer, touch by touch: what cannot be told from its
 * papers alone, because it depends on when somebody looked (architecture 4, 5).
 * Orders that were decided, exposure by day, score and class, alerts, limits.
 */
import type { AutomaticLine } from "./limits.ts";
import type { ClassName, Rules } from "./rules.ts";
import type { Rates } from "./rates.ts";

/** An instant at which a customer is looked at. */
export interface Present {
  readonly offset: number;
  readonly logTime: number;
  /** Log time, or the customer's own clock while it is loading. */
  readonly now: number;
  readonly today: number;
  /** With the overrides of the customer's class and segment. */
  readonly rules: Rules;
  readonly rates: Rates;
  /** An event of the past changed the picture (F-8). */
  readonly corrected: boolean;
}

export type OrderStatus =
  "allowed" | "held" | "released" | "rejected" | "cancelled" | "expired";

export interface Decided {
  readonly outcome: "allow" | "hold" | "reject";
  readonly codes: readonly string[];
  readonly before: bigint;
  readonly after: bigint;
  readonly limit: bigint | null;
  readonly at: number;
}

export interface OrderStand {
  status: OrderStatus;
  /** When a held order is checked again by itself. */
  recheck: number;
  /** When a release ends; 0 = never. */
  expires: number;
  decision: Decided | null;
}

/** How things stood at the end of a day; in force until the next mark. */
export interface DayMark {
  readonly day: number;
  /** Never below zero. */
  readonly exposure: bigint;
  /** Thousandths, as the state keeps it; null = no limit. */
  readonly utilisation: number | null;
  /** Thousandths of receivables. */
  readonly overdueShare: number;
}

export interface ScoreMark {
  /** Whole minutes: what is kept. */
  readonly minute: number;
  readonly score: number;
}

export const severities = [
  "info",
  "low",
  "medium",
  "high",
  "critical",
] as const;
export type Severity = (typeof severities)[number];

export const rankOf = (severity: Severity): number =>
  severities.indexOf(severity);

/** What a rule found. */
export interface Finding {
  readonly rule: string;
  readonly ref: string;
  readonly severity: Severity;
  /** Compared for growth. */
  readonly value: number;
  readonly moneyAtRisk: number;
  readonly orderId?: string;
}

export interface Alert {
  readonly rule: string;
  readonly ref: string;
  severity: Severity;
  state: "open" | "acknowledged" | "snoozed" | "confirmed";
  readonly openedAt: number;
  readonly openedOffset: number;
  updatedAt: number;
  readonly orderId: string | null;
  readonly eventTime: number;
  actionVersion: number;
  snoozedUntil: number | null;
}

export interface Episode {
  readonly rule: string;
  readonly ref: string;
  severity: Severity;
  value: number;
  /** End of the cool-down; Infinity while its alert is open. */
  until: number;
}

/** An alert that ended; where, in the log. */
export interface Ended {
  readonly rule: string;
  readonly ref: string;
  readonly openedOffset: number;
  readonly offset: number;
  readonly as: "resolved" | "dismissed" | "withdrawn";
}

/** A change of a limit, as it was told. */
export interface LimitWord {
  readonly kind: string;
  readonly limitKind: string;
  readonly before: number | null;
  readonly after: number | null;
  readonly at: number;
}

export interface Settlement {
  readonly day: number;
  readonly dbt: number;
}

export interface Diary {
  /** Offset of the last touch; -1 = none. */
  touched: number;
  asOf: number;
  /** Local day of the last roll; 0 = none. */
  day: number;
  /** Earliest instant at which something is due; 0 = nothing is. */
  wake: number;
  /** Exposure at the last evaluation. */
  owes: bigint;
  /** First and last instants of the limit's lines, with days of warning. */
  beginnings: readonly number[];
  ends: [number, number][];
  /** Day on which a request lapses; null = none waits. */
  lapses: number | null;
  /** Up to when the beginnings of limits were followed, ms. */
  limitsSeen: number;
  readonly orders: Map<string, OrderStand>;
  days: DayMark[];
  /** Worst days past due seen on a day. */
  readonly worst: Map<number, number>;
  scores: ScoreMark[];
  score: number;
  class: ClassName;
  classBefore: ClassName | null;
  classAt: number;
  /** Since when the score is above each better class; 0 = it is not. */
  climbing: number[];
  points: readonly number[];
  alerts: Alert[];
  episodes: Episode[];
  readonly ended: Ended[];
  /** Promises that are broken. */
  broken: ReadonlySet<string>;
  settled: ReadonlyMap<string, Settlement>;
  delays: Settlement[];
  readonly limits: {
    proposal: number;
    automaticDay: number;
    automatic: AutomaticLine | null;
    reviewDue: number;
    reviewedAt: number;
    reviewAsked: boolean;
    /** Temporary line whose end was told, by the time that set it. */
    expired: number;
    /** Version of the request that lapsed. */
    lapsed: number;
    /** What proposals go by: receivables, rule set, day of the last one. */
    sold: bigint;
    ruled: number;
    proposalDay: number;
    readonly told: LimitWord[];
  };
  /** Orders and bursts that people called anomalies (F-29). */
  anomalies: { day: number; amount: number; orders: number }[];
}

export function emptyDiary(): Diary {
  return {
    ...{ touched: -1, asOf: 0, day: 0, wake: 0, owes: 0n },
    ...{ beginnings: [], ends: [], lapses: null, limitsSeen: 0 },
    ...{ orders: new Map(), days: [], worst: new Map(), scores: [] },
    ...{ score: 0, class: "C", classBefore: null, classAt: 0 },
    ...{ climbing: [], points: [], alerts: [], episodes: [], ended: [] },
    ...{ broken: new Set(), settled: new Map(), delays: [] },
    limits: {
      ...{
        proposal: -1,
        automaticDay: 0,
        automatic: null,
        reviewDue: 0,
        reviewedAt: 0,
      },
      ...{ reviewAsked: false, expired: 0, lapsed: 0, told: [] },
      ...{ sold: 0n, ruled: 0, proposalDay: 0 },
    },
    anomalies: [],
  };
}
