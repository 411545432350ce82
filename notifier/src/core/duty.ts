/** People, teams and escalation chains, and whom a step of a chain reaches. */
import { parseMinor } from "@riskwall/schemas/money";
import { rankOf, type Brief } from "./brief.ts";
import { emptyRoster, onCallAt, type Roster, type Zones } from "./schedule.ts";

/** One way of a personal rule. */
export interface Way {
  readonly channel: string;
  readonly afterMs: number;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  /** Who signs in for the person: they decide about the person's shifts. */
  readonly user: string;
  /** Channels that the person has an address of their own on. */
  readonly contacts: ReadonlySet<string>;
  readonly usual: readonly Way[];
  /** For what is critical, and steps that say so. */
  readonly important: readonly Way[];
}

export interface Team {
  readonly id: string;
  readonly name: string;
  readonly people: readonly string[];
}

export type Target =
  | { readonly kind: "person"; readonly id: string }
  | { readonly kind: "team"; readonly id: string }
  | { readonly kind: "schedule"; readonly id: string }
  | { readonly kind: "channel"; readonly id: string };

/** What alerts must be like for a step to be taken. */
export interface Threshold {
  readonly severity: string | null;
  /** Alerts nobody took, at least. */
  readonly alerts: number;
  /** At risk in one alert at least, in that currency. */
  readonly money: { readonly minor: number; readonly currency: string } | null;
}

export interface ChainStep {
  readonly notify: readonly Target[];
  /** Until the next step. */
  readonly waitMs: number;
  readonly important: boolean;
  readonly onlyIf: Threshold;
}

/** Times that a chain begins anew at most. */
export const repeatMax = 5;

export interface Chain {
  readonly name: string;
  readonly steps: readonly ChainStep[];
  readonly repeat: number;
}

export interface Duty {
  readonly version: number;
  readonly people: ReadonlyMap<string, Person>;
  readonly teams: ReadonlyMap<string, Team>;
  readonly chains: ReadonlyMap<string, Chain>;
  readonly roster: Roster;
}

export const noDuty: Duty = {
  version: 0,
  people: new Map(),
  teams: new Map(),
  chains: new Map(),
  roster: emptyRoster,
};

/** The channel that reaches a person: one of their own, or the common one. */
export function channelFor(person: Person, channel: string): string {
  return person.contacts.has(channel) ? `${channel}@${person.id}` : channel;
}

export function meets(threshold: Threshold, briefs: readonly Brief[]): boolean {
  const { severity, alerts, money } = threshold;
  if (briefs.length < alerts) return false;
  const grave =
    severity === null ||
    briefs.some((brief) => rankOf(brief.severity) >= rankOf(severity));
  if (!grave || money === null) return grave;
  return briefs.some(({ moneyAtRisk, currency }) => {
    if (currency !== money.currency) return false;
    const minor = parseMinor(moneyAtRisk, currency);
    return typeof minor === "number" && minor >= money.minor;
  });
}

export type Miss = "nobody_on_call" | "unknown" | "no_channel";

export interface Reached {
  readonly people: readonly Person[];
  readonly channels: readonly string[];
  /** Targets that lead to nobody, and why. */
  readonly missed: readonly { readonly target: string; readonly why: Miss }[];
}

/** Whom the targets of a step mean at an instant. */
export function reach(
  targets: readonly Target[],
  duty: Duty,
  at: number,
  zones: Zones,
): Reached {
  const people = new Map<string, Person>();
  const channels = new Set<string>();
  const missed: { target: string; why: Miss }[] = [];
  for (const target of targets) {
    const text = `${target.kind}:${target.id}`;
    if (target.kind === "channel") {
      channels.add(target.id);
      continue;
    }
    const ids = idsOf(target, duty, at, zones);
    if (ids === "nobody_on_call") missed.push({ target: text, why: ids });
    else {
      const known = ids.flatMap((id) => duty.people.get(id) ?? []);
      if (known.length === 0) missed.push({ target: text, why: "unknown" });
      for (const person of known) people.set(person.id, person);
    }
  }
  return { people: [...people.values()], channels: [...channels], missed };
}

function idsOf(
  target: Target,
  duty: Duty,
  at: number,
  zones: Zones,
): readonly string[] | "nobody_on_call" {
  if (target.kind === "person") return [target.id];
  if (target.kind === "team") return duty.teams.get(target.id)?.people ?? [];
  const schedule = duty.roster.schedules.get(target.id);
  if (!schedule) return [];
  const { person } = onCallAt(schedule, duty.roster, at, zones);
  return person === null ? "nobody_on_call" : [person];
}
