/**
 * The escalation of a group: steps of a chain until somebody takes the alerts.
 *
 *   none → step 1 → wait → step 2 … → (round 2 …) → ended
 *   any  → stopped, once nothing in the group waits for somebody
 *
 * A step owes pushes by the personal rules of those it reaches; each is due by
 * itself. All of it lies in the group and is stored with it, so that timers
 * outlive the process.
 */
import type { Brief } from "./brief.ts";
import {
  channelFor,
  meets,
  reach,
  type Chain,
  type ChainStep,
  type Duty,
  type Miss,
  type Person,
} from "./duty.ts";
import type { DutyCall } from "./notice.ts";
import type { Zones } from "./schedule.ts";

/** Pushes one group may owe at the same time. */
export const owedMax = 200;
/** Channels and people that a critical push goes on to at most. */
export const onwardMax = 5;

export interface OwedPush {
  readonly at: number;
  /** Null: a channel by itself. */
  readonly person: string | null;
  readonly channel: string;
  readonly step: number;
  readonly round: number;
}

export interface Escalation {
  readonly chain: string;
  readonly startedAt: number;
  /** Next step, from 0. */
  step: number;
  /** From 0. */
  round: number;
  /** When the next step is due; null = the chain is at its end. */
  nextAt: number | null;
  owed: readonly OwedPush[];
}

/** A message to send now. */
export interface Push {
  readonly call: DutyCall;
  readonly channel: string;
  /** Where it goes when nobody accepts it in time. */
  readonly onward: readonly string[];
}

/** A step that led nowhere. */
export interface Missed {
  readonly chain: string;
  readonly step: number;
  readonly target: string;
  readonly why: Miss;
}

export interface Advance {
  readonly pushes: readonly Push[];
  readonly missed: readonly Missed[];
}

export function startEscalation(chain: string, now: number): Escalation {
  return {
    ...{ chain, startedAt: now, step: 0, round: 0, nextAt: now },
    owed: [],
  };
}

/** Instant of the next thing an escalation does, or null. */
export function escalationDue(escalation: Escalation): number | null {
  let due = escalation.nextAt;
  for (const { at } of escalation.owed) {
    if (due === null || at < due) due = at;
  }
  return due;
}

export interface Scene {
  readonly duty: Duty;
  /** Alerts that nobody took, none hidden. */
  readonly waiting: readonly Brief[];
  readonly now: number;
  readonly zones: Zones;
}

/** Takes the steps that are due and gives the pushes that are. */
export function advance(escalation: Escalation, scene: Scene): Advance {
  const { duty, now } = scene;
  const chain = duty.chains.get(escalation.chain);
  if (!chain || chain.steps.length === 0) {
    escalation.nextAt = null;
    escalation.owed = [];
    return { pushes: [], missed: [] };
  }
  const missed: Missed[] = [];
  while (escalation.nextAt !== null && escalation.nextAt <= now) {
    missed.push(...takeStep(escalation, chain, scene));
  }
  const due = escalation.owed.filter(({ at }) => at <= now);
  escalation.owed = escalation.owed.filter(({ at }) => at > now);
  const pushes = due.map((owed) => pushOf(owed, escalation, chain, scene));
  return { pushes, missed };
}

function takeStep(
  escalation: Escalation,
  chain: Chain,
  scene: Scene,
): readonly Missed[] {
  const { now } = scene;
  const index = escalation.step;
  const step = chain.steps[index];
  const last = index >= chain.steps.length - 1;
  escalation.step = last ? 0 : index + 1;
  const goesOn = !last || escalation.round < chain.repeat;
  const { round } = escalation;
  if (last) escalation.round += 1;
  if (!step) return [];
  const applies = meets(step.onlyIf, scene.waiting);
  const { owed, missed } = applies
    ? owedBy(step, { index, round }, scene)
    : { owed: [], missed: [] };
  escalation.owed = [...escalation.owed, ...owed].slice(0, owedMax);
  // Who reaches nobody waits for nobody; but a round never ends in no time.
  const waits = owed.length > 0 || last;
  escalation.nextAt = goesOn ? now + (waits ? step.waitMs : 0) : null;
  const { chain: name } = escalation;
  return missed.map((one) => ({ chain: name, step: index + 1, ...one }));
}

/** What a step owes to those it reaches now. */
function owedBy(
  step: ChainStep,
  place: { readonly index: number; readonly round: number },
  { duty, now, zones, waiting }: Scene,
): {
  readonly owed: readonly OwedPush[];
  readonly missed: readonly { readonly target: string; readonly why: Miss }[];
} {
  const { people, channels, missed } = reach(step.notify, duty, now, zones);
  const at = { step: place.index, round: place.round };
  const important = isImportant(step, waiting);
  const owed = people.flatMap((person) =>
    waysOf(person, important).map(({ channel, afterMs }) => ({
      ...{ at: now + afterMs, person: person.id, channel, ...at },
    })),
  );
  const silent = people.filter((one) => waysOf(one, important).length === 0);
  return {
    owed: [
      ...owed,
      ...channels.map((channel) => ({ at: now, person: null, channel, ...at })),
    ],
    missed: [
      ...missed,
      ...silent.map(({ id }) => {
        return { target: `person:${id}`, why: "no_channel" as const };
      }),
    ],
  };
}

const isCritical = ({ severity }: Brief): boolean => severity === "critical";

const isImportant = (step: ChainStep, waiting: readonly Brief[]): boolean =>
  step.important || waiting.some(isCritical);

function waysOf(person: Person, important: boolean): Person["usual"] {
  const { important: grave, usual } = person;
  return important && grave.length > 0 ? grave : usual;
}

function pushOf(
  owed: OwedPush,
  escalation: Escalation,
  chain: Chain,
  scene: Scene,
): Push {
  const { people } = scene.duty;
  const person = owed.person === null ? undefined : people.get(owed.person);
  const { channel } = owed;
  return {
    channel: person ? channelFor(person, channel) : channel,
    onward: scene.waiting.some(isCritical)
      ? onwardOf(owed, person, chain, scene)
      : [],
    call: {
      chain: escalation.chain,
      step: owed.step + 1,
      steps: chain.steps.length,
      round: owed.round + 1,
      person: person ? { id: person.id, name: person.name } : null,
    },
  };
}

/** The person's other channels, then those whom the next step reaches. */
function onwardOf(
  { step, channel }: OwedPush,
  person: Person | undefined,
  chain: Chain,
  { duty, now, zones }: Scene,
): readonly string[] {
  const own = person ? [...person.important, ...person.usual] : [];
  const mine = own.map((way) => person && channelFor(person, way.channel));
  const next = chain.steps[step + 1];
  const others = next ? reach(next.notify, duty, now, zones) : null;
  const theirs = (others?.people ?? []).map((other) => {
    const [way] = waysOf(other, true);
    return way && channelFor(other, way.channel);
  });
  const first = person ? channelFor(person, channel) : channel;
  const all = [...mine, ...theirs, ...(others?.channels ?? [])];
  return [...new Set(all)]
    .filter((id) => id !== undefined)
    .filter((id) => id !== first)
    .slice(0, onwardMax);
}
