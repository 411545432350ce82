/** When a customer is looked at without an event (C4, F-30). */
import { hash32 } from "../../processor/src/core/hash.ts";
import { papersFor } from "./account.ts";
import { localDay } from "./calendar.ts";
import type { Dossier } from "./chronicle.ts";
import { coversOf } from "./outside.ts";
import { saidOf } from "./papers.ts";
import type { Rules } from "./rules.ts";

const dayMs = 86_400_000;
/** Day rolls are spread over this span after local midnight. */
const spreadMs = 1_800_000;

/** First day on which a rating is stale (E2 XT1). */
const staleDays = 181;

/** Start of a local day, with the spread of this customer. */
function rollOf(id: string, day: number, zoneOffsetMinutes: number): number {
  return day * dayMs - zoneOffsetMinutes * 60_000 + (hash32(id) % spreadMs);
}

/** True while days change anything: something happened, or somebody waits. */
function movesByDay(dossier: Dossier): boolean {
  const { events, diary } = dossier;
  const papers = papersFor(dossier);
  const all = [
    ...[papers.orders, papers.invoices, papers.payments],
    ...[papers.promises, papers.complaints],
  ];
  return (
    all.some((list) => list.size > 0) ||
    diary.alerts.length > 0 ||
    events.some(({ record }) => lasting.has(record.name))
  );
}

const lasting: ReadonlySet<string> = new Set([
  ...["CoverSet", "MilestoneReported", "RegisterReported", "IndustryRated"],
  ...["DunningSent", "PaymentReturned", "InvoiceCredited", "OrderCancelled"],
  ...["OrderAmended", "DeliveryCompleted", "OrderReturned"],
  ...["PaymentRefunded", "InvoiceWrittenOff", "ComplaintResolved"],
]);

/** Earliest instant at which something is due; 0 = nothing is. */
export function planWake(dossier: Dossier, rules: Rules): number {
  const { diary, events, id } = dossier;
  if (dossier.loadingUntil !== null) return dossier.loadingUntil;
  const zone = rules.zoneOffsetMinutes;
  const due: number[] = [];
  if (movesByDay(dossier)) due.push(rollOf(id, diary.day + 1, zone));
  for (const { status, recheck } of diary.orders.values()) {
    if (status === "held" && recheck > 0) due.push(recheck);
  }
  for (const { state, snoozedUntil } of diary.alerts) {
    if (state === "snoozed" && snoozedUntil !== null) due.push(snoozedUntil);
  }
  const edges = coversOf(events).flatMap(({ validFrom, validTo, time }) => [
    validFrom ?? time,
    ...(validTo === null ? [] : [validTo]),
  ]);
  due.push(...edges.filter((at) => at > diary.asOf));
  due.push(...diary.beginnings.filter((at) => at > diary.asOf));
  const { exp03 } = rules.rules;
  const days: number[] = [];
  for (const [end, warnDays] of diary.ends) {
    if (end > diary.asOf) due.push(end);
    const day = localDay(end, zone);
    days.push(day - warnDays, day + exp03.highDays);
  }
  const { reviewDue } = diary.limits;
  if (reviewDue > 0) {
    days.push(reviewDue - exp03.warnDays, reviewDue + 1);
    days.push(reviewDue + exp03.highDays);
  }
  const rated = saidOf(events, "CustomerRated").map(
    ({ value }) => value.ratedAt,
  );
  if (rated.length > 0) days.push(Math.max(...rated) + staleDays);
  if (diary.lapses !== null) days.push(diary.lapses);
  const coming = days.filter((day) => day > diary.day);
  if (coming.length > 0) due.push(rollOf(id, Math.min(...coming), zone));
  return due.length === 0 ? 0 : Math.min(...due);
}
