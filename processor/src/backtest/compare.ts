/** What two folds of the same log raised, rule by rule. */
import type { Alert } from "@riskwall/schemas";
import type { Output } from "../core/emit.ts";
import { severities, severityRank } from "../core/severity.ts";

/** Examples kept per rule and kind of difference. */
export const examplesMax = 5;

export interface Example {
  readonly customerId: string;
  readonly openedAt: number;
  readonly severity: string;
  readonly titleZh: string;
  readonly titleEn: string;
}

export interface RuleCount {
  raised: number;
  /** Of them, those that people would be told of. */
  told: number;
  readonly customers: Set<string>;
  readonly bySeverity: number[];
}

/** What one fold did inside the span. */
export interface Side {
  readonly rules: Map<string, RuleCount>;
  /** Alerts by what they are about, to find those only one side has. */
  readonly alerts: Map<string, { readonly ruleId: string } & Example>;
  /** First decisions on orders, by outcome. */
  readonly decisions: Map<string, number>;
}

export function emptySide(): Side {
  return { rules: new Map(), alerts: new Map(), decisions: new Map() };
}

/** From (inclusive) to (exclusive), log time in ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

function countAlert(side: Side, alert: Alert, span: Span): void {
  const { ruleId, customerId, openedAt, severity } = alert;
  if (openedAt < span.from || openedAt >= span.to || alert.muted) return;
  const count = side.rules.get(ruleId) ?? {
    ...{ raised: 0, told: 0, customers: new Set<string>() },
    bySeverity: severities.map(() => 0),
  };
  side.rules.set(ruleId, count);
  if (alert.announce) count.told += 1;
  if (alert.version !== 1) return;
  count.raised += 1;
  count.customers.add(customerId);
  const rank = severityRank(severity);
  count.bySeverity[rank] = (count.bySeverity[rank] ?? 0) + 1;
  const { titleZh, titleEn } = alert;
  side.alerts.set([ruleId, customerId, alert.ref, openedAt].join("\n"), {
    ...{ ruleId, customerId, openedAt, severity, titleZh, titleEn },
  });
}

export function countOutputs(
  side: Side,
  outputs: readonly Output[],
  span: Span,
): void {
  for (const output of outputs) {
    if (output.name === "Alert") countAlert(side, output.value, span);
    if (output.name !== "Decision") continue;
    const { trigger, outcome, decidedAt, muted } = output.value;
    if (trigger !== "order" || muted) continue;
    if (decidedAt < span.from || decidedAt >= span.to) continue;
    side.decisions.set(outcome, (side.decisions.get(outcome) ?? 0) + 1);
  }
}

export interface SideView {
  readonly raised: number;
  readonly told: number;
  readonly customers: number;
  readonly bySeverity: Readonly<Record<string, number>>;
}

export interface RuleDifference {
  readonly ruleId: string;
  readonly before: SideView;
  readonly after: SideView;
  /** Alerts that only the tried rules raise, and those only the others do. */
  readonly appeared: number;
  readonly vanished: number;
  readonly examples: {
    readonly appeared: readonly Example[];
    readonly vanished: readonly Example[];
  };
}

export interface Comparison {
  readonly rules: readonly RuleDifference[];
  /** Customers with another set of alerts. */
  readonly touched: number;
  readonly decisions: {
    readonly before: Readonly<Record<string, number>>;
    readonly after: Readonly<Record<string, number>>;
  };
}

function viewOf(count: RuleCount | undefined): SideView {
  const by = count?.bySeverity ?? [];
  return {
    raised: count?.raised ?? 0,
    told: count?.told ?? 0,
    customers: count?.customers.size ?? 0,
    bySeverity: Object.fromEntries(
      severities.map((name, i) => [name, by[i] ?? 0]),
    ),
  };
}

type Found = { readonly ruleId: string } & Example;

/** Alerts of one side that the other lacks, by rule. */
function onlyIn(side: Side, other: Side): Map<string, Found[]> {
  const out = new Map<string, Found[]>();
  for (const [key, found] of side.alerts) {
    if (other.alerts.has(key)) continue;
    const list = out.get(found.ruleId);
    if (list) list.push(found);
    else out.set(found.ruleId, [found]);
  }
  return out;
}

function exampleOf({ ruleId: _, ...rest }: Found): Example {
  return rest;
}

export function compareSides(before: Side, after: Side): Comparison {
  const appeared = onlyIn(after, before);
  const vanished = onlyIn(before, after);
  const ids = [...new Set([...before.rules.keys(), ...after.rules.keys()])];
  const touched = new Set(
    [...appeared.values(), ...vanished.values()]
      .flat()
      .map((item) => item.customerId),
  );
  return {
    rules: ids.sort().map((ruleId) => {
      const more = appeared.get(ruleId) ?? [];
      const fewer = vanished.get(ruleId) ?? [];
      return {
        ruleId,
        before: viewOf(before.rules.get(ruleId)),
        after: viewOf(after.rules.get(ruleId)),
        ...{ appeared: more.length, vanished: fewer.length },
        examples: {
          appeared: more.slice(0, examplesMax).map(exampleOf),
          vanished: fewer.slice(0, examplesMax).map(exampleOf),
        },
      };
    }),
    touched: touched.size,
    decisions: {
      before: Object.fromEntries(before.decisions),
      after: Object.fromEntries(after.decisions),
    },
  };
}
