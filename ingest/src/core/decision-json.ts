/** A decision as the contract answers it: money as decimal strings. */
import { formatMinor, type Decision } from "@riskwall/schemas";

/** The group that was judged with the order, and how old its picture was. */
function groupJson({ group, reportingCurrency }: Decision): object | null {
  if (group === null) return null;
  const money = (minor: number): string =>
    formatMinor(minor, reportingCurrency);
  return {
    groupId: group.groupId,
    exposureBefore: money(group.exposureBefore),
    exposureAfter: money(group.exposureAfter),
    limit: group.limit === null ? null : money(group.limit),
    asOf: group.asOf === 0 ? null : new Date(group.asOf).toISOString(),
    ageSeconds: Math.round(group.ageMs / 1000),
  };
}

export function decisionJson(decision: Decision): object {
  const { reportingCurrency: currency, limit } = decision;
  const money = (minor: number): string => formatMinor(minor, currency);
  return {
    orderId: decision.orderId,
    customerId: decision.customerId,
    outcome: decision.outcome,
    codes: decision.codes,
    hits: decision.hits,
    score: decision.score,
    class: decision.class,
    amount: formatMinor(decision.amount, decision.currency),
    orderCurrency: decision.currency,
    exposureBefore: money(decision.exposureBefore),
    exposureAfter: money(decision.exposureAfter),
    limit: limit === null ? null : money(limit),
    currency,
    group: groupJson(decision),
    clearsZh: decision.clearsZh,
    clearsEn: decision.clearsEn,
    rulesetVersion: decision.rulesetVersion,
    decidedAt: new Date(decision.decidedAt).toISOString(),
  };
}
