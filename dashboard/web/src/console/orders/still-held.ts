import type { DecisionView, HeldOrderView } from "@riskwall/schemas";

/**
 * A read queue brought up to now: an order that somebody, or the log, has
 * decided since leaves at once; a newer reason for the hold replaces the read
 * one. `live` are decisions in any order.
 */
export function stillHeld(
  read: readonly HeldOrderView[],
  live: Iterable<DecisionView>,
): HeldOrderView[] {
  const latest = new Map<string, DecisionView>();
  for (const view of live) {
    const known = latest.get(view.orderId);
    if (!known || isNewer(view, known)) latest.set(view.orderId, view);
  }
  return read.flatMap((order) => {
    const now = latest.get(order.orderId);
    if (!now || (order.decision && !isNewer(now, order.decision))) return order;
    if (now.outcome !== "hold") return [];
    return { ...order, codes: now.codes, decision: now };
  });
}

function isNewer(a: DecisionView, b: DecisionView): boolean {
  const [later, sooner] = [Date.parse(a.decidedAt), Date.parse(b.decidedAt)];
  if (later !== sooner) return later > sooner;
  // Of one instant: by place in the log, `partition-offset-n`.
  const [x, y] = [a.id, b.id].map((id) => id.split("-").map(Number));
  const offset = (x?.[1] ?? 0) - (y?.[1] ?? 0);
  return offset > 0 || (offset === 0 && (x?.[2] ?? 0) > (y?.[2] ?? 0));
}
