/** What the log says against what Redis holds, field by field. */
import type { CustomerState } from "@riskwall/schemas";
import { isCustomer } from "@riskwall/schemas/names";
import { accountAt, type Account } from "./account.ts";
import type { Chronicle, Dossier } from "./chronicle.ts";
import { alertFields, compareAlerts, unjudgedRules } from "./compare-alerts.ts";
import { compareGroup, groupFields } from "./compare-groups.ts";
import { compareIdentity, identityFields } from "./compare-identity.ts";
import { compareScore, scoreFields } from "./compare-score.ts";
import { compareLedger, ledgerFields } from "./compare-ledger.ts";
import { compareOrders, decisionFields } from "./compare-orders.ts";
import { check, type Difference } from "./difference.ts";
import { presentOf } from "./touch.ts";

/** Fields that every customer is compared on, and every group. */
export const comparedFields: readonly string[] = [
  "asOf",
  ...identityFields,
  ...ledgerFields,
  ...scoreFields,
  ...decisionFields,
  ...alertFields,
  ...groupFields,
];

/** What the state holds besides, and this oracle does not judge. */
export const notComparedFields: readonly string[] = [
  "counts of duplicate and late events",
  "identities of history",
  ...unjudgedRules.map((rule) => `alerts of ${rule}`),
  "review days that an alert brought forward",
  "overrides by class in the step that changes the class",
  "who was told of an alert and why not",
  "scores, decisions, alerts and limits of customers after a merge",
  "the portfolio and its rules",
  "scores whose outcome is awaited",
];

/** All differences of a subject at the position of the chronicle. */
export function compareCustomer(
  dossier: Dossier,
  state: CustomerState,
  chronicle: Chronicle,
): Difference[] {
  if (!isCustomer(dossier.id)) return compareGroup(dossier, state, chronicle);
  const found: Difference[] = [];
  check(found, "mergedInto", dossier.mergedInto, mergedInto(state));
  if (dossier.mergedInto !== null) return found;
  const account = accountOf(dossier, state, chronicle);
  if (dossier.merges.size > 0) {
    if (chronicle.merges.broken.has(dossier.id)) return found;
    // Money is one customer's; the rest depends on when somebody looked.
    return [...found, ...compareLedger(dossier, account, state)];
  }
  if (!isAtRest(dossier, account)) {
    check(found, "asOf", dossier.diary.asOf, state.asOf);
  }
  return [
    ...found,
    ...compareIdentity(dossier, state, chronicle),
    ...compareLedger(dossier, account, state),
    ...compareScore(dossier, account, state, chronicle),
    ...compareOrders(dossier, state),
    ...compareAlerts(dossier, state, chronicle.partition),
  ];
}

/** Nothing is open: no day changes anything, and nobody has to look (C4). */
function isAtRest({ diary }: Dossier, { exposure, ledger }: Account): boolean {
  return (
    ledger.parts.length === 0 &&
    exposure.gross === 0n &&
    diary.alerts.length === 0 &&
    ![...diary.orders.values()].some(({ status }) => status === "held")
  );
}

function mergedInto({ across }: CustomerState): string | null {
  return across?.mergedInto ?? null;
}

/** The account at the instant of the state. */
function accountOf(
  dossier: Dossier,
  state: CustomerState,
  chronicle: Chronicle,
): Account {
  const present = presentOf(chronicle, dossier, state.asOf);
  // Rates and rules of the last touch are those of the position, or a sweep is
  // still on its way to this customer.
  return accountAt(dossier, present);
}
