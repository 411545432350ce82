/** Payment terms: agreed ones, and what an order asks for (ORD-07, H08). */
import { localDay } from "./calendar.ts";
import type { Applied } from "./chronicle.ts";
import { byTime, saidOf, type OrderPaper } from "./papers.ts";

const usualTermsDays = 30;

/** Agreed terms, days. */
export function termsDaysOf(events: readonly Applied[]): number {
  let terms = usualTermsDays;
  for (const { value } of saidOf(byTime(events), "CustomerUpserted")) {
    terms = value.termsDays ?? terms;
  }
  return terms;
}

/** Terms that an order asks for, days; null = the agreed ones. */
export function termsOfOrder({ value, at }: OrderPaper): number | null {
  const placed = localDay(value.time, at.rules.zoneOffsetMinutes);
  return value.dueDate === null ? value.termsDays : value.dueDate - placed;
}
