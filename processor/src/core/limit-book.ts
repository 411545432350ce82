/**
 * What becomes of limits in the fold: proposals told, automatic changes, what
 * people ask for and approve (domain C9.5), temporary lines that end. Each says
 * so in a `LimitChange`; the arithmetic of a proposal goes with it as JSON.
 */
import type { LimitChange, LimitLine } from "@riskwall/schemas";
import { localDay } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Emitter } from "./emit.ts";
import type { Moment } from "./env.ts";
import type { Exposure } from "./exposure.ts";
import type { Features } from "./features.ts";
import {
  proposeLimit,
  salesByMonth,
  type LimitProposal,
} from "./limit-proposal.ts";
import { proposalView } from "./limit-proposal-view.ts";
import { automaticLimit } from "./limit-rails.ts";
import { limitBook } from "./limits.ts";
import { classOf } from "./order-rules.ts";

/** Who changed a limit, and how; what is left out is null. */
export type ToldChange = Pick<LimitChange, "kind" | "limitKind" | "currency"> &
  Partial<
    Pick<
      LimitChange,
      | "actionId"
      | "before"
      | "after"
      | "validTo"
      | "actor"
      | "secondActor"
      | "reason"
      | "proposal"
    >
  >;

/** Tells the world of a change of a customer's limit. */
export function tellLimit(
  customer: Customer,
  told: ToldChange,
  moment: Moment,
  emitter: Emitter,
): void {
  const { state } = customer;
  emitter.limit({
    ...{ actionId: null, before: null, after: null, validTo: null },
    ...{ actor: null, secondActor: null, reason: null, proposal: null },
    ...told,
    appendedAt: moment.appendedAt,
    customerId: state.id,
    name: state.name,
    at: moment.now,
    cause: [...moment.cause],
    muted: moment.muted,
    rulesetVersion: moment.env.rules.version,
  });
}

/** The proposal for a customer as it stands. */
export function customerProposal(
  customer: Customer,
  seen: {
    readonly exposure: Exposure;
    readonly features: Pick<Features, "dbtEwma" | "histInvN">;
    readonly pd: number;
  },
  moment: Moment,
): LimitProposal {
  const { rules } = moment.env;
  return proposeLimit(
    {
      class: classOf(customer),
      pd: seen.pd,
      months: salesByMonth(customer.tiles, moment.today),
      termsDays: customer.state.termsDays,
      expectedDbt: seen.features.dbtEwma,
      thinFile: seen.features.histInvN < rules.limits.thinInvoices,
      exposure: seen.exposure.total,
    },
    rules,
  );
}

/** True when a proposal differs enough from what was told to be told again. */
function isNews(told: number, proposal: LimitProposal, share: number): boolean {
  if (told < 0) return true;
  const moved = Math.abs(proposal.amount - told);
  const larger = Math.max(proposal.amount, told);
  return moved >= proposal.step && moved >= larger * share;
}

/** Tells a proposal that moved, and takes over what the rails allow. */
export function followProposal(
  customer: Customer,
  proposal: LimitProposal,
  dpdMax: number,
  moment: Moment,
  emitter: Emitter,
): { readonly changed: boolean } {
  const { state } = customer;
  const { rules } = moment.env;
  const book = limitBook(state);
  const { standing } = state;
  book.proposalDay = moment.today;
  const arithmetic = (): string =>
    JSON.stringify(proposalView(proposal, rules.currency));
  const base = { limitKind: "standing", currency: rules.currency } as const;
  if (isNews(book.proposal, proposal, rules.limits.toldFrom)) {
    const before = book.proposal < 0 ? null : book.proposal;
    book.proposal = proposal.amount;
    const told = { kind: "proposed", before, after: proposal.amount };
    const whole = { ...base, ...told, proposal: arithmetic() };
    tellLimit(customer, whole, moment, emitter);
  }
  // A line in another currency is changed by people only.
  if (standing?.currency !== rules.currency) return { changed: false };
  const since = state.firstOrder;
  const to = automaticLimit(
    proposal,
    {
      amount: standing.amount,
      historyDays: since === null ? null : moment.today - since,
      dpdMax,
      sinceAutomatic:
        book.automaticDay === 0 ? null : moment.today - book.automaticDay,
    },
    rules,
  );
  if (to === null || to === standing.amount) return { changed: false };
  book.automaticDay = moment.today;
  const before = standing.amount;
  // Who decides again decides on all of it: `setAt` and `reviewed` stay.
  state.standing = { ...standing, amount: to, by: "", second: "" };
  const told = { kind: "automatic", before, after: to, proposal: arithmetic() };
  tellLimit(customer, { ...base, ...told }, moment, emitter);
  return { changed: true };
}

function ended(line: LimitLine | null, now: number): line is LimitLine {
  return line?.to != null && line.to <= now;
}

/**
 * What ends by its date: a temporary line where a standing one takes over (else
 * it stays, expired, and holds orders: H02), and a request nobody answered.
 */
export function expireLimits(
  customer: Customer,
  moment: Moment,
  emitter: Emitter,
): void {
  const { state } = customer;
  const { standing, temporary, limits } = state;
  if (standing !== null && ended(temporary, moment.now)) {
    state.temporary = null;
    const { amount: before, currency, to: validTo } = temporary;
    const told = { kind: "expired", limitKind: "temporary", before, validTo };
    tellLimit(customer, { ...told, currency }, moment, emitter);
  }
  const request = limits?.request;
  if (!limits || !request) return;
  const { limits: policy, zoneOffsetMinutes } = moment.env.rules;
  const asked = localDay(request.at, zoneOffsetMinutes);
  if (moment.today < asked + policy.requestDays) return;
  limits.request = null;
  const { kind: limitKind, amount: after, currency, actor, reason } = request;
  const told = { kind: "lapsed", limitKind, after, currency, actor, reason };
  tellLimit(customer, told, moment, emitter);
}
