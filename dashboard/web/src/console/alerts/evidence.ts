/** What an alert rests on, as one series with its thresholds. Pure. */
import type { AlertView, ScoreChangeView } from "@riskwall/schemas";

/** An item of the timeline as far as evidence needs it. */
export interface PastItem {
  readonly kind: string;
  readonly at: string;
  readonly id: string;
  readonly type: string;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly detail: unknown;
}

export interface EvidencePoint {
  /** ms */
  readonly at: number;
  /** For drawing only. */
  readonly value: number;
  /** Event or order behind it. */
  readonly id: string;
  /** True when it raised the alert. */
  readonly trigger: boolean;
}

export interface Evidence {
  /** orders, exposure, score, payments: the words of the series. */
  readonly name: "orders" | "exposure" | "score" | "events";
  readonly unit: "money" | "points";
  /** A level that stays until it changes, or single amounts. */
  readonly shape: "steps" | "dots";
  readonly points: readonly EvidencePoint[];
  readonly thresholds: readonly {
    readonly name: string;
    readonly value: number;
  }[];
}

/** Thresholds that rules explain themselves with, in money. */
const explained = ["median", "previousMax", "cap", "q95"] as const;

function isNumeric(value: unknown): value is string | number {
  return (
    (typeof value === "number" || typeof value === "string") &&
    value !== "" &&
    Number.isFinite(Number(value))
  );
}

/** `source/id` of the timeline, or the bare id that an alert names. */
export function isTrigger(alert: AlertView, id: string): boolean {
  return alert.triggerEventIds.some(
    (trigger) => id === trigger || id.endsWith(`/${trigger}`),
  );
}

function field(detail: unknown, name: string): unknown {
  return typeof detail === "object" && detail !== null
    ? Object.getOwnPropertyDescriptor(detail, name)?.value
    : undefined;
}

function amounts(
  alert: AlertView,
  items: readonly PastItem[],
  wanted: (type: string) => boolean,
): EvidencePoint[] {
  return items.flatMap((item) =>
    item.kind === "event" &&
    wanted(item.type) &&
    item.currency === alert.currency &&
    item.amount !== null
      ? {
          at: Date.parse(item.at),
          value: Number(item.amount),
          id: item.id,
          trigger: isTrigger(alert, item.id),
        }
      : [],
  );
}

/** Exposure after each decision: the only place where history keeps it. */
function exposures(
  alert: AlertView,
  items: readonly PastItem[],
): EvidencePoint[] {
  const decided = items.flatMap((item) => {
    const value = field(item.detail, "exposureAfter");
    if (item.kind !== "decision" || !isNumeric(value)) return [];
    const id = String(field(item.detail, "orderId") ?? item.id);
    const trigger = id === alert.orderId;
    return { at: Date.parse(item.at), value: Number(value), id, trigger };
  });
  const raised = {
    at: Date.parse(alert.eventTime),
    value: Number(alert.exposureAfter),
    id: alert.triggerEventIds[0] ?? alert.alertId,
    trigger: true,
  };
  return [...decided.filter((point) => point.at < raised.at), raised];
}

function inOrder(points: readonly EvidencePoint[]): EvidencePoint[] {
  return [...points].sort((a, b) => a.at - b.at);
}

/** The evidence of an alert; without points when history holds none. */
export function evidenceOf(
  alert: AlertView,
  items: readonly PastItem[],
  scores: readonly ScoreChangeView[],
): Evidence {
  const family = alert.ruleId.slice(0, 3);
  if (family === "SCR") {
    const points = scores.map((change) => ({
      at: Date.parse(change.at),
      value: change.score,
      id: change.cause[0] ?? change.id,
      trigger: change.cause.some((id) => isTrigger(alert, id)),
    }));
    return {
      ...{ name: "score", unit: "points", shape: "steps", thresholds: [] },
      points: inOrder(points),
    };
  }
  if (family === "EXP") {
    const { limit } = alert;
    return {
      ...{ name: "exposure", unit: "money", shape: "steps" },
      points: inOrder(exposures(alert, items)),
      thresholds:
        limit === null ? [] : [{ name: "limit", value: Number(limit) }],
    };
  }
  const orders = family === "ORD";
  return {
    name: orders ? "orders" : "events",
    ...{ unit: "money", shape: "dots" },
    points: inOrder(
      amounts(alert, items, (type) => !orders || type === "order.placed"),
    ),
    thresholds: explained.flatMap((name) => {
      const value = alert.explain[name];
      return isNumeric(value) ? { name, value: Number(value) } : [];
    }),
  };
}
