/** Features, points, score and class of a customer at the instant of its state. */
import { noGroups } from "../../processor/src/core/groups.ts";
import type { CustomerState } from "@riskwall/schemas";
import { openCustomer } from "../../processor/src/core/customer.ts";
import type { Env } from "../../processor/src/core/env.ts";
import { measureExposure } from "../../processor/src/core/exposure.ts";
import { computeFeatures } from "../../processor/src/core/features.ts";
import { customerProposal } from "../../processor/src/core/limit-book.ts";
import { shownFeatures } from "../../processor/src/core/shown-features.ts";
import { scoreFeatures } from "../../processor/src/core/scorecard.ts";
import { noRates, parseRates } from "../../processor/src/core/rates.ts";
import { parseRuleBody, shippedRules } from "../../processor/src/rule-file.ts";
import { viewMoment } from "../../processor/src/view.ts";
import type { Chronicle, Dossier } from "./chronicle.ts";
import {
  compareLimits,
  limitFields,
  type ShownLimits,
} from "./compare-limits.ts";
import { check, type Difference } from "./difference.ts";
import type { Account } from "./compare-ledger.ts";
import { featuresOf, type Features, type FeatureValue } from "./features.ts";
import { lastDelays, lastOrders } from "./log-order.ts";
import type { ClassName, Rules } from "./rules.ts";
import { classByCut, manualHold, scoreOf, type Score } from "./score.ts";

export const scoreFields = [
  "features",
  "points",
  "cap",
  "score",
  "class",
  "expectedLoss",
  ...limitFields,
] as const;

/**
 * Features made of the days' history of exposure and of alerts: taken from the
 * state when points are computed, not judged.
 */
export const borrowedFeatures = ["expGrowth", "alertSev30d"] as const;
const notJudged = [
  "expUtilMax30d",
  "daysOverLimit90d",
  "expHwm",
  "dpdMax12m",
] as const;
export const unjudgedFeatures: readonly string[] = [
  ...borrowedFeatures,
  ...notJudged,
];

/** What the product itself shows of a state: its packed fields, read by it. */
function shownBy(
  state: CustomerState,
  chronicle: Chronicle,
): {
  readonly features: Readonly<Record<string, number | null>>;
  readonly limits: ShownLimits;
} {
  const { ruleSet, fx } = chronicle.published;
  const rules =
    (ruleSet && parseRuleBody(ruleSet.body, ruleSet.version)) ??
    shippedRules().rules;
  const env: Env = {
    rules,
    rates: fx
      ? parseRates(fx.version, fx.base, fx.rates)
      : noRates(rules.currency),
    sealed: chronicle.sealed,
    // Order rules read it, which are not judged here.
    segments: new Map(),
    groups: noGroups,
  };
  const customer = openCustomer(state);
  const moment = viewMoment(env, state.asOf);
  const exposure = measureExposure(customer, moment);
  const features = computeFeatures(customer, exposure, moment);
  const { pd } = scoreFeatures(customer, features, exposure, env);
  const proposal = customerProposal(
    customer,
    { exposure, features, pd },
    moment,
  );
  return {
    features: {
      ...features,
      ...numbersOf(shownFeatures(customer, exposure, features, moment)),
    },
    limits: {
      limAge: features.limAge,
      limToExpiry: features.limToExpiry,
      bound: proposal.bound,
      beforeStep: proposal.beforeStep,
      amount: proposal.amount,
    },
  };
}

/** Features that are dates are not judged. */
function numbersOf(all: object): Record<string, number | null> {
  const entries = Object.entries(all) as [string, number | string | null][];
  return Object.fromEntries(
    entries.filter(
      (entry): entry is [string, number | null] => typeof entry[1] !== "string",
    ),
  );
}

const relativeError = 1e-9;

function isSame(own: FeatureValue, shown: number | null): boolean {
  if (own === null || shown === null) return own === shown;
  const value = Number(own);
  if (typeof own === "bigint" || value === shown) return value === shown;
  const scale = Math.max(1, Math.abs(value), Math.abs(shown));
  return Math.abs(value - shown) <= relativeError * scale;
}

/** Features of the account at its instant. */
export function ownFeatures(dossier: Dossier, account: Account): Features {
  return featuresOf(
    dossier.events,
    account.papers,
    account.ledger,
    account.exposure,
    {
      ...account.question,
      now: account.now,
      delays: lastDelays(dossier.events),
      lastOrders: lastOrders(dossier.events),
    },
  );
}

const classes: readonly ClassName[] = ["A", "B", "C", "D", "E"];
const dayMs = 86_400_000;

/**
 * A class falls at once: it is never better than the score's. It is worse only
 * while the score has not been above the cut-off plus the margin for so many
 * days (C4).
 */
function classProblem(
  score: Score,
  state: CustomerState,
  rules: Rules,
): string | null {
  const rank = (name: string): number =>
    classes.findIndex((item) => item === name);
  const byCut = rank(classByCut(score.score, rules));
  const present = rank(state.class);
  if (present === byCut) return null;
  if (present < byCut) return "better than the score allows";
  const safe = rank(classByCut(score.score - rules.classes.upMargin, rules));
  if (safe >= present) return null;
  for (let better = 0; better < present; better += 1) {
    const since = state.climbing[better] ?? 0;
    if (better < safe && since > 0) return "climbs without the score";
    if (better >= safe && since === 0) return "not on its way up";
    const waited = state.asOf - since;
    if (since > 0 && waited >= rules.classes.upDays * dayMs) {
      return "kept down too long";
    }
  }
  return null;
}

/**
 * PD × LGD × (E + CCF × max(0, L − E)), whole minor units (C1). Money of the
 * customer in our hands widens what it can draw, but is no exposure below zero.
 */
function expectedLoss(score: Score, account: Account, rules: Rules): number {
  const { total, limit, limitCover } = account.exposure;
  const exposure = Number(total);
  const unused = limit === null ? 0 : Math.max(0, Number(limit) - exposure);
  const drawn = Math.max(0, exposure) + rules.loss.ccf * unused;
  // Cover in the limit pays first: loss is on the rest.
  const atDefault = Math.max(0, drawn - Number(limitCover));
  return Math.round(score.pd * rules.loss.lgd * atDefault);
}

export function compareScore(
  dossier: Dossier,
  account: Account,
  state: CustomerState,
  chronicle: Chronicle,
): Difference[] {
  const found: Difference[] = [];
  const { rules } = chronicle;
  const { features: shown, limits } = shownBy(state, chronicle);
  const own = ownFeatures(dossier, account);
  for (const [name, value] of Object.entries(own)) {
    const product = shown[name] ?? null;
    if (!isSame(value, product))
      check(found, `features.${name}`, value, product);
  }
  const borrowed = Object.fromEntries(
    borrowedFeatures.map((name) => [name, shown[name] ?? null]),
  );
  const hold = manualHold(dossier.events);
  const { materiality } = account.exposure;
  const score = scoreOf({ ...own, ...borrowed }, hold, materiality, rules);
  check(found, "points", score.points, state.points);
  check(
    found,
    "cap",
    [score.cap, score.capEffect],
    [state.cap, state.capEffect],
  );
  check(found, "score", score.score, state.score);
  check(found, "class", null, classProblem(score, state, rules));
  check(
    found,
    "expectedLoss",
    expectedLoss(score, account, rules),
    state.summary.expectedLoss,
  );
  const { pd } = score;
  compareLimits(found, dossier, account, state, { own, pd }, limits);
  return found;
}
