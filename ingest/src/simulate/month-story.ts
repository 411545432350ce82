/** What stories of a simulated month are told with. */
import { atHour, isQuietDay, type SimEvent } from "./behaviour.ts";
import type { Truth } from "./episodes.ts";
import type { Profile } from "./population.ts";
import type { Random } from "./random.ts";

/** A month of a customer in which something happens. */
export interface Told {
  /** The customer's whole life, changed. */
  readonly life: readonly SimEvent[];
  readonly truths: readonly Truth[];
}

export interface Stage {
  readonly profile: Profile;
  readonly life: readonly SimEvent[];
  readonly random: Random;
  /** First and last day of the month. */
  readonly first: number;
  readonly last: number;
  readonly episodeId: string;
}

export interface Story {
  readonly kind: string;
  /** True for a customer to whom it can happen. */
  readonly suits: (stage: Omit<Stage, "random" | "episodeId">) => boolean;
  readonly tell: (stage: Stage) => Told;
}

/** Instant of a local day at an hour, ms. */
export function at(day: number, hour: number): number {
  return Date.parse(atHour(day, hour));
}

export function workingDay(day: number): number {
  let rolled = day;
  while (isQuietDay(rolled)) rolled += 1;
  return rolled;
}

const hourMs = 3_600_000;

/**
 * Truth of a story. By an event: found within two minutes. By a day that
 * passed: that day. By degrees: until the month ends.
 */
export function truthOf(
  { episodeId, profile, last }: Stage,
  kind: string,
  about: {
    readonly started: number;
    readonly trueAt: number;
    readonly madeBy: Truth["madeBy"];
    readonly rules: readonly string[];
    readonly consequences: readonly string[];
    readonly subject?: string;
    readonly eventIds?: readonly string[];
  },
): Truth {
  const { started, trueAt, madeBy, rules, consequences } = about;
  const within = {
    event: hourMs / 30,
    day: 24 * hourMs,
    degrees: Math.max(0, at(last, 24) - trueAt),
  };
  return {
    ...{ episodeId, kind, customerId: about.subject ?? profile.id },
    startedAt: new Date(started).toISOString(),
    trueAt: new Date(trueAt).toISOString(),
    ...{ expectedRules: rules, consequences, madeBy },
    eventIds: about.eventIds ?? [],
    withinMs: within[madeBy],
  };
}

/** An event of a story. */
export function storyEvent(
  { episodeId, profile }: Stage,
  suffix: string,
  source: string,
  type: string,
  time: number,
  data: object,
): SimEvent {
  return {
    id: `${episodeId}-${suffix}`,
    ...{ source, type, time: new Date(time).toISOString() },
    data: { customerId: profile.id, ...data },
  };
}
