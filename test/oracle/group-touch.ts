/** A group against its limit (EXP-06), whenever it is looked at. */
import type { GroupSet } from "@riskwall/schemas";
import { groupOfSubject } from "@riskwall/schemas/names";
import { hash32 } from "../../processor/src/core/hash.ts";
import { actOnAlert, raise, review } from "./alert-life.ts";
import { localDay } from "./calendar.ts";
import type { Chronicle, Dossier } from "./chronicle.ts";
import type { Present } from "./diary.ts";
import { utilisationOf } from "./exposure.ts";
import { groupExposure, groupPaper, type GroupPaper } from "./groups.ts";
import { saidOf } from "./papers.ts";
import { toBase } from "./rates.ts";

const dayMs = 86_400_000;
const spreadMs = 1_800_000;

export function paperOf({ events }: Dossier, currency: string): GroupPaper {
  const said: GroupSet[] = saidOf(events, "GroupSet").map(({ value }) => value);
  return groupPaper(said, currency);
}

/** What a group owes and may owe, seen from its partition. */
export function groupNow(
  chronicle: Chronicle,
  dossier: Dossier,
): { readonly total: bigint; readonly limit: bigint | null } {
  const { rules, rates } = chronicle;
  const groupId = groupOfSubject(dossier.id) ?? "";
  const { limit, currency } = paperOf(dossier, rules.currency);
  return {
    total: groupExposure(chronicle, groupId, null),
    limit: limit === null ? null : toBase(limit, currency, rates),
  };
}

export function touchGroup(chronicle: Chronicle, dossier: Dossier): void {
  const { diary } = dossier;
  const { rules, rates, logTime } = chronicle;
  const today = localDay(logTime, rules.zoneOffsetMinutes);
  const offset = chronicle.next - 1;
  const present: Present = {
    ...{ offset, logTime, now: logTime, today, rules, rates },
    corrected: false,
  };
  const last = dossier.events.at(-1);
  if (last?.offset === offset && last.record.name === "OperatorAction") {
    actOnAlert(dossier, last.record.value, present, chronicle.partition);
  }
  const { total, limit } = groupNow(chronicle, dossier);
  const use = utilisationOf({ total, limit });
  const holding = new Set<string>();
  if (limit !== null && use !== null && use > rules.rules.exp06.use) {
    holding.add("EXP-06|");
    const over = Number(total - limit);
    const about = { rule: "EXP-06", ref: "", severity: "high" } as const;
    const finding = { ...about, value: over, moneyAtRisk: over };
    raise(dossier, finding, { limit, isInsured: false }, present);
  }
  review(dossier, holding, present);
  diary.owes = total;
  diary.asOf = logTime;
  diary.touched = offset;
  const due: number[] = [];
  if (diary.alerts.length + diary.episodes.length > 0) {
    const midnight = (today + 1) * dayMs - rules.zoneOffsetMinutes * 60_000;
    due.push(midnight + (hash32(dossier.id) % spreadMs));
  }
  for (const { state, snoozedUntil } of diary.alerts) {
    if (state === "snoozed" && snoozedUntil !== null) due.push(snoozedUntil);
  }
  diary.wake = due.length === 0 ? 0 : Math.min(...due);
}
