/** Notifications as the notifier tells of them and pages show them. */
import type { Severity } from "./views.ts";

export interface ChannelView {
  readonly id: string;
  readonly kind: string;
  readonly language: string;
  readonly enabled: boolean;
  /** Host it sends to; nothing that is secret. */
  readonly target: string;
  readonly waiting: number;
  /** `unknown` before its first message. */
  readonly health: "unknown" | "ok" | "failing" | "config";
  readonly why: string;
  /** Failures in a row. */
  readonly failures: number;
  /** Ms; 0 = it does not rest. */
  readonly pausedUntil: number;
  readonly circuit: "closed" | "open" | "half-open" | "resting";
  readonly acceptedAt: string | null;
  readonly failedAt: string | null;
  readonly quotas: readonly {
    readonly permits: number;
    readonly windowMs: number;
    readonly left: number;
    readonly size: number;
  }[];
}

/** A test message: the request masked, what came back, what it means. */
export interface ChannelTestView {
  readonly request: object;
  readonly outcome: { readonly kind: string; readonly why?: string };
  /** Null when nobody answered. */
  readonly answer: { readonly status: number; readonly body: string } | null;
}

export interface RouteView {
  readonly key: string;
  readonly receiver: string;
  readonly matchers: readonly string[];
  readonly continue: boolean;
  /** Null: every alert alone. */
  readonly groupBy: readonly string[] | null;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number | null;
  readonly sendResolved: boolean;
  readonly digest: boolean;
  readonly muteIntervals: readonly string[];
  readonly activeIntervals: readonly string[];
  readonly routes: readonly RouteView[];
}

export interface ReceiverView {
  readonly name: string;
  readonly channels: readonly string[];
  readonly failover: readonly string[];
  /** Name of a chain. */
  readonly escalation: string | null;
}

export interface RoutingView {
  readonly version: number;
  readonly roots: readonly RouteView[];
  readonly receivers: readonly ReceiverView[];
  readonly inhibitRules: readonly {
    readonly source: readonly string[];
    readonly target: readonly string[];
    readonly equal: readonly string[];
  }[];
  readonly intervals: readonly string[];
}

/** One receiver that a route names for an alert. */
export interface OutlookView {
  readonly route: string;
  readonly receiver: string;
  readonly group: string;
  readonly channels: readonly string[];
  readonly failover: readonly string[];
  /** Matchers on the way, outermost first; empty = the root. */
  readonly because: readonly string[];
  /** First message when the group is new, ms from now. */
  readonly afterMs: number;
  readonly repeatMs: number | null;
  /** Why nothing is sent now, or null. */
  readonly heldBack: string | null;
}

export const deliveryStates = [
  "queued",
  "sent",
  "digested",
  "accepted",
  "dead",
  "cancelled",
] as const;

/** A delivery as people see it. */
export interface DeliveryView {
  readonly id: string;
  readonly channel: string;
  readonly kind: string;
  readonly severity: Severity;
  readonly state: (typeof deliveryStates)[number];
  readonly attempts: number;
  readonly queuedAt: string;
  readonly sentAt?: string | undefined;
  readonly acceptedAt?: string | undefined;
  /** When its link was first opened in a browser. */
  readonly seenAt?: string | undefined;
  readonly deadAt?: string | undefined;
  readonly why?: string | undefined;
  /** The provider's words, as they came, secrets left out. */
  readonly answer?: string | undefined;
  /** Digest that stands for it. */
  readonly into?: string | undefined;
  readonly insteadOf?: string | undefined;
  readonly failedOverTo?: string | undefined;
  /** Alerts it tells of; none for a digest, whose members have them. */
  readonly alerts: readonly string[];
}

/** What an alert's messages became. */
export interface AlertDeliveries {
  readonly items: readonly DeliveryView[];
  readonly acknowledgedAt: string | null;
}

/** What a month of on call was like, and which rules to tune. */
export interface OncallReport {
  /** `YYYY-MM` of the reporting zone. */
  readonly month: string;
  /** Alerts that somebody was to be told of. */
  readonly alerts: number;
  /** By hour of the day, 24 counts. */
  readonly byHour: readonly number[];
  /** Part that came between 22:00 and 07:00, 0 to 1; null without alerts. */
  readonly nightShare: number | null;
  readonly taken: number;
  /** Mean time to acknowledge, s, of those taken; null without. */
  readonly ackMeanS: number | null;
  readonly people: readonly {
    readonly user: string;
    readonly taken: number;
    readonly atNight: number;
    readonly ackMeanS: number;
    readonly byHour: readonly number[];
  }[];
  readonly rules: readonly {
    readonly ruleId: string;
    readonly raised: number;
    readonly useful: number;
    readonly useless: number;
    /** useful / judged; null while nobody judged. */
    readonly precision: number | null;
    readonly ackMeanS: number | null;
  }[];
  /** True: there were more alerts than are counted. */
  readonly cut: boolean;
}
