/**
 * Severity of a finding (domain D1): what the rule's table says, moved by the
 * matrix of strength × money at risk where the table leaves it open, one step
 * up for weak or watched customers, one step down where the exposure is
 * insured.
 */
import type { Severity } from "@riskwall/schemas";
import type { SeverityRules } from "./rule-set.ts";

export const severities = [
  "info",
  "low",
  "medium",
  "high",
  "critical",
] as const;

export function severityRank(severity: string): number {
  return severities.findIndex((item) => item === severity);
}

/** What the severity of one finding depends on. */
export interface SeverityCase {
  readonly ruleId: string;
  /** The strength of the finding: what the rule's own table says. */
  readonly severity: Severity;
  /** Reporting minor units. */
  readonly moneyAtRisk: number;
  /** Reporting minor units; null = no limit, its share is not known. */
  readonly limit: number | null;
  readonly class: string;
  readonly watch: boolean;
  /** Share of the exposure that cover would pay, 0 to 1. */
  readonly insuredShare: number;
}

/** Column of the matrix; the middle one where there is no limit. */
function column(of: SeverityCase, shares: SeverityRules["shares"]): 0 | 1 | 2 {
  const { limit, moneyAtRisk } = of;
  if (limit === null) return 1;
  if (moneyAtRisk < limit * shares[0]) return 0;
  return moneyAtRisk <= limit * shares[1] ? 1 : 2;
}

function isRaised(of: SeverityCase, rules: SeverityRules): boolean {
  // A rule on the score already says that the customer got weak.
  if (of.ruleId.startsWith("SCR")) return false;
  return of.watch || rules.weakClasses.some((item) => item === of.class);
}

/** Rules that say nothing of money that insurance would pay. */
const aboutCover = /^(SCR|DQ|EXP-07)/;

export function weighSeverity(
  of: SeverityCase,
  rules: SeverityRules,
): Severity {
  const { byMatrix, matrix, shares, insuredFrom } = rules;
  const base = byMatrix.has(of.ruleId)
    ? matrix[of.severity][column(of, shares)]
    : of.severity;
  const isLowered =
    of.insuredShare >= insuredFrom && !aboutCover.test(of.ruleId);
  const steps = (isRaised(of, rules) ? 1 : 0) - (isLowered ? 1 : 0);
  if (steps === 0) return base;
  const rank = severityRank(base) + steps;
  const last = severities.length - 1;
  return severities[Math.max(0, Math.min(rank, last))] ?? base;
}
