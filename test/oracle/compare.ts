/** What the log says against what Redis holds, field by field. */
import type { CustomerState } from "@riskwall/schemas";
import type { Chronicle, Dossier } from "./chronicle.ts";
import type { Difference } from "./difference.ts";
import { compareIdentity, identityFields } from "./compare-identity.ts";
import {
  compareScore,
  scoreFields,
  unjudgedFeatures,
} from "./compare-score.ts";
import { compareDecisions, decisionFields } from "./compare-decisions.ts";
import { accountOf, compareLedger, ledgerFields } from "./compare-ledger.ts";

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
  "review days and requests of limits",
  "episodes",
  "scoreLog",
  "groups, H11 and EXP-06",
  "the portfolio and its rules",
  "customers that took part in a merge",
  "scores whose outcome is awaited",
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
