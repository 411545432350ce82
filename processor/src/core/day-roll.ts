/** What a new local day changes of a customer. Pure. */
import type { Orphan } from "@riskwall/schemas";
import { dayMs, hourMs } from "./calendar.ts";
import { pruneCovers } from "./cover.ts";
import type { Customer } from "./customer.ts";
import { decideOrder, orderCause, recheckHolds } from "./decide.ts";
import type { Emitter } from "./emit.ts";
import type { Moment } from "./env.ts";
import { dropSealed } from "./identity.ts";
import { forgetMasterTimes } from "./master-data.ts";
import * as ledger from "./ledger.ts";
import { keptExposures } from "./rings.ts";
import { settle } from "./settle.ts";
import { expireLimits, tellLimit } from "./limit-book.ts";
import { beginLimit, hasBegun } from "./limits.ts";
import { pruneOutside } from "./outside-facts.ts";
import { compactTallies } from "./tallies.ts";
import { compactTiles, dropOldHours } from "./tiles.ts";
import { brokenIds, raiseBroken } from "./broken-promises.ts";

const orphanTypes: Readonly<Record<string, string>> = {
  amend: "order.amended",
  cancel: "order.cancelled",
  return: "payment.returned",
  goods: "delivery.completed",
  refund: "payment.refunded",
  resolve: "complaint.resolved",
};

/** What waited in vain for the fact it speaks of is not lost without a word. */
function expiredOrphan(
  customer: Customer,
  orphan: Orphan,
  moment: Moment,
  emitter: Emitter,
): Parameters<Emitter["deadLetter"]>[0] {
  const type = orphanTypes[orphan.kind] ?? orphan.kind;
  const days = moment.env.rules.ledger.orphanDays;
  return {
    id: `fold-${emitter.nextId()}`,
    at: moment.now,
    stage: "fold",
    source: null,
    eventId: null,
    customerId: customer.state.id,
    type,
    code: "ORPHAN_EXPIRED",
    path: null,
    message: `${type} waited ${String(days)} days for ${orphan.ref}, which is not known or is closed`,
    raw: new Uint8Array(0),
    topic: null,
    partition: emitter.partition,
    offset: emitter.offset,
  };
}

/** Everything that a new local day changes; at most once per day. */
export function roll(
  customer: Customer,
  moment: Moment,
  emitter: Emitter,
): void {
  const { state } = customer;
  dropSealed(customer, moment.env.sealed);
  dropOldHours(customer.tiles, Math.floor(moment.now / hourMs));
  beginLimits(customer, moment, emitter);
  if (moment.today <= state.day) return;
  state.day = moment.today;
  compactTiles(customer.tiles, moment.today);
  customer.tallies = compactTallies(customer.tallies, moment.today);
  expireOrders(customer, moment, emitter);
  const broken = brokenIds(customer);
  const settlement = settle(customer, moment);
  for (const orphan of ledger.prune(customer, settlement, moment)) {
    emitter.deadLetter(expiredOrphan(customer, orphan, moment, emitter));
  }
  settle(customer, moment);
  raiseBroken(customer, broken, moment, emitter);
  expireLimits(customer, moment, emitter);
  forgetMasterTimes(customer, moment.now);
  pruneCovers(customer, moment.now);
  pruneOutside(customer, moment.today);
  if ((customer.exposureDays[1]?.day ?? Infinity) < moment.today - 88) {
    customer.exposureDays = keptExposures(customer.exposureDays, moment.today);
  }
}

/**
 * Limits that begin by their date (C9.5): a standing one takes the place of the
 * one before. Either is a change of the limit, so holds are checked again.
 */
function beginLimits(
  customer: Customer,
  moment: Moment,
  emitter: Emitter,
): void {
  const { state } = customer;
  if (state.coming === null && state.temporary === null) return;
  const { now } = moment;
  const begun = beginLimit(state, now);
  if (begun !== null) {
    const { amount: after, currency, to: validTo } = begun.line;
    const before =
      begun.before?.currency === currency ? begun.before.amount : null;
    const told = { kind: "began", limitKind: "standing", before, after };
    const reason = begun.line.reason;
    const whole = { ...told, currency, validTo, reason };
    tellLimit(customer, whole, moment, emitter);
  }
  if (state.loading !== null || state.asOf === 0) return;
  const temporary = hasBegun(state.temporary, state.asOf, now);
  const code = temporary ? "L03" : begun === null ? null : "L02";
  if (code !== null) recheckHolds(customer, code, false, moment, emitter);
}

/** A reservation ends after 90 days; a dated release when its date passes. */
function expireOrders(
  customer: Customer,
  moment: Moment,
  emitter: Emitter,
): void {
  const { reservationDays } = moment.env.rules.ledger;
  const oldest = moment.now - reservationDays * dayMs;
  for (const order of customer.state.orders) {
    const old = order.placed < oldest && order.status !== ledger.orderExpired;
    const ended = order.expires > 0 && order.expires <= moment.now;
    if (order.status === ledger.orderReleased && ended && !old) {
      const cause = orderCause(order, "recheck");
      decideOrder(customer, order, cause, moment, emitter);
      order.expires = 0;
    } else if (old && order.status !== ledger.orderCancelled) {
      order.status = ledger.orderExpired;
    }
  }
}
