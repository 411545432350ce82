/** The limit of a customer as people read it: lines, proposal, what waits. */
import type { CustomerView } from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import { dayText, localDay } from "./core/calendar.ts";
import type { Customer } from "./core/customer.ts";
import type { Moment } from "./core/env.ts";
import type { Exposure } from "./core/exposure.ts";
import type { Features } from "./core/features.ts";
import { customerProposal } from "./core/limit-book.ts";
import { proposalView } from "./core/limit-proposal-view.ts";
import { effectiveLine, isValidAt } from "./core/limits.ts";
import { toBase } from "./core/rates.ts";

const iso = (ms: number): string => new Date(ms).toISOString();

type View = CustomerView["limit"];

function requestView(customer: Customer, moment: Moment): View["request"] {
  const request = customer.state.limits?.request;
  if (!request) return null;
  const { limits, zoneOffsetMinutes: zone } = moment.env.rules;
  const lapse = localDay(request.at, zone) + limits.requestDays;
  return {
    version: request.version,
    amount: formatMinor(request.amount, request.currency),
    currency: request.currency,
    kind: request.kind === "temporary" ? "temporary" : "standing",
    validTo: request.to === null ? null : iso(request.to),
    reason: request.reason,
    requestedBy: request.actor,
    requestedAt: iso(request.at),
    lapsesOn: dayText(lapse),
  };
}

/** Money in the reporting currency; the proposal is made anew from the state. */
export function limitView(
  customer: Customer,
  seen: {
    readonly exposure: Exposure;
    readonly features: Features;
    readonly pd: number;
  },
  moment: Moment,
): View {
  const { state } = customer;
  const { rates, rules } = moment.env;
  const { exposure } = seen;
  const money = (minor: number | null): string | null =>
    minor === null ? null : formatMinor(minor, rules.currency);
  const inBase = (line: typeof state.standing): string | null =>
    line === null ? null : money(toBase(line.amount, line.currency, rates));
  const line = effectiveLine(state, moment.now);
  const { temporary, standing } = state;
  const isTemporary = temporary !== null && isValidAt(temporary, moment.now);
  const { utilisation, limit } = exposure;
  const due = state.limits?.reviewDue ?? 0;
  const person = (name: string | undefined): string | null =>
    name === undefined || name === "" ? null : name;
  return {
    effective: money(limit),
    standing: inBase(standing),
    temporary: isTemporary ? inBase(temporary) : null,
    validTo: line?.to == null ? null : iso(line.to),
    currency: rules.currency,
    utilisation:
      utilisation === null || utilisation === Infinity
        ? null
        : utilisation.toFixed(4),
    available: limit === null ? null : money(limit - exposure.total),
    setBy: person(line?.by),
    approvedBy: person(line?.second),
    reviewDue: due === 0 ? null : dayText(due),
    proposal: proposalView(
      customerProposal(customer, seen, moment),
      rules.currency,
    ),
    request: requestView(customer, moment),
  };
}
