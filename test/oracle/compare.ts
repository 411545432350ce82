/** What the log says against what Redis holds, field by field. */
import type { CustomerState } from "@riskwall/schemas";
import type { Chronicle, Dossier } from "./chronicle.ts";
import { compareIdentity, identityFields } from "./compare-identity.ts";
import {
  compareScore,
  scoreFields,
  unjudgedFeatures,
} from "./compare-score.ts";
import { compareDecisions, decisionFields } from "./compare-decisions.ts";
import { accountOf, compareLedger, ledgerFields } from "./compare-ledger.ts";

/** A field that differs, with both values as text. */
export interface Difference {
  readonly field: string;
  readonly oracle: string;
  readonly state: string;
}

/** Text of a value; whole numbers of either kind read the same. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "bigint" || Number.isInteger(item) ? String(item) : item,
  );
}

/** Notes a difference where the texts of two values differ. */
export function check(
  into: Difference[],
  field: string,
  oracle: unknown,
  state: unknown,
): void {
  const [own, other] = [textOf(oracle), textOf(state)];
  if (own !== other) into.push({ field, oracle: own, state: other });
}

/** Fields that every customer is compared on. */
export const comparedFields: readonly string[] = [
  ...identityFields,
  ...ledgerFields,
  ...scoreFields,
  ...decisionFields,
];

/** What the state holds besides, and this oracle does not judge. */
export const notComparedFields: readonly string[] = [
  ...unjudgedFeatures.map((name) => `features.${name}`),
  "counts of duplicate and late events",
  "identities of history",
  "decisions before the last touch",
  "alerts",
  "episodes",
  "scoreLog",
];

/** All differences of one customer at the position of the chronicle. */
export function compareCustomer(
  dossier: Dossier,
  state: CustomerState,
  chronicle: Chronicle,
): Difference[] {
  const account = accountOf(dossier, state, chronicle);
  return [
    ...compareIdentity(dossier, state, chronicle),
    ...compareLedger(account, state),
    ...compareScore(dossier, account, state, chronicle),
    ...compareDecisions(dossier, account, state),
  ];
}
