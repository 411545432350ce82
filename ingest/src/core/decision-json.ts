/** A decision as the contract answers it: money as decimal strings. */
import { formatMinor, type Decision } from "@riskwall/schemas";

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
    clearsZh: decision.clearsZh,
    clearsEn: decision.clearsEn,
    rulesetVersion: decision.rulesetVersion,
    decidedAt: new Date(decision.decidedAt).toISOString(),
  };
}
