/** An alert that somebody makes up to see where it would go. */
import { z } from "zod";
import { severities, type Brief } from "./core/brief.ts";

/** What is asked about it, on every such route. */
export const exampleBody = z.object({
  severity: z.enum(severities),
  rule: z.string().min(1).max(100),
  customer: z.string().min(1).max(200),
  /** At risk, for steps that look at it. */
  money: z
    .object({
      amount: z.string().regex(/^\d{1,15}(\.\d{1,4})?$/),
      currency: z.string().regex(/^[A-Z]{3}$/),
    })
    .optional(),
  at: z.iso.datetime({ offset: true }).optional(),
});

/** The alert as far as routing and escalation look at it. */
export function exampleBrief(
  example: Pick<
    z.output<typeof exampleBody>,
    "severity" | "rule" | "customer" | "money"
  >,
): Brief {
  const { severity, rule: ruleId, customer: customerId, money } = example;
  const [none, zero] = ["", "0.00"];
  return {
    ...{ alertId: "example", ruleId, severity, customerId, state: "open" },
    ...{ ruleName: { zh: none, en: none }, customerName: customerId },
    ...{ openedAt: none, updatedAt: none, eventTime: none },
    ...{ titleZh: none, titleEn: none, reasons: [] },
    suggestedAction: { zh: none, en: none },
    moneyAtRisk: money?.amount ?? zero,
    ...{ exposureBefore: zero, exposureAfter: zero },
    ...{ limit: null, score: 0, class: none, pd: none },
    currency: money?.currency ?? none,
    ...{ orderId: null, invoiceId: null },
  };
}
