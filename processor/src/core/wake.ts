/** When the next timer of a customer is due. Pure. */
import type { CustomerState } from "@riskwall/schemas";
import { nextFloorDay } from "./class-floor.ts";
import { dayStart } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Env } from "./env.ts";
import { hash32 } from "./hash.ts";
import * as ledger from "./ledger.ts";
import { nextTenureDay } from "./scorecard.ts";
import { nextLimitWake } from "./limit-review.ts";
import { tilesEmpty } from "./tiles.ts";

/** Day rolls are spread over this span after local midnight. */
const rollSpreadMs = 1_800_000;

/** First day on which an outside rating counts no more (E2 XT1). */
const ratingFreshDays = 181;

/** True while a coming day can change anything of the customer. */
function movesByDay(customer: Customer): boolean {
  const { state } = customer;
  return (
    !tilesEmpty(customer.tiles) ||
    state.orders.length > 0 ||
    state.invoices.length > 0 ||
    state.payments.length > 0 ||
    state.promises.length > 0 ||
    state.alerts.length > 0 ||
    state.orphans.length > 0 ||
    state.refunds.length > 0 ||
    state.covers.length > 0 ||
    state.outside !== null ||
    customer.tallies.length > 0
  );
}

function windowEnds(env: Env, after: number): number[] {
  return env.rules.alerts.maintenance
    .map((window) => window.until)
    .filter((until) => until > after);
}

/**
 * The next day that changes a customer whom no coming day moves otherwise: its
 * rating grows stale, its tenure reaches an edge, an exception begins or ends.
 */
function nextChangeDay(state: CustomerState, { rules }: Env): number | null {
  const stale =
    state.rating === null ? null : state.rating.day + ratingFreshDays;
  const days = [
    stale !== null && stale > state.day ? stale : null,
    nextTenureDay(state.since, state.day, rules),
    nextFloorDay(rules, state, state.day),
  ].filter((day) => day !== null);
  return days.length === 0 ? null : Math.min(...days);
}

/** Earliest instant at which something of the customer is due; 0 = never. */
export function refreshWake(customer: Customer, env: Env): void {
  const { state } = customer;
  if (state.loading !== null) {
    state.wake = state.loading.until;
    return;
  }
  const due: number[] = [];
  const spread = hash32(state.id) % rollSpreadMs;
  const day = movesByDay(customer) ? state.day + 1 : nextChangeDay(state, env);
  if (day !== null) {
    due.push(dayStart(day, env.rules.zoneOffsetMinutes) + spread);
  }
  for (const order of state.orders) {
    if (order.status === ledger.orderHeld && order.recheck > 0) {
      due.push(order.recheck);
    }
  }
  for (const alert of state.alerts) {
    if (alert.state === "snoozed" && alert.snoozedUntil !== null) {
      due.push(alert.snoozedUntil);
    }
    // Windows end rarely; which one holds an alert is asked again then.
    if (alert.quiet === "maintenance") due.push(...windowEnds(env, state.asOf));
  }
  for (const { from, to } of state.covers) {
    if (to !== null && to > state.asOf) due.push(to);
    if (from > state.asOf) due.push(from);
  }
  for (const line of [state.temporary, state.standing, state.coming]) {
    if (line?.to != null && line.to > state.asOf) due.push(line.to);
    if (line && line.from > state.asOf) due.push(line.from);
  }
  const limitWake = nextLimitWake(customer, env, spread);
  if (limitWake !== null) due.push(limitWake);
  state.wake = due.length === 0 ? 0 : Math.min(...due);
}
