/** Planted truth against raised alerts: precision, recall, time to alert. */
import { readFileSync } from "node:fs";
import type { Truth } from "./episodes.ts";

export interface RaisedAlert {
  readonly ruleId: string;
  readonly customerId: string;
  /** ms */
  readonly openedAt: number;
  /** Opened of what history left behind: nobody was woken by it. */
  readonly muted: boolean;
}

export interface RuleScore {
  readonly rule: string;
  readonly planted: number;
  readonly found: number;
  readonly raised: number;
  readonly recall: number | null;
  readonly precision: number | null;
  readonly medianSecondsToAlert: number | null;
}

export function readTruth(file: string): Truth[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Truth);
}

/** Score per rule that some truth expects. */
export function scoreRules(
  truths: readonly Truth[],
  alerts: readonly RaisedAlert[],
): RuleScore[] {
  const rules = [
    ...new Set(truths.flatMap((truth) => truth.expectedRules)),
  ].sort();
  return rules.map((rule) => {
    const planted = truths.filter((truth) =>
      truth.expectedRules.includes(rule),
    );
    const raised = alerts.filter((alert) => alert.ruleId === rule);
    const delays: number[] = [];
    const matched = new Set<RaisedAlert>();
    for (const truth of planted) {
      const from = Date.parse(truth.startedAt) - 1000;
      const hit = raised.find(
        (alert) =>
          alert.customerId === truth.customerId &&
          alert.openedAt >= from &&
          alert.openedAt <= Date.parse(truth.trueAt) + truth.withinMs,
      );
      if (!hit) continue;
      matched.add(hit);
      delays.push(Math.max(0, hit.openedAt - Date.parse(truth.trueAt)) / 1000);
    }
    delays.sort((a, b) => a - b);
    const counted = raised.filter(
      (alert) => !alert.muted || matched.has(alert),
    ).length;
    return {
      rule,
      planted: planted.length,
      found: delays.length,
      raised: counted,
      recall: planted.length === 0 ? null : delays.length / planted.length,
      precision: counted === 0 ? null : matched.size / counted,
      medianSecondsToAlert: delays[Math.floor(delays.length / 2)] ?? null,
    };
  });
}
