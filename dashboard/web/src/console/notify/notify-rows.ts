/** What the API tells of channels, routing and deliveries. */
import type { Severity } from "@riskwall/schemas";

export interface ChannelRow {
  readonly id: string;
  readonly kind: string;
  readonly language: string;
  readonly enabled: boolean;
  readonly target: string;
  readonly waiting: number;
  /** `unknown` before its first message. */
  readonly health: "unknown" | "ok" | "failing" | "config";
  readonly why: string;
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

export interface ChannelTest {
  readonly request: object;
  readonly outcome: { readonly kind: string; readonly why?: string };
  /** Null when nobody answered. */
  readonly answer: { readonly status: number; readonly body: string } | null;
}

export interface RouteNodeView {
  readonly key: string;
  readonly receiver: string;
  readonly matchers: readonly string[];
  readonly continue: boolean;
  readonly groupBy: readonly string[] | null;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number | null;
  readonly digest: boolean;
  readonly muteIntervals: readonly string[];
  readonly activeIntervals: readonly string[];
  readonly routes: readonly RouteNodeView[];
}

export interface ReceiverView {
  readonly name: string;
  readonly channels: readonly string[];
  readonly failover: readonly string[];
  readonly escalation: string | null;
}

export interface RoutingAnswer {
  readonly version: number;
  readonly roots: readonly RouteNodeView[];
  readonly receivers: readonly ReceiverView[];
}

export interface WhoRow {
  readonly route: string;
  readonly receiver: string;
  readonly channels: readonly string[];
  readonly failover: readonly string[];
  readonly because: readonly string[];
  readonly afterMs: number;
  readonly repeatMs: number | null;
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

export interface DeliveryRow {
  readonly id: string;
  readonly channel: string;
  readonly kind: string;
  readonly severity: Severity;
  readonly state: (typeof deliveryStates)[number];
  readonly attempts: number;
  readonly queuedAt: string;
  readonly acceptedAt?: string;
  readonly deadAt?: string;
  readonly why?: string;
  readonly answer?: string;
  readonly alerts: readonly string[];
}
