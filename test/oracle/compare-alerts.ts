/**
 * Alerts that are open, with where they were opened; and episodes that cool
 * down, with when they ended.
 */
import type { CustomerState } from "@riskwall/schemas";
import { hasId, isJudgedRule } from "./alert-life.ts";
import type { Dossier } from "./chronicle.ts";
import { isReviewForeign } from "./compare-limits.ts";
import { check, type Difference } from "./difference.ts";

export const alertFields = ["alerts", "episodes"] as const;

/** Rules that nobody judges but the product. */
export const unjudgedRules: readonly string[] = [
  ...["PAY-03", "PAY-04", "PAY-07", "PAY-08", "PAY-10", "EXP-04", "DSP-01"],
  ...["DQ-04", "DQ-03 of a full ledger"],
];

/** Whether an alert of the state is compared. */
export const isJudged = ({
  ruleId,
  ref,
}: {
  ruleId: string;
  ref: string;
}): boolean => isJudgedRule(ruleId) && (ruleId !== "DQ-03" || ref === "RATE");

function byText<T>(rows: readonly T[]): T[] {
  const text = (row: T): string => JSON.stringify(row);
  return [...rows].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

export function compareAlerts(
  dossier: Dossier,
  state: CustomerState,
  partition: number,
): Difference[] {
  const found: Difference[] = [];
  const { id, diary } = dossier;
  const isForeign = isReviewForeign(dossier, state);
  const isMeant = (rule: string, ref: string): boolean =>
    !(isForeign && rule === "EXP-03" && ref === "review");
  const kept = state.alerts
    .filter(isJudged)
    .filter(({ ruleId, ref }) => isMeant(ruleId, ref));
  const positionOf = (
    ruleId: string,
    ref: string,
    alertId: string,
  ): unknown => {
    const own = diary.alerts.find(
      (item) => item.rule === ruleId && item.ref === ref,
    );
    const isThere = own && hasId(own, alertId, id, partition);
    return isThere ? own.openedOffset : `not where ${alertId} was opened`;
  };
  check(
    found,
    "alerts",
    byText(
      diary.alerts
        .filter(({ rule, ref }) => isMeant(rule, ref))
        .map((item) => [
          ...[item.rule, item.ref, item.severity, item.state],
          ...[item.openedAt, item.actionVersion, item.openedOffset],
        ]),
    ),
    byText(
      kept.map((item) => [
        ...[item.ruleId, item.ref, item.severity, item.state],
        ...[item.openedAt, item.actionVersion],
        positionOf(item.ruleId, item.ref, item.alertId),
      ]),
    ),
  );
  check(
    found,
    "episodes",
    byText(
      diary.episodes
        .filter(({ rule, ref }) => isMeant(rule, ref))
        .map((item) => [
          ...[item.rule, item.ref, item.severity, item.value],
          Number.isFinite(item.until) ? item.until : "open",
        ]),
    ),
    byText(
      state.episodes
        .filter(isJudged)
        .filter(({ ruleId, ref }) => isMeant(ruleId, ref))
        // Marked for want of room only.
        .filter(({ value }) => value >= 0)
        .map((item) => [
          ...[item.ruleId, item.ref, item.severity, item.value],
          item.until >= stillOpen ? "open" : item.until,
        ]),
    ),
  );
  return found;
}

/** End of an episode whose alert is open, as the state keeps it. */
const stillOpen = 8_640_000_000_000_000;
