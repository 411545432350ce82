/**
 * Limits by people, with four eyes (domain C9.5): a raise above the automatic
 * ceiling waits as a request until another person approves or rejects it.
 *
 *   none ──set-limit above──▶ requested ──approve-limit by another──▶ in force
 *     ▲                          │ set-limit again: a new version
 *     └──reject-limit by another, or lapsed after `requestDays`
 */
import type {
  LimitLine,
  LimitRequest,
  OperatorAction,
} from "@riskwall/schemas";
import { dayMs, localDay } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Emitter } from "./emit.ts";
import type { Moment } from "./env.ts";
import { tellLimit } from "./limit-book.ts";
import { needsSecondPerson } from "./limit-rails.ts";
import {
  effectiveLine,
  limitBook,
  putStanding,
  temporaryDays,
} from "./limits.ts";
import { toBase } from "./rates.ts";

export type LimitRefusal =
  | "AMOUNT_MISSING"
  | "ENDS_IN_PAST"
  | "TOO_LONG"
  | "NO_REQUEST"
  | "STALE"
  | "SAME_PERSON";

/** What became of the action; null code of refusal: it was applied. */
export interface LimitAnswer {
  readonly refusal: LimitRefusal | null;
  /** True when the change now waits for a second person. */
  readonly waits: boolean;
  /** Limit kind that changed; null when none did. */
  readonly changed: "standing" | "temporary" | null;
}

const refused = (refusal: LimitRefusal): LimitAnswer => ({
  ...{ refusal, waits: false, changed: null },
});

/** Messages of the refusals, for people. */
export const limitRefusals: Readonly<Record<LimitRefusal, string>> = {
  AMOUNT_MISSING: "a limit needs an amount",
  ENDS_IN_PAST: "the limit would end in the past",
  TOO_LONG: "a temporary limit may not last so long",
  NO_REQUEST: "no limit waits for approval",
  STALE: "the request was replaced by another",
  SAME_PERSON: "a second person has to decide",
};

/** Applies set-limit, approve-limit and reject-limit. */
export function operateLimit(
  customer: Customer,
  event: OperatorAction,
  moment: Moment,
  emitter: Emitter,
): LimitAnswer {
  return event.action === "set-limit"
    ? setLimit(customer, event, moment, emitter)
    : answerRequest(customer, event, moment, emitter);
}

function kindOf(kind: string | null): "standing" | "temporary" {
  return kind === "temporary" ? "temporary" : "standing";
}

/** Present line of a kind, while it is worth something; null = no limit. */
function presentAmount(
  customer: Customer,
  kind: "standing" | "temporary",
  moment: Moment,
): number | null {
  const { state } = customer;
  const line =
    kind === "temporary" ? effectiveLine(state, moment.now) : state.standing;
  if (line === null) return null;
  if (line.to !== null && line.to <= moment.now) return 0;
  return toBase(line.amount, line.currency, moment.env.rates);
}

function setLimit(
  customer: Customer,
  event: OperatorAction,
  moment: Moment,
  emitter: Emitter,
): LimitAnswer {
  const { rules, rates } = moment.env;
  const { amount, currency } = event;
  if (amount === null || currency === null) return refused("AMOUNT_MISSING");
  const kind = kindOf(event.kind);
  const to =
    event.until ??
    (kind === "temporary" ? moment.now + temporaryDays * dayMs : null);
  if (to !== null && to <= moment.now) return refused("ENDS_IN_PAST");
  const days = to === null ? 0 : localDay(to, rules.zoneOffsetMinutes);
  if (
    kind === "temporary" &&
    days - moment.today > rules.limits.temporaryMaxDays
  ) {
    return refused("TOO_LONG");
  }
  const book = limitBook(customer.state);
  const request: LimitRequest = {
    ...{ version: book.requests + 1, amount, currency, kind, to },
    ...{ reason: event.reason ?? "", actor: event.actor, at: moment.now },
  };
  const present = presentAmount(customer, kind, moment);
  if (needsSecondPerson(toBase(amount, currency, rates), present, rules)) {
    book.requests = request.version;
    book.request = request;
    tell(customer, "requested", request, event, moment, emitter);
    return { refusal: null, waits: true, changed: null };
  }
  tell(customer, "set", request, event, moment, emitter);
  putInForce(customer, request, "", moment);
  return { refusal: null, waits: false, changed: kind };
}

function answerRequest(
  customer: Customer,
  event: OperatorAction,
  moment: Moment,
  emitter: Emitter,
): LimitAnswer {
  const { limits } = customer.state;
  const request = limits?.request;
  if (!limits || !request) return refused("NO_REQUEST");
  if (event.expected !== null && event.expected !== request.version) {
    return refused("STALE");
  }
  if (event.actor === request.actor) return refused("SAME_PERSON");
  const approve = event.action === "approve-limit";
  const isOver = request.to !== null && request.to <= moment.now;
  if (approve && isOver) return refused("ENDS_IN_PAST");
  const kind = approve ? "approved" : "rejected";
  tell(customer, kind, request, event, moment, emitter);
  limits.request = null;
  if (!approve) return { refusal: null, waits: false, changed: null };
  putInForce(customer, request, event.actor, moment);
  return { refusal: null, waits: false, changed: kindOf(request.kind) };
}

function putInForce(
  customer: Customer,
  request: LimitRequest,
  second: string,
  moment: Moment,
): void {
  const line: LimitLine = {
    amount: request.amount,
    currency: request.currency,
    from: moment.now,
    to: request.to,
    reason: request.reason,
    setAt: moment.now,
    reviewed: moment.now,
    by: request.actor,
    second,
  };
  if (request.kind === "temporary") customer.state.temporary = line;
  else putStanding(customer.state, line, moment.now);
}

/** Says it with the line of the same kind as it stood before. */
function tell(
  customer: Customer,
  kind: "set" | "requested" | "approved" | "rejected",
  request: LimitRequest,
  event: OperatorAction,
  moment: Moment,
  emitter: Emitter,
): void {
  const { state } = customer;
  const limitKind = kindOf(request.kind);
  const line = limitKind === "temporary" ? state.temporary : state.standing;
  const isAnswer = kind === "approved" || kind === "rejected";
  const told = {
    ...{ kind, limitKind, actionId: event.actionId },
    before: line?.currency === request.currency ? line.amount : null,
    ...{ after: request.amount, currency: request.currency },
    ...{ validTo: request.to, actor: request.actor },
    secondActor: isAnswer ? event.actor : null,
    reason: isAnswer ? (event.reason ?? request.reason) : request.reason,
  };
  tellLimit(customer, told, moment, emitter);
}
