/** What an episode is made of: events after its start, and what is true then. */
import { amountText, dayOf, dayText, type SimEvent } from "./behaviour.ts";
import type { Profile } from "./population.ts";
import type { Random } from "./random.ts";

export interface PlannedEvent {
  /** After the start, ms. */
  readonly afterMs: number;
  readonly event: SimEvent;
}

export interface Plan {
  readonly events: readonly PlannedEvent[];
  /** Rules that must find it, by what D2 says of them. */
  readonly rules: readonly string[];
  /** Rules that may speak of what follows from it, and are right then. */
  readonly consequences: readonly string[];
}

/** Tools of a planner. */
export interface Scene {
  readonly profile: Profile;
  readonly random: Random;
  readonly episodeId: string;
  /** Local date of the start. */
  readonly today: string;
  /** Date some days from the start. */
  readonly dayFrom: (days: number) => string;
  readonly make: (
    suffix: string,
    source: string,
    type: string,
    afterMs: number,
    data: object,
  ) => PlannedEvent;
  /** An order of so many usual ones. */
  readonly order: (
    suffix: string,
    afterMs: number,
    usual: number,
    over?: object,
  ) => PlannedEvent;
  /** An amount of so many usual orders. */
  readonly amount: (usual: number) => string;
}

export type Planner = (scene: Scene) => Plan;

export function createScene(
  episodeId: string,
  profile: Profile,
  random: Random,
  start: number,
): Scene {
  const { id: customerId, currency } = profile;
  const dayFrom = (days: number): string => dayText(dayOf(start) + days);
  const amount = (usual: number): string =>
    amountText(profile.order * usual, currency);
  const make: Scene["make"] = (suffix, source, type, afterMs, data) => ({
    afterMs,
    event: {
      id: `${episodeId}-${suffix}`,
      source,
      type,
      time: new Date(start + afterMs).toISOString(),
      data: { customerId, ...data },
    },
  });
  return {
    ...{ profile, random, episodeId, today: dayFrom(0), dayFrom },
    ...{ make, amount },
    order: (suffix, afterMs, usual, over = {}) =>
      make(suffix, "sim-erp", "order.placed", afterMs, {
        orderId: `SO-${episodeId}-${suffix}`,
        ...{ amount: amount(usual), currency, termsDays: profile.terms },
        ...{ shipTo: profile.shipTo, ...over },
      }),
  };
}

/** A high alert asks for a review, and nobody reviews here; E allows no order. */
const afterAlarm = ["EXP-03", "ORD-02"] as const;
/** What a worse score brings with it. */
export const afterScore = [
  ...["SCR-01", "SCR-02", "SCR-03", ...afterAlarm],
] as const;
/** What an order beyond the usual brings with it: more owed, a lower score. */
export const afterOrders = [
  ...["EXP-01", "EXP-02", "EXP-04", ...afterScore],
] as const;
/** What money that does not come brings with it. */
export const afterLate = [
  ...["PAY-01", "PAY-02", "PAY-03", "PAY-04", "PAY-10"],
  ...["EXP-01", "EXP-02", "EXP-04", ...afterScore],
] as const;
