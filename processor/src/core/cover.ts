/**
 * Cover: insurance, guarantees, deposits, collateral (domain C1). It counts in
 * exposure (lowers E) or in the limit (raises L), amount × coverage, while it
 * is valid. The newest word on a cover counts, by event time (F-9).
 */
import type { CoverItem, CoverSet } from "@riskwall/schemas";
import { dayMs } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import { toBase, type Rates } from "./rates.ts";
import { findById, insertById } from "./sorted.ts";

/** Covers kept per customer; more become dead letters `COVERS_FULL`. */
export const coversMax = 64;
/** Days for which an ended cover is kept: EXP-07 speaks of it. */
const keepDays = 40;

/** Valid cover in reporting minor units. */
export interface CountedCover {
  readonly inExposure: number;
  readonly inLimit: number;
  /** Of all of it: insurance and guarantees. */
  readonly insured: number;
}

const noCover: CountedCover = { inExposure: 0, inLimit: 0, insured: 0 };

export function isCoverValid(cover: CoverItem, now: number): boolean {
  return cover.from <= now && (cover.to === null || now < cover.to);
}

/** amount × coverage in reporting minor units, rounded down; 0 without a rate. */
export function coverValue(cover: CoverItem, rates: Rates): number {
  const part = Math.floor((cover.amount * cover.coverage) / 1000);
  return toBase(part, cover.currency, rates) ?? 0;
}

/** What counts now; `without` leaves one cover out. */
export function countCover(
  covers: readonly CoverItem[],
  now: number,
  rates: Rates,
  without: CoverItem | null = null,
): CountedCover {
  if (covers.length === 0) return noCover;
  const sum = { inExposure: 0, inLimit: 0, insured: 0 };
  for (const cover of covers) {
    if (cover === without || !isCoverValid(cover, now)) continue;
    const value = coverValue(cover, rates);
    if (cover.countsIn === "limit") sum.inLimit += value;
    else sum.inExposure += value;
    if (cover.kind === "insurance" || cover.kind === "guarantee") {
      sum.insured += value;
    }
  }
  return sum;
}

export function setCover(
  customer: Customer,
  event: CoverSet,
  moment: Moment,
): "COVERS_FULL" | null {
  const { covers } = customer.state;
  const known = findById(covers, event.coverId);
  if (known !== null && event.time < known.setAt) return null;
  if (known === null && covers.length >= coversMax) return "COVERS_FULL";
  const cover: CoverItem = {
    ...{ id: event.coverId, kind: event.kind, amount: event.amount },
    ...{ currency: event.currency, coverage: event.coverage },
    countsIn: event.countsIn,
    from: event.validFrom ?? Math.min(event.time, moment.now),
    to: event.validTo,
    policy: event.policy ?? event.issuer ?? "",
    setAt: event.time,
  };
  if (known) Object.assign(known, cover);
  else insertById(covers, cover);
  return null;
}

/** Forgets covers that ended long ago. */
export function pruneCovers({ state }: Customer, now: number): void {
  if (state.covers.length === 0) return;
  const oldest = now - keepDays * dayMs;
  state.covers = state.covers.filter(
    ({ to, setAt }) => to === null || Math.max(to, setAt) >= oldest,
  );
}
