/** Groups: definition, exposure over all members, limit, EXP-06. */
import type { CustomerState } from "@riskwall/schemas";
import type { Chronicle, Dossier } from "./chronicle.ts";
import { compareAlerts } from "./compare-alerts.ts";
import { check, type Difference } from "./difference.ts";
import { groupNow, paperOf } from "./group-touch.ts";

export const groupFields = ["group", "groupExposure", "groupAlerts"] as const;

export function compareGroup(
  dossier: Dossier,
  state: CustomerState,
  chronicle: Chronicle,
): Difference[] {
  const found: Difference[] = [];
  const paper = paperOf(dossier, chronicle.rules.currency);
  check(
    found,
    "group",
    [paper.name, paper.parent, paper.limit],
    [state.name, state.groupId, state.standing?.amount ?? null],
  );
  const { limit } = groupNow(chronicle, dossier);
  check(
    found,
    "groupExposure",
    [dossier.diary.owes, limit ?? -1n],
    [state.summary.exposure, state.summary.limit],
  );
  const alerts = compareAlerts(dossier, state, chronicle.partition);
  found.push(
    ...alerts.map((item) => ({ ...item, field: `group ${item.field}` })),
  );
  return found;
}
