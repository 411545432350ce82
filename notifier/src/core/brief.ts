/** What a message needs to know of an alert, and the labels it is routed by. */
import { alertView, type Alert } from "@riskwall/schemas";

/** From mildest to gravest. */
export const severities = [
  "info",
  "low",
  "medium",
  "high",
  "critical",
] as const;

/** Position of a severity; -1 for a word that is none. */
export function rankOf(severity: string): number {
  return severities.findIndex((name) => name === severity);
}

const closedStates: ReadonlySet<string> = new Set([
  "confirmed",
  "dismissed",
  "resolved",
  "withdrawn",
]);

/** True when nothing is to be done about an alert any more. */
export function isClosed(state: string): boolean {
  return closedStates.has(state);
}

/** Reasons that travel with a message at most. */
export const reasonsMax = 5;

export interface BriefReason {
  readonly code: string;
  readonly textZh: string;
  readonly textEn: string;
  readonly number: string;
}

/** An alert as messages tell of it; money is a decimal string of `currency`. */
export interface Brief {
  readonly alertId: string;
  readonly ruleId: string;
  readonly ruleName: { readonly zh: string; readonly en: string };
  readonly severity: string;
  readonly state: string;
  readonly customerId: string;
  readonly customerName: string;
  readonly openedAt: string;
  readonly updatedAt: string;
  readonly eventTime: string;
  readonly titleZh: string;
  readonly titleEn: string;
  readonly suggestedAction: { readonly zh: string; readonly en: string };
  readonly reasons: readonly BriefReason[];
  readonly moneyAtRisk: string;
  readonly exposureBefore: string;
  readonly exposureAfter: string;
  readonly limit: string | null;
  readonly currency: string;
  readonly score: number;
  readonly class: string;
  readonly pd: string;
  readonly orderId: string | null;
  readonly invoiceId: string | null;
}

/** The brief of a snapshot. */
export function briefOf(alert: Alert): Brief {
  const view = alertView(alert);
  const { alertId, ruleId, ruleName, customerId, customerName } = view;
  const { severity, state, openedAt, updatedAt, eventTime } = view;
  const { titleZh, titleEn, suggestedAction, moneyAtRisk, currency } = view;
  const { exposureBefore, exposureAfter, limit, score } = view;
  return {
    ...{ alertId, ruleId, ruleName, severity, state },
    ...{ customerId, customerName, openedAt, updatedAt, eventTime },
    ...{ titleZh, titleEn, suggestedAction },
    reasons: view.reasons
      .slice(0, reasonsMax)
      .map(({ code, textZh, textEn, number }) => {
        return { code, textZh, textEn, number };
      }),
    ...{ moneyAtRisk, exposureBefore, exposureAfter, limit, currency },
    ...{ score, class: view.class, pd: view.pd },
    ...{ orderId: view.orderId, invoiceId: view.invoiceId },
  };
}

/** The gravest first, then the most recent. */
export function graver(a: Brief, b: Brief): number {
  const bySeverity = rankOf(b.severity) - rankOf(a.severity);
  if (bySeverity !== 0) return bySeverity;
  if (a.updatedAt !== b.updatedAt) return a.updatedAt < b.updatedAt ? 1 : -1;
  return a.alertId < b.alertId ? -1 : 1;
}
