/**
 * Dated exceptions of the rule set by class and segment (domain D2): each says
 * whom it is for, from which day to which, why, who approved it, and the
 * thresholds it sets. Where several fit, the later one in the list wins.
 */
import type { CustomerState } from "@riskwall/schemas";
import type { Env } from "./env.ts";
import type { RuleSet } from "./rule-set.ts";

type Thresholds = RuleSet["rules"];

/** Thresholds an override sets: some settings of some rules. */
export type ThresholdPatch = {
  readonly [Rule in keyof Thresholds]?: Partial<Thresholds[Rule]>;
};

export interface RuleOverride {
  /** What it is called in messages and pages. */
  readonly id: string;
  /** Empty = all. */
  readonly classes: readonly string[];
  readonly segments: readonly string[];
  /** First and last day it holds. */
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly approvedBy: string;
  readonly rules: ThresholdPatch;
  readonly materiality: Partial<RuleSet["materiality"]>;
  /** Rules that are off meanwhile. */
  readonly disabled: readonly string[];
}

export function isInForce(
  override: RuleOverride,
  segment: string,
  riskClass: string,
  day: number,
): boolean {
  const { classes, segments, from, to } = override;
  return (
    day >= from &&
    day <= to &&
    (classes.length === 0 || classes.includes(riskClass)) &&
    (segments.length === 0 || segments.includes(segment))
  );
}

function patchRule<Rule extends keyof Thresholds>(
  out: { -readonly [Name in keyof Thresholds]: Thresholds[Name] },
  rule: Rule,
  patch: ThresholdPatch,
): void {
  out[rule] = { ...out[rule], ...patch[rule] };
}

/** The rule set with one override applied. */
export function applyOverride(rules: RuleSet, override: RuleOverride): RuleSet {
  const thresholds = { ...rules.rules };
  for (const name of Object.keys(override.rules)) {
    // Keys were checked against the schema when the rule set was read.
    patchRule(thresholds, name as keyof Thresholds, override.rules);
  }
  return {
    ...rules,
    rules: thresholds,
    materiality: { ...rules.materiality, ...override.materiality },
    disabled: new Set([...rules.disabled, ...override.disabled]),
  };
}

/** Rule sets by which overrides hold; a rule set is never changed in place. */
const combined = new WeakMap<RuleSet, Map<string, RuleSet>>();

/** The rule set in force for a customer of this segment and class on a day. */
export function rulesFor(
  rules: RuleSet,
  segment: string,
  riskClass: string,
  day: number,
): RuleSet {
  if (rules.overrides.length === 0) return rules;
  const fitting = rules.overrides.filter((item) =>
    isInForce(item, segment, riskClass, day),
  );
  if (fitting.length === 0) return rules;
  const known = combined.get(rules) ?? new Map<string, RuleSet>();
  combined.set(rules, known);
  const key = fitting.map((item) => item.id).join("\n");
  const made = known.get(key) ?? fitting.reduce(applyOverride, rules);
  known.set(key, made);
  return made;
}

/** The environment of one customer's step. */
export function envFor(
  env: Env,
  { segment, class: riskClass }: Pick<CustomerState, "segment" | "class">,
  day: number,
): Env {
  const rules = rulesFor(env.rules, segment, riskClass, day);
  return rules === env.rules ? env : { ...env, rules };
}
