/**
 * Order amounts by segment as a sketch of integer counts, so that a partition
 * can move it with its totals: buckets of the logarithm, 5 % wide on either
 * side (DDSketch, domain C10.8). A customer stands in it with its order ring,
 * so an amount leaves the sketch when it leaves the ring.
 */
import type { SegmentPrior } from "@riskwall/schemas";
import type { Customer } from "./customer.ts";
import type { Env } from "./env.ts";
import { exactExp, exactLn } from "./exact-math.ts";
import type { OrderMark } from "./rings.ts";
import { segmentRules } from "./rule-set.ts";

const relativeError = 0.05;
const logGamma = exactLn((1 + relativeError) / (1 - relativeError));

/** Segments that a portfolio record carries, those with most orders first. */
export const segmentsMax = 100;

/** What of a customer its partition's sketch contains. */
export interface SegmentMarks {
  readonly segment: string;
  readonly ring: readonly OrderMark[];
}

export function segmentMarks(customer: Customer | null): SegmentMarks {
  if (customer === null) return { segment: "", ring: [] };
  return { segment: customer.state.segment, ring: customer.orderRing };
}

/** Field of the sketch for an amount > 0 in reporting minor units. */
function fieldOf(segment: string, amount: number): string {
  const bucket = Math.ceil(exactLn(amount) / logGamma);
  return `${String(bucket)}:${segment}`;
}

/** Adds to `changes` what moves a customer's share from `before` to `after`. */
export function moveSegments(
  changes: Map<string, number>,
  before: SegmentMarks,
  after: SegmentMarks,
): void {
  const same = before.segment === after.segment;
  if (same && before.ring === after.ring) return;
  const count = (marks: SegmentMarks, not: SegmentMarks, n: number): void => {
    const skip = same ? new Set(not.ring) : null;
    for (const mark of marks.ring) {
      if (mark.amount <= 0 || skip?.has(mark) === true) continue;
      const field = fieldOf(marks.segment, mark.amount);
      changes.set(field, (changes.get(field) ?? 0) + n);
    }
  };
  count(before, after, -1);
  count(after, before, 1);
}

/** Smallest amount that at least a share `q` of the orders does not exceed. */
function quantile(
  buckets: readonly (readonly [number, number])[],
  orders: number,
  q: number,
): number {
  let seen = 0;
  for (const [bucket, n] of buckets) {
    seen += n;
    if (seen < q * orders) continue;
    // The middle of a bucket is within the relative error of all in it.
    const top = exactExp(bucket * logGamma);
    return Math.round(top * (1 - relativeError));
  }
  return 0;
}

/**
 * Quantiles of a single order in a segment: measured, or those of the rule set
 * while too few orders are known (C10.1 leg e).
 */
export function usualOrders(
  { rules, segments }: Env,
  segment: string,
): Pick<SegmentPrior, "orderP95" | "orderP99"> {
  const known = segments.get(segment);
  return known && known.orders >= rules.segmentMinOrders
    ? known
    : segmentRules(rules, segment);
}

/**
 * Priors of each segment from the sketches of all partitions, minor units of
 * the reporting currency.
 */
export function segmentPriors(
  sketches: readonly Readonly<Record<string, string>>[],
): Record<string, SegmentPrior> {
  const segments = new Map<string, Map<number, number>>();
  for (const sketch of sketches) {
    for (const [field, text] of Object.entries(sketch)) {
      const at = field.indexOf(":");
      const segment = field.slice(at + 1);
      const buckets = segments.get(segment) ?? new Map<number, number>();
      const bucket = Number(field.slice(0, at));
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + Number(text));
      segments.set(segment, buckets);
    }
  }
  const rows = [...segments].map(([segment, buckets]) => {
    const sorted = [...buckets].sort((a, b) => a[0] - b[0]);
    const orders = sorted.reduce((sum, [, n]) => sum + n, 0);
    const at = (q: number): number => quantile(sorted, orders, q);
    const prior = { orders, orderP95: at(0.95), orderP99: at(0.99) };
    return [segment, prior] as const;
  });
  const known = rows.filter(([, { orders }]) => orders > 0);
  known.sort((a, b) => b[1].orders - a[1].orders || (a[0] < b[0] ? -1 : 1));
  return Object.fromEntries(known.slice(0, segmentsMax));
}
