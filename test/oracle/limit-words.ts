/**
 * What becomes of limits over time (domain C9.5, C9.6): proposals told,
 * automatic changes, lines that end, requests that lapse, review days.
 */
import type { OperatorAction } from "@riskwall/schemas";
import { papersFor, type Account } from "./account.ts";
import { addBusinessDays, addMonths, localDay } from "./calendar.ts";
import type { Dossier } from "./chronicle.ts";
import { rankOf, type LimitWord, type Present } from "./diary.ts";
import type { Features } from "./features.ts";
import { limitsAt, type Limits } from "./limits.ts";
import { proposalOf } from "./limit-proposal.ts";
import { minorOf, type ClassName } from "./rules.ts";

const unpaidDays = 90;

function tell({ diary }: Dossier, word: LimitWord): void {
  diary.limits.told.push(word);
}

function limitsNow(dossier: Dossier, now: number): Limits {
  return limitsAt(dossier.events, now, dossier.diary.limits.automatic);
}

/** Dates of the lines, for the next wake. */
export function noteLimits(
  { diary }: Dossier,
  { limits }: Account,
  { rules }: Present,
): void {
  const { standing, coming, temporary, request } = limits;
  const { exp03 } = rules.rules;
  const { expired } = diary.limits;
  const isGone = temporary !== null && temporary.setAt === expired;
  const lines = [standing, coming, isGone ? null : temporary];
  diary.beginnings = lines.flatMap((line) => (line ? [line.from] : []));
  diary.ends = [];
  if (standing?.to != null) diary.ends.push([standing.to, exp03.warnDays]);
  if (temporary?.to != null && !isGone) {
    diary.ends.push([temporary.to, exp03.warnTemporaryDays]);
  }
  diary.lapses = request && request.day + rules.limits.requestDays;
}

/** A temporary line ends where a standing one takes over; requests lapse. */
export function expireLimits(dossier: Dossier, present: Present): void {
  const { diary } = dossier;
  const { now, today, rules } = present;
  const { standing, temporary, request } = limitsNow(dossier, now);
  const isOver = temporary?.to != null && temporary.to <= now;
  if (standing && isOver && diary.limits.expired !== temporary.setAt) {
    diary.limits.expired = temporary.setAt;
    const before = Number(temporary.amount);
    const kinds = { kind: "expired", limitKind: "temporary" };
    tell(dossier, { ...kinds, before, after: null, at: now });
  }
  if (request === null || diary.limits.lapsed === request.version) return;
  if (today < request.day + rules.limits.requestDays) return;
  diary.limits.lapsed = request.version;
  const limitKind = request.kind === "temporary" ? "temporary" : "standing";
  const after = Number(request.line.amount);
  tell(dossier, { kind: "lapsed", limitKind, before: null, after, at: now });
}

/** What a person's word on a limit did; false = it changed no line. */
export function tellAction(
  dossier: Dossier,
  { action, kind, amount }: OperatorAction,
  { now }: Present,
): boolean {
  const { events, diary } = dossier;
  const { automatic } = diary.limits;
  const before = limitsAt(events.slice(0, -1), now, automatic);
  const after = limitsAt(events, now, automatic);
  const word = (name: string, from: string | null, to: number | null): void => {
    const limitKind = from === "temporary" ? "temporary" : "standing";
    const line = before[limitKind];
    const was = line === null ? null : Number(line.amount);
    tell(dossier, { kind: name, limitKind, before: was, after: to, at: now });
  };
  if (after.requests > before.requests) {
    word("requested", kind, amount);
    return false;
  }
  const request = before.request;
  const isAnswered = request !== null && after.request === null;
  if (action === "reject-limit") {
    if (isAnswered) word("rejected", request.kind, Number(request.line.amount));
    return false;
  }
  if (action === "approve-limit") {
    if (!isAnswered) return false;
    word("approved", request.kind, Number(request.line.amount));
    return true;
  }
  const name = kind === "temporary" ? "temporary" : "standing";
  if (after[name] === null || after[name].setAt !== now) return false;
  if (
    before[name]?.setAt === now &&
    before[name].amount === after[name].amount
  ) {
    return false;
  }
  word("set", kind, amount);
  return true;
}

function soonDay({ today, rules }: Present): number {
  return addBusinessDays(today, rules.limits.alertReviewDays, rules.calendar);
}

function bring({ diary }: Dossier, day: number): boolean {
  const { limits } = diary;
  if (limits.reviewDue !== 0 && limits.reviewDue <= day) return false;
  limits.reviewDue = day;
  return true;
}

/** Review day by the last decision and the class (C9.6). */
export function planReview(
  dossier: Dossier,
  { limits: { standing, temporary } }: Account,
  present: Present,
): void {
  const { diary } = dossier;
  const { limits: policy, zoneOffsetMinutes } = present.rules;
  const own = diary.limits;
  const reviewedAt = (standing ?? temporary)?.decidedAt ?? 0;
  if (own.reviewedAt !== reviewedAt) {
    Object.assign(own, { reviewedAt, reviewDue: 0, reviewAsked: false });
  }
  if (reviewedAt === 0) return;
  const months = policy.reviewMonths[diary.class];
  const day = addMonths(localDay(reviewedAt, zoneOffsetMinutes), months);
  if (own.reviewDue !== 0 && day >= own.reviewDue) return;
  bring(dossier, own.reviewDue === 0 ? day : Math.max(day, soonDay(present)));
}

/** A high alert that spoke just now brings the review forward. */
export function askReview(
  dossier: Dossier,
  { limits: { standing, temporary } }: Account,
  present: Present,
): void {
  const { diary } = dossier;
  if (standing === null && temporary === null) return;
  const isAlarmed = diary.alerts.some(
    ({ rule, updatedAt, state, severity }) =>
      rule !== "EXP-03" &&
      updatedAt === present.now &&
      state === "open" &&
      rankOf(severity) >= rankOf("high"),
  );
  if (isAlarmed && bring(dossier, soonDay(present))) {
    diary.limits.reviewAsked = true;
  }
}

interface Known {
  readonly account: Account;
  readonly features: Features;
  readonly pd: number;
}

/** Tells a proposal that moved; true when the rails took it over. */
export function followProposal(
  dossier: Dossier,
  { account, features, pd }: Known,
  isMoved: boolean,
  present: Present,
): boolean {
  const { diary } = dossier;
  const { rules, today, now } = present;
  const own = diary.limits;
  const { receivables } = account.exposure;
  const isSold = own.sold !== receivables;
  const isRuled = own.ruled !== rules.version;
  Object.assign(own, { sold: receivables, ruled: rules.version });
  if (!isSold && !isRuled && !isMoved && own.proposalDay === today)
    return false;
  own.proposalDay = today;
  const proposal = proposalOf(dossier, account, features, pd, diary.class);
  const { amount, step } = proposal;
  const moved = Math.abs(amount - own.proposal);
  const larger = Math.max(amount, own.proposal);
  const isNews =
    own.proposal < 0 ||
    (moved >= step && moved >= larger * rules.limits.toldFrom);
  const words = { limitKind: "standing", at: now };
  if (isNews) {
    const before = own.proposal < 0 ? null : own.proposal;
    own.proposal = amount;
    tell(dossier, { ...words, kind: "proposed", before, after: amount });
  }
  const { standing } = account.limits;
  if (standing?.currency !== rules.currency) return false;
  const before = Number(standing.amount);
  const to = byRails(dossier, account, amount, before, present);
  if (to === null || to === before) return false;
  own.automaticDay = today;
  own.automatic = { setAt: standing.setAt, amount: BigInt(to) };
  tell(dossier, { ...words, kind: "automatic", before, after: to });
  return true;
}

/** Guard rails of C9.5; null = no change. */
function byRails(
  dossier: Dossier,
  { exposure }: Account,
  proposal: number,
  present: number,
  { rules, today }: Present,
): number | null {
  const { diary } = dossier;
  const policy = rules.limits;
  const since = today - diary.limits.automaticDay;
  const isFirst = diary.limits.automaticDay === 0;
  if (!isFirst && since <= 0) return null;
  const isRested = isFirst || since >= policy.automaticDays;
  if (proposal < present) {
    if (!policy.automatic.decrease) return null;
    if (diary.class === "E" || exposure.dpdMax > unpaidDays) return proposal;
    const least = Math.ceil(present * (1 - policy.decreaseMax));
    const lowered = Math.max(proposal, least);
    return isRested && lowered < present ? lowered : null;
  }
  const { orders, invoices } = papersFor(dossier);
  const days = [
    ...[...orders.values()].map(({ value, at }) =>
      localDay(value.time, at.rules.zoneOffsetMinutes),
    ),
    ...[...invoices.values()].map(({ value }) => value.issueDate),
  ];
  const history = days.length === 0 ? 0 : today - Math.min(...days);
  const trusted: readonly ClassName[] = ["A", "B"];
  const mayGrow =
    policy.automatic.increase &&
    history >= policy.historyDays &&
    trusted.includes(diary.class) &&
    isRested;
  if (!mayGrow) return null;
  const minor = (text: string): number => Number(minorOf(text, rules.currency));
  const most = Math.floor(present * (1 + policy.increaseMax));
  const raised = Math.min(proposal, most, minor(policy.automaticCeiling));
  const small = minor(policy.step.small);
  const rounded = Math.floor(raised / small) * small;
  return rounded > present ? rounded : null;
}
