/** Master data and outside ratings: the newest word counts (F-9). */
import type { BusinessRecord, CustomerState } from "@riskwall/schemas";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import { putStanding } from "./limits.ts";
import { seenWindowMs } from "./identity.ts";

/** Order of `CustomerState.masterAt`. */
const masterFields = [
  "name",
  "segment",
  "industry",
  "country",
  "currency",
  "termsDays",
  "since",
  "groupId",
  "owner",
] as const;

type Master = Pick<CustomerState, (typeof masterFields)[number]>;

/** Takes master data; a field it leaves out stays as it is. */
export function applyMaster(
  customer: Customer,
  event: Extract<BusinessRecord, { name: "CustomerUpserted" }>["value"],
  moment: Moment,
): null {
  const { state } = customer;
  const known = masterFields.map((_, i) => state.masterAt[i] ?? 0);
  const told: Partial<Master> = {};
  masterFields.forEach((field, i) => {
    if (event[field] === null || event.time < (known[i] ?? 0)) return;
    known[i] = event.time;
    Object.assign(told, { [field]: event[field] });
  });
  Object.assign(state, told);
  state.masterAt = known;
  const { standing: before } = state;
  if (event.creditLimit !== null && event.time >= (before?.setAt ?? 0)) {
    const currency = event.currency ?? state.currency;
    // Master data sent again are no review of what they repeat.
    const isSame =
      before?.amount === event.creditLimit && before.currency === currency;
    const line = {
      amount: event.creditLimit,
      currency,
      reviewed: isSame ? before.reviewed : 0,
      by: isSame ? before.by : "",
      second: isSame ? before.second : "",
      from: Math.min(event.time, moment.now),
      to: null,
      reason: "master data",
      setAt: event.time,
    };
    // Nor do they take back what is to come.
    if (isSame) state.standing = line;
    else putStanding(state, line, moment.now);
  }
  return null;
}

/** Takes an outside rating, unless a newer one is known. */
export function applyRating(
  customer: Customer,
  event: Extract<BusinessRecord, { name: "CustomerRated" }>["value"],
): null {
  const { state } = customer;
  if (state.rating === null || event.ratedAt >= state.rating.day) {
    state.rating = {
      agency: event.agency,
      rating: event.rating,
      normalised: event.normalised,
      day: event.ratedAt,
    };
  }
  return null;
}

/** Forgets when master data came, once nothing older can come any more. */
export function forgetMasterTimes(customer: Customer, now: number): void {
  const { state } = customer;
  if (state.loading !== null || state.masterAt.length === 0) return;
  if (state.masterAt.every((time) => time < now - seenWindowMs)) {
    state.masterAt = [];
  }
}
