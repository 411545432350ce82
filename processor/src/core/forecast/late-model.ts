/**
 * Chance that an item is paid late (domain C7): per outcome a logistic model
 * over bins. A weight is β · WoE of its bin, in log-odds of being late: 0 is
 * average, so the greatest weights are the reasons. "More than 15 days" is
 * rare where the model was fitted; a customer whose own payments come that
 * late is believed: the chance is never below their shrunken share.
 */
import { exactExp, exactLn } from "../exact-math.ts";
import {
  customerInputs,
  lateInputs,
  simpleItemInputs,
  type CustomerValues,
  type LateInput,
  type SimpleValues,
} from "./late-inputs.ts";

export const lateOutcomes = ["late1", "late5", "late15"] as const;
/** Paid at least 1, at least 5, more than 15 days after the due day. */
export type LateOutcome = (typeof lateOutcomes)[number];

export interface LateBins {
  readonly input: LateInput;
  /** Upper ends of the bins, included; the last bin is open. */
  readonly edges: readonly number[];
  /** One per bin, then one for "unknown". */
  readonly weights: readonly number[];
}

export interface LateLogit {
  readonly intercept: number;
  readonly bins: readonly LateBins[];
}

export interface LateModel {
  /** What it was fitted on, for people. */
  readonly trained: string;
  /** Prior of "at least 5 days late" in `fiveLateShare`. */
  readonly fiveLatePrior: number;
  readonly outcomes: Readonly<Record<LateOutcome, LateLogit>>;
}

export type LateChances = Readonly<Record<LateOutcome, number>>;

/** An input that makes an item likelier to be late. */
export interface LateFactor {
  readonly input: LateInput;
  readonly value: number | null;
  /** Log-odds against the average item. */
  readonly weight: number;
}

type Values = Readonly<Partial<Record<LateInput, number | null>>>;

/** Index of the bin of a value; the last index is "unknown". */
export function binOf(value: number | null, edges: readonly number[]): number {
  if (value === null) return edges.length + 1;
  const at = edges.findIndex((edge) => value <= edge);
  return at < 0 ? edges.length : at;
}

function weightOf(bins: LateBins, values: Values): number {
  return bins.weights[binOf(values[bins.input] ?? null, bins.edges)] ?? 0;
}

const sigmoid = (logit: number): number => 1 / (1 + exactExp(-logit));

function logitOf(model: LateLogit, values: Values): number {
  return model.bins.reduce(
    (sum, bins) => sum + weightOf(bins, values),
    model.intercept,
  );
}

/** Never less likely to be more than 15 days late than by the own record. */
const floorOf = (values: Values): number => values.beyond15Share ?? 0;

/**
 * The three chances; a longer delay is never the likelier one. Who was more
 * than 15 days late was at least 5 and 1 days late, too: the own record holds
 * for all three.
 */
export function lateChances(model: LateModel, values: Values): LateChances {
  const { outcomes } = model;
  const floor = floorOf(values);
  const chance = (outcome: LateOutcome): number =>
    Math.max(floor, sigmoid(logitOf(outcomes[outcome], values)));
  const late1 = chance("late1");
  const late5 = Math.min(late1, chance("late5"));
  return { late1, late5, late15: Math.min(late5, chance("late15")) };
}

/**
 * The inputs that speak most for "late", greatest first, at most three; the
 * own record comes first where it decides.
 */
export function lateFactors(model: LateLogit, values: Values): LateFactor[] {
  const floor = floorOf(values);
  const first: LateFactor[] =
    floor > sigmoid(logitOf(model, values))
      ? [{ input: "beyond15Share", value: floor, weight: 0 }]
      : [];
  const others = model.bins
    .map((bins) => ({
      input: bins.input,
      value: values[bins.input] ?? null,
      weight: weightOf(bins, values),
    }))
    .filter((factor) => factor.weight > 0)
    .sort((a, b) => b.weight - a.weight || rank(a.input) - rank(b.input));
  return [...first, ...others].slice(0, 3);
}

const simpleInputs: ReadonlySet<LateInput> = new Set(simpleItemInputs);
const customerOnly: ReadonlySet<LateInput> = new Set(customerInputs);
const rank = (input: LateInput): number => lateInputs.indexOf(input);

/** A model's bins by what is known when; the worst of the rest added up. */
interface BinsByNeed {
  readonly ofCustomer: readonly LateBins[];
  readonly simple: readonly LateBins[];
  /** Of the other inputs: the greatest weight of each. */
  readonly worst: number;
}

const needsOf = new WeakMap<LateLogit, BinsByNeed>();

function binsByNeed(model: LateLogit): BinsByNeed {
  const known = needsOf.get(model);
  if (known) return known;
  const { bins } = model;
  const simple = bins.filter(({ input }) => simpleInputs.has(input));
  const ofCustomer = bins.filter(({ input }) => customerOnly.has(input));
  const worst = bins
    .filter((each) => !simple.includes(each) && !ofCustomer.includes(each))
    .reduce((sum, { weights }) => sum + Math.max(...weights), 0);
  const needs = { ofCustomer, simple, worst };
  needsOf.set(model, needs);
  return needs;
}

/** A chance is taken for possible so far below what is asked, in log-odds. */
const slack = 1e-9;

/**
 * Answers whether an item can have a chance of `least`, from the customer's
 * inputs and the item's simple ones alone, with the worst bin of each other
 * input. Cheap: it spares most items the rest.
 */
export function createBound(
  model: LateLogit,
  ofCustomer: CustomerValues,
  least: number,
): (simple: SimpleValues) => boolean {
  if (floorOf(ofCustomer) >= least) return () => true;
  const needs = binsByNeed(model);
  const wanted = exactLn(least / (1 - least)) - slack;
  let base = model.intercept + needs.worst;
  for (const bins of needs.ofCustomer) base += weightOf(bins, ofCustomer);
  return (simple) => {
    let logit = base;
    for (const bins of needs.simple) logit += weightOf(bins, simple);
    return logit >= wanted;
  };
}
