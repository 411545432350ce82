/** Planted trouble with its truth: what must be found, and when it became so. */
import {
  createScene,
  type Planner,
  type PlannedEvent,
} from "./episode-plan.ts";
import { moneyEpisodes } from "./money-episodes.ts";
import { orderEpisodes } from "./order-episodes.ts";
import { outsideEpisodes } from "./outside-episodes.ts";
import type { Profile } from "./population.ts";
import type { Random } from "./random.ts";
import { wordEpisodes } from "./word-episodes.ts";

/** Episodes of seconds, which the live stream plants, too. */
const planners = new Map<string, Planner>(
  Object.entries({
    ...{ ...orderEpisodes, ...moneyEpisodes },
    ...{ ...wordEpisodes, ...outsideEpisodes },
  }),
);
export const episodeKinds: readonly string[] = [...planners.keys()];
/** Planted in the history instead: see `slideTruth`. */
const slowSlide = "slow-slide";

export interface Truth {
  readonly episodeId: string;
  readonly kind: string;
  /** Customer, `#portfolio` or `#group:<id>`. */
  readonly customerId: string;
  readonly startedAt: string;
  /** Time of the event that makes it true, or from which time alone does. */
  readonly trueAt: string;
  readonly expectedRules: readonly string[];
  /** Rules that may speak of what follows; such alerts are not false. */
  readonly consequences: readonly string[];
  readonly eventIds: readonly string[];
  /** Found up to so long after it became true. */
  readonly withinMs: number;
  /** Made true by an event, by a day that passed, or bit by bit. */
  readonly madeBy: "event" | "day" | "degrees";
  /** Consequences end then; absent = with the run. */
  readonly endsAt?: string;
}

/** A live episode is found within two minutes, or it is not found. */
const liveWithinMs = 120_000;
/** History is judged when loading ends, at the latest after ten minutes. */
const slideWithinMs = 15 * 60_000;

export interface Episode {
  readonly truth: Truth;
  readonly events: readonly PlannedEvent[];
}

/** An episode of a kind that begins at `start` (ms). */
export function createEpisode(
  kind: string,
  profile: Profile,
  random: Random,
  start: number,
  n: number,
): Episode {
  const planner = planners.get(kind);
  if (!planner) throw new Error(`no episode is called ${kind}`);
  const episodeId = `E-${String(n)}-${kind}`;
  const plan = planner(createScene(episodeId, profile, random, start));
  const last = plan.events.at(-1);
  return {
    events: plan.events,
    truth: {
      ...{ episodeId, kind, customerId: profile.id },
      startedAt: new Date(start).toISOString(),
      trueAt: last?.event.time ?? new Date(start).toISOString(),
      expectedRules: plan.rules,
      consequences: plan.consequences,
      eventIds: plan.events.map((item) => item.event.id),
      withinMs: liveWithinMs,
      madeBy: "event",
    },
  };
}

/** True for a customer that an episode of this kind can happen to. */
export function isFit(kind: string, profile: Profile): boolean {
  const wanted = kind === "dormant-return" ? "dormant" : "none";
  return profile.tenureDays > 200 && profile.plight === wanted;
}

/** Truth of a customer whose history ends in a slow slide into default. */
export function slideTruth(profile: Profile, anchor: number): Truth {
  const at = new Date(anchor).toISOString();
  return {
    episodeId: `E-slide-${profile.id}`,
    kind: slowSlide,
    customerId: profile.id,
    startedAt: at,
    trueAt: at,
    expectedRules: ["PAY-01"],
    consequences: ["PAY-02", "PAY-04", "PAY-10", "SCR-01", "SCR-02"],
    eventIds: [],
    withinMs: slideWithinMs,
    madeBy: "day",
  };
}
