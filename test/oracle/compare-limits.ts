/**
 * Limits (domain C9): the lines with their dates, the proposal and what was
 * told of it, review days, what waits for a second person.
 */
import type { CustomerState, LimitLine as KeptLine } from "@riskwall/schemas";
import { localDay } from "./calendar.ts";
import type { Account } from "./account.ts";
import type { Dossier } from "./chronicle.ts";
import { check, type Difference } from "./difference.ts";
import type { Features } from "./features.ts";
import { proposalOf } from "./limit-proposal.ts";
import { lineAt, type LimitLine } from "./limits.ts";

export const limitFields = [
  "limitLines",
  "limitDates",
  "limitHistory",
  "proposal",
] as const;

/** What the product shows of the same state. */
export interface ShownLimits {
  readonly limAge: number | null;
  readonly limToExpiry: number | null;
  readonly bound: string;
  /** Minor units before the step. */
  readonly beforeStep: number;
  readonly amount: number;
}

/** Whole minor units: the last bits of a float may fall on either side. */
function isNear(own: number, shown: number): boolean {
  return Math.abs(own - shown) <= 2 + own * 1e-9;
}

const ownLine = (line: LimitLine | null): unknown =>
  line && [
    ...[line.amount, line.currency, line.from, line.to, line.setAt],
    ...[line.decidedAt, line.by, line.second],
  ];
const keptLine = (line: KeptLine | null): unknown =>
  line && [
    ...[line.amount, line.currency, line.from, line.to, line.setAt],
    ...[line.reviewed, line.by, line.second],
  ];

/** True when an alert asked for the review: of any rule, judged or not. */
export function isReviewForeign(
  { diary }: Dossier,
  { limits }: CustomerState,
): boolean {
  return limits?.reviewAsked === true || diary.limits.reviewAsked;
}

export function compareLimits(
  found: Difference[],
  dossier: Dossier,
  account: Account,
  state: CustomerState,
  { own, pd }: { readonly own: Features; readonly pd: number },
  shown: ShownLimits,
): void {
  const { limits, question, now } = account;
  const { rules, today } = question;
  const zone = rules.zoneOffsetMinutes;
  const { standing, coming, temporary, request } = limits;
  const book = dossier.diary.limits;
  const isGone = temporary !== null && temporary.setAt === book.expired;
  check(
    found,
    "limitLines",
    [standing, coming, isGone ? null : temporary].map(ownLine),
    [state.standing, state.coming, state.temporary].map(keptLine),
  );
  const line = lineAt(limits, now);
  const set =
    line &&
    Math.max(
      localDay(line.setAt, zone),
      line === standing ? book.automaticDay : 0,
    );
  const age = set === null ? null : Math.max(0, today - set);
  const toEnd = line?.to == null ? null : localDay(line.to, zone) - today;
  check(found, "limitDates", [age, toEnd], [shown.limAge, shown.limToExpiry]);
  // Alerts of rules that are not judged may have asked for a review, too.
  const isAsked = isReviewForeign(dossier, state);
  const waits = request && request.version !== book.lapsed ? request : null;
  const kept = state.limits;
  const asked = kept?.request ?? null;
  check(
    found,
    "limitHistory",
    {
      ...{ proposal: book.proposal, automaticDay: book.automaticDay },
      review: isAsked ? "" : [book.reviewDue, book.reviewAsked],
      ...{ reviewedAt: book.reviewedAt, requests: limits.requests },
      request: waits && [waits.version, waits.line.amount, waits.actor],
    },
    {
      proposal: kept?.proposal ?? -1,
      automaticDay: kept?.automaticDay ?? 0,
      review: isAsked ? "" : [kept?.reviewDue ?? 0, kept?.reviewAsked ?? false],
      reviewedAt: kept?.reviewedAt ?? 0,
      requests: kept?.requests ?? 0,
      request: asked && [asked.version, asked.amount, asked.actor],
    },
  );
  const name = dossier.diary.class;
  const proposed = proposalOf(dossier, account, own, pd, name);
  const isSame =
    proposed.bound === shown.bound &&
    isNear(proposed.beforeStep, shown.beforeStep) &&
    shown.amount <= shown.beforeStep;
  if (!isSame) check(found, "proposal", proposed, shown);
}
