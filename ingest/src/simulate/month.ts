/**
 * Days of a seeded population as they reach the door, with everything that is
 * planted in them: ordinary lives, episodes of seconds at a working hour,
 * stories of a whole month, trouble of the sources themselves. The same seed
 * gives the same events.
 */
import { dayOf, dayText, lifeOf, type SimEvent } from "./behaviour.ts";
import { createEpisode, episodeKinds, isFit, type Truth } from "./episodes.ts";
import { exposureStories } from "./exposure-stories.ts";
import { plantGroups } from "./group-story.ts";
import { lateTruths } from "./late-truths.ts";
import { byTime, receivablesAt, timeOf } from "./life-edit.ts";
import { at, workingDay, type Story } from "./month-story.ts";
import { paymentStories } from "./payment-stories.ts";
import { createPopulation, type Profile } from "./population.ts";
import { createRandom, type Random } from "./random.ts";
import { troubleSources } from "./source-stories.ts";

export interface MonthOptions {
  readonly seed: string;
  readonly customers: number;
  readonly years: number;
  /** First day of the month. */
  readonly first: number;
  readonly days: number;
  /** Episodes and stories of each kind; 0 = an ordinary month. */
  readonly perKind: number;
}

/** An event as the door gets it. */
export interface Arrival {
  /** ms */
  readonly at: number;
  readonly event: SimEvent;
}

export interface Month {
  /** Before the first day, in time order. */
  readonly history: readonly SimEvent[];
  /** In order of arrival. */
  readonly arrivals: readonly Arrival[];
  readonly truths: readonly Truth[];
  readonly customers: number;
}

/** Who lives how; stories change it. */
export type Lives = Map<
  string,
  { readonly profile: Profile; life: readonly SimEvent[] }
>;

export const monthKinds: readonly string[] = [
  ...episodeKinds,
  ...[...paymentStories, ...exposureStories].map(({ kind }) => kind),
];

/** Customers whose balance the ERP reports each night. */
const balancesANight = 20;

export function createMonth(options: MonthOptions): Month {
  const { first, days, perKind } = options;
  const last = first + days - 1;
  const random = createRandom(options.seed);
  const population = createPopulation(random, options.customers, options.years);
  const lives: Lives = new Map(
    population.map((profile) => {
      const own = random.fork(`life-${profile.id}`);
      const life = lifeOf(profile, own, first - profile.tenureDays, last + 1);
      return [profile.id, { profile, life }];
    }),
  );
  const stream = random.fork("month");
  const free = new Set(population.map(({ id }) => id));
  const truths: Truth[] = [];
  const plant = { ...options, last, lives, free, truths, random: stream };
  // Stories first: fewer customers suit them.
  for (const story of [...exposureStories, ...paymentStories]) {
    plantStory(story, plant);
  }
  for (const kind of episodeKinds) plantEpisodes(kind, plant);
  plantGroups(plant);
  const [begin, ends] = [at(first, 0), at(last, 24)];
  for (const { profile, life } of lives.values()) {
    truths.push(...lateTruths(profile, life, first, ends));
    truths.push(unreviewed(profile.id, begin));
  }
  const all = [...lives.values()].flatMap(({ life }) => life);
  const live = [
    ...all.filter((event) => timeOf(event) >= begin && timeOf(event) < ends),
    ...balances(plant),
  ].sort(byTime);
  const arrivals = live.map((event) => ({ at: timeOf(event), event }));
  return {
    history: all.filter((event) => timeOf(event) < begin).sort(byTime),
    arrivals:
      perKind === 0
        ? arrivals
        : troubleSources(arrivals, first, truths, stream),
    truths,
    customers: population.length,
  };
}

/** Nobody reviews a limit in this month: what asks for it becomes overdue. */
function unreviewed(customerId: string, begin: number): Truth {
  const instant = new Date(begin).toISOString();
  return {
    ...{ episodeId: `E-unreviewed-${customerId}`, kind: "unreviewed" },
    ...{ customerId, startedAt: instant, trueAt: instant, madeBy: "day" },
    ...{ expectedRules: [], consequences: ["EXP-03"] },
    ...{ eventIds: [], withinMs: 0 },
  };
}

export interface Planting extends MonthOptions {
  readonly last: number;
  readonly lives: Lives;
  /** Customers in whose life nothing is planted yet. */
  readonly free: Set<string>;
  readonly truths: Truth[];
  readonly random: Random;
}

/** A free customer for which `suits` holds; taken then. */
export function takeFree(
  { free, lives, random }: Planting,
  suits: (profile: Profile, life: readonly SimEvent[]) => boolean,
): { readonly profile: Profile; life: readonly SimEvent[] } | null {
  const able = [...free].flatMap((id) => {
    const own = lives.get(id);
    return own && suits(own.profile, own.life) ? [own] : [];
  });
  if (able.length === 0) return null;
  const taken = random.pick(able);
  free.delete(taken.profile.id);
  return taken;
}

function plantStory(story: Story, plant: Planting): void {
  const { first, last, random } = plant;
  for (let n = 0; n < plant.perKind; n += 1) {
    const taken = takeFree(
      plant,
      (profile, life) =>
        profile.plight === "none" &&
        story.suits({ profile, life, first, last }),
    );
    if (taken === null) continue;
    const { profile, life } = taken;
    const episodeId = `E-${story.kind}-${String(n)}`;
    const stage = { profile, life, first, last, random, episodeId };
    const told = story.tell(stage);
    taken.life = told.life;
    plant.truths.push(...told.truths);
  }
}

function plantEpisodes(kind: string, plant: Planting): void {
  const { first, last, random } = plant;
  for (let n = 0; n < plant.perKind; n += 1) {
    const taken = takeFree(plant, (profile) => isFit(kind, profile));
    if (taken === null) continue;
    const day = workingDay(random.whole(first + 1, last - 3));
    const start = at(day, 9 + random.next() * 8);
    const episode = createEpisode(kind, taken.profile, random, start, n);
    const events = episode.events.map(({ event }) => event);
    taken.life = [...taken.life, ...events].sort(byTime);
    plant.truths.push(episode.truth);
  }
}

/** What the ERP's books say at night: the truth, of customers left alone. */
function balances({ first, days, lives, free, random }: Planting): SimEvent[] {
  const able = [...free].flatMap((id) => lives.get(id) ?? []);
  if (able.length === 0) return [];
  return Array.from({ length: days - 1 }, (_, i) => {
    const night = first + i + 1;
    return Array.from({ length: balancesANight }, (__, n): SimEvent => {
      const { profile, life } = random.pick(able);
      const owed = receivablesAt(life, at(night, 0) - 1);
      const digits = profile.currency === "JPY" ? 0 : 2;
      return {
        id: `balance-${dayText(night)}-${String(n)}`,
        ...{ source: "sim-erp", type: "balance.reported" },
        time: new Date(at(night, 2) + n * 1000).toISOString(),
        data: {
          ...{ customerId: profile.id, currency: profile.currency },
          asOf: dayText(dayOf(at(night, 0)) - 1),
          amount: Math.max(0, owed).toFixed(digits),
        },
      };
    });
  }).flat();
}
