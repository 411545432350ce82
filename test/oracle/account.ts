/** What the log says of a customer at one instant: papers, ledger, exposure. */
import { exposureOf, type Exposure } from "./exposure.ts";
import type { Dossier } from "./chronicle.ts";
import type { Present } from "./diary.ts";
import { ledgerOf, type Ledger, type LedgerQuestion } from "./ledger.ts";
import { limitsAt, type Limits } from "./limits.ts";
import { coverOf } from "./outside.ts";
import { papersOf, type Papers } from "./papers.ts";

export interface Account {
  readonly papers: Papers;
  readonly ledger: Ledger;
  readonly exposure: Exposure;
  readonly limits: Limits;
  readonly question: LedgerQuestion;
  readonly now: number;
}

/** Papers by the events they were made of; events are only ever appended. */
const known = new WeakMap<Dossier, { count: number; papers: Papers }>();

export function papersFor(dossier: Dossier): Papers {
  const before = known.get(dossier);
  const { events } = dossier;
  if (before?.count === events.length) return before.papers;
  const papers = papersOf(events);
  known.set(dossier, { count: events.length, papers });
  return papers;
}

/** Forgets papers whose events were changed by a merge. */
export function forgetPapers(dossier: Dossier): void {
  known.delete(dossier);
}

/** Allowed and released orders count; held, rejected and ended ones do not. */
export function isReserved({ diary }: Dossier, orderId: string): boolean {
  const status = diary.orders.get(orderId)?.status;
  return status === "allowed" || status === "released";
}

export function accountAt(dossier: Dossier, present: Present): Account {
  const { rules, rates, now, today } = present;
  const question = { today, rules, rates };
  const papers = papersFor(dossier);
  const ledger = ledgerOf(papers, question);
  const limits = limitsAt(dossier.events, now, dossier.diary.limits.automatic);
  const cover = coverOf(dossier.events, now, rates);
  const exposure = exposureOf(papers, ledger, {
    ...question,
    ...{ now, limits, cover },
    isReserved: (id) => isReserved(dossier, id),
  });
  return { papers, ledger, exposure, limits, question, now };
}
