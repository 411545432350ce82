/** Which alerts are pushed to whom, and what the receiver reads. Pure. */
import { alertView, type Alert } from "@riskwall/schemas";
import { severityNames, type Webhook } from "../io/settings.ts";

/** Kind of message for a new alert. */
export const firing = "firing";

const rank = (severity: string): number =>
  severityNames.findIndex((name) => name === severity);

/** Told for the first time, not muted, and severe enough for this webhook. */
export function isWanted(alert: Alert, hook: Webhook): boolean {
  return (
    hook.enabled &&
    alert.announce &&
    !alert.muted &&
    rank(alert.severity) >= rank(hook.minSeverity)
  );
}

/** Body of a message: thin, with links; well below 20 KB. */
export function firingBody(alert: Alert, publicUrl: string): string {
  const view = alertView(alert);
  const { alertId, ruleId, ruleName, customerId, customerName } = view;
  const { severity, state, openedAt, eventTime, reasons } = view;
  const { titleZh, titleEn, suggestedAction, moneyAtRisk, currency } = view;
  const { exposureAfter, limit, score, orderId, invoiceId } = view;
  return JSON.stringify({
    type: `alert.${firing}`,
    timestamp: openedAt,
    data: {
      ...{ alertId, ruleId, ruleName, severity, state },
      ...{ customerId, customerName, openedAt, eventTime },
      ...{ titleZh, titleEn, suggestedAction },
      reasons: reasons.slice(0, 5),
      ...{ moneyAtRisk, exposureAfter, limit, currency },
      ...{ score, class: view.class, pd: view.pd, orderId, invoiceId },
      link: `${publicUrl}/alerts?alert=${encodeURIComponent(alertId)}`,
      customerLink: `${publicUrl}/customers/${encodeURIComponent(customerId)}`,
    },
  });
}
