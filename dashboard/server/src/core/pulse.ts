/** The wall's half-hour pulse: closed buckets of five seconds. */
import { formatMinor, type PulsePoint } from "@riskwall/schemas";

export const bucketMs = 5000;
/** Half an hour. */
export const bucketsMax = 360;

interface Bucket {
  events: number;
  /** minor units of the reporting currency */
  orderAmount: number;
  alerts: number;
}

export interface PulseAmounts {
  readonly events?: number;
  readonly orderAmount?: number;
  readonly alerts?: number;
}

export interface Pulse {
  add: (atMs: number, amounts: PulseAmounts) => void;
  /** Closed buckets, oldest first, without holes since the first one. */
  points: (nowMs: number, currency: string) => PulsePoint[];
}

/** Start of the bucket that holds an instant. */
export function bucketOf(atMs: number): number {
  return Math.floor(atMs / bucketMs) * bucketMs;
}

export function createPulse(): Pulse {
  const buckets = new Map<number, Bucket>();

  const trim = (current: number): void => {
    const oldest = current - bucketsMax * bucketMs;
    for (const at of buckets.keys()) if (at < oldest) buckets.delete(at);
  };

  return {
    add: (atMs, amounts) => {
      const at = bucketOf(atMs);
      const bucket = buckets.get(at) ?? {
        events: 0,
        orderAmount: 0,
        alerts: 0,
      };
      bucket.events += amounts.events ?? 0;
      bucket.orderAmount += amounts.orderAmount ?? 0;
      bucket.alerts += amounts.alerts ?? 0;
      buckets.set(at, bucket);
    },
    points: (nowMs, currency) => {
      const current = bucketOf(nowMs);
      trim(current);
      const first = Math.min(current, ...buckets.keys());
      const out: PulsePoint[] = [];
      for (let at = first; at < current; at += bucketMs) {
        const bucket = buckets.get(at);
        out.push({
          at,
          events: bucket?.events ?? 0,
          orderAmount: formatMinor(bucket?.orderAmount ?? 0, currency),
          alerts: bucket?.alerts ?? 0,
        });
      }
      return out;
    },
  };
}
