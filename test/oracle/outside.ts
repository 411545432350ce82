/**
 * What others say of a customer, from all raw events (domain B, C1, D3): cover,
 * milestones, registers, industry, dunning. The newest word by event time
 * counts (F-9).
 */
import { localDay, rollForward } from "./calendar.ts";
import type { Applied } from "./chronicle.ts";
import type { Exposure } from "./exposure.ts";
import type { Ledger, LedgerQuestion } from "./ledger.ts";
import { byTime, saidOf } from "./papers.ts";
import { toBase, type Rates } from "./rates.ts";

/** Valid cover in the reporting currency, by what it counts in. */
export interface Cover {
  readonly inExposure: bigint;
  readonly inLimit: bigint;
}

export function coverOf(
  events: readonly Applied[],
  now: number,
  rates: Rates,
): Cover {
  const newest = new Map(
    saidOf(byTime(events), "CoverSet").map((said) => [
      said.value.coverId,
      said,
    ]),
  );
  let inExposure = 0n;
  let inLimit = 0n;
  for (const { value } of newest.values()) {
    const from = value.validFrom ?? value.time;
    if (from > now || (value.validTo !== null && value.validTo <= now))
      continue;
    const counted = (BigInt(value.amount) * BigInt(value.coverage)) / 1000n;
    const worth = toBase(counted, value.currency, rates) ?? 0n;
    if (value.countsIn === "limit") inLimit += worth;
    else inExposure += worth;
  }
  return { inExposure, inLimit };
}

/** First day of a year's window (C12). */
const yearStart = (today: number): number =>
  Math.floor((today - 364) / 10) * 10;

/** Milestones of a year that were met in time, and how many fell due. */
export function contractsOf(
  events: readonly Applied[],
  { today, rules }: LedgerQuestion,
): { readonly n: number; readonly rate: number | null } {
  const newest = new Map(
    saidOf(byTime(events), "MilestoneReported").map(({ value }) => [
      value.milestoneId,
      value,
    ]),
  );
  const inTime: boolean[] = [];
  for (const { dueDate, doneDate } of newest.values()) {
    if (dueDate < yearStart(today)) continue;
    const last = rollForward(dueDate, rules.calendar);
    if (doneDate !== null) inTime.push(doneDate <= last);
    else if (today > last) inTime.push(false);
  }
  const n = inTime.length;
  return { n, rate: n === 0 ? null : inTime.filter(Boolean).length / n };
}

/** Open entries of insolvency and of court execution (E2, H12). */
export function graveEntries(events: readonly Applied[]): number {
  const newest = new Map(
    saidOf(byTime(events), "RegisterReported").map(({ value }) => [
      value.registerId,
      value,
    ]),
  );
  return [...newest.values()].filter(
    ({ kind, status }) =>
      status === "open" && (kind === "insolvency" || kind === "execution"),
  ).length;
}

/** Newest by the day it was rated, then by the time it was said. */
export function industryOf(
  events: readonly Applied[],
  { rules }: LedgerQuestion,
): number | null {
  const rated = saidOf(byTime(events), "IndustryRated").map(({ value }) => ({
    level: value.level,
    day: value.ratedAt ?? localDay(value.time, rules.zoneOffsetMinutes),
  }));
  return rated.sort((a, b) => a.day - b.day).at(-1)?.level ?? null;
}

/** Highest level of what is still open, and letters of 90 days. */
export function dunningOf(
  events: readonly Applied[],
  ledger: Ledger,
  exposure: Exposure,
  { today, rules }: LedgerQuestion,
): { readonly level: number; readonly count: number } {
  const sent = saidOf(events, "DunningSent").map(({ value }) => ({
    value,
    day: localDay(value.time, rules.zoneOffsetMinutes),
  }));
  const levels = sent
    .filter(({ value: { invoiceId } }) =>
      invoiceId === null
        ? exposure.overdue > 0n
        : (ledger.invoices.get(invoiceId)?.open ?? 0n) > 0n,
    )
    .map(({ value }) => value.level);
  return {
    level: Math.max(0, ...levels),
    count: sent.filter(({ day }) => day > today - 90).length,
  };
}
