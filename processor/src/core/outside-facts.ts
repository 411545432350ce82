/**
 * What others say of a customer: milestones of contracts, public registers, the
 * risk of its industry; and which dunning level was reached. The newest word on
 * a thing counts, by event time (F-9); dunning keeps the highest level.
 */
import type {
  CustomerState,
  DunningSent,
  IndustryRated,
  MilestoneReported,
  OutsideFacts,
  RegisterItem,
  RegisterReported,
} from "@riskwall/schemas";
import { localDay, rollForward } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import { findById, insertById } from "./sorted.ts";
import { addTally, firstDay } from "./tallies.ts";

/** Items of each kind kept per customer; more become `OUTSIDE_FULL`. */
export const outsideMax = 200;
const yearDays = 365;

export type OutsideProblem = "OUTSIDE_FULL";

/** The state's record of outside facts, begun when there is something to note. */
function outsideOf(state: CustomerState): OutsideFacts {
  state.outside ??= {
    ...{ milestones: [], registers: [], industry: null, dunnings: [] },
  };
  return state.outside;
}

interface Dated {
  readonly id: string;
  readonly setAt: number;
}

/** Keeps the newest word on an item. */
function keepNewest<T extends Dated>(
  list: T[],
  item: T,
): OutsideProblem | null {
  const known = findById(list, item.id);
  if (known === null) {
    if (list.length >= outsideMax) return "OUTSIDE_FULL";
    insertById(list, item);
  } else if (item.setAt >= known.setAt) Object.assign(known, item);
  return null;
}

export function reportMilestone(
  { state }: Customer,
  event: MilestoneReported,
): OutsideProblem | null {
  const { milestoneId: id, dueDate: due, doneDate, time: setAt } = event;
  const item = { id, due, done: doneDate ?? 0, setAt };
  return keepNewest(outsideOf(state).milestones, item);
}

export function reportRegister(
  { state }: Customer,
  event: RegisterReported,
): OutsideProblem | null {
  const { registerId: id, kind, date: day, time: setAt } = event;
  const item = { id, kind, day, isOpen: event.status === "open", setAt };
  return keepNewest(outsideOf(state).registers, item);
}

export function rateIndustry(
  { state }: Customer,
  event: IndustryRated,
  { env }: Moment,
): null {
  const { level, time, ratedAt } = event;
  const day = ratedAt ?? localDay(time, env.rules.zoneOffsetMinutes);
  const facts = outsideOf(state);
  const { industry: known } = facts;
  const isNewer =
    known === null ||
    day > known.day ||
    (day === known.day && time >= known.setAt);
  if (isNewer) facts.industry = { level, day, setAt: time };
  return null;
}

export function sendDunning(
  customer: Customer,
  event: DunningSent,
  { env, today }: Moment,
): OutsideProblem | null {
  const { dunnings } = outsideOf(customer.state);
  const id = event.invoiceId ?? "";
  const day = localDay(event.time, env.rules.zoneOffsetMinutes);
  const known = findById(dunnings, id);
  if (known === null) {
    if (dunnings.length >= outsideMax) return "OUTSIDE_FULL";
    insertById(dunnings, { id, level: event.level, day });
  } else {
    known.level = Math.max(known.level, event.level);
    known.day = Math.max(known.day, day);
  }
  addTally(customer.tallies, today, day, "dunnings", 1);
  return null;
}

/** Days that a milestone is late, 0 while it is not; done or not. */
export function milestoneLate(
  { due, done }: { readonly due: number; readonly done: number },
  { env, today }: Moment,
): number {
  const until = done === 0 ? today : done;
  return until > rollForward(due, env.rules.calendar) ? until - due : 0;
}

/** Milestones of the last year that fell due, and how many were met in time. */
export function contractRecord(
  { state }: Customer,
  moment: Moment,
): { readonly n: number; readonly met: number } {
  let n = 0;
  let met = 0;
  const first = firstDay(moment.today, yearDays);
  for (const item of state.outside?.milestones ?? []) {
    const isLate = milestoneLate(item, moment) > 0;
    if ((item.done === 0 && !isLate) || item.due < first) continue;
    n += 1;
    if (!isLate) met += 1;
  }
  return { n, met };
}

/** True when goods must not go out and the score is capped (E2, H12). */
export function isGrave({ kind, isOpen }: RegisterItem): boolean {
  return isOpen && (kind === "insolvency" || kind === "execution");
}

/**
 * Highest dunning level of invoices that are still open; a level of the
 * customer itself counts while anything is past due.
 */
export function dunningLevel({ state }: Customer, overdue: number): number {
  let level = 0;
  for (const item of state.outside?.dunnings ?? []) {
    const isPresent =
      item.id === ""
        ? overdue > 0
        : (findById(state.invoices, item.id)?.open ?? 0) > 0;
    if (isPresent) level = Math.max(level, item.level);
  }
  return level;
}

/** Drops what no window reaches any more; called once per local day. */
export function pruneOutside({ state }: Customer, today: number): void {
  const { outside } = state;
  if (outside === null) return;
  const oldest = firstDay(today, yearDays);
  outside.milestones = outside.milestones.filter(
    ({ due, done }) => Math.max(due, done) >= oldest,
  );
  outside.registers = outside.registers.filter(
    ({ day, isOpen }) => isOpen || day >= oldest,
  );
  outside.dunnings = outside.dunnings.filter(({ day }) => day >= oldest);
  const isEmpty =
    outside.milestones.length === 0 &&
    outside.registers.length === 0 &&
    outside.dunnings.length === 0;
  if (isEmpty && outside.industry === null) state.outside = null;
}
