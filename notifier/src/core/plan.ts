/** What the router goes by: routes, silences, inhibition, windows. Values. */
import type { Labels } from "@riskwall/schemas/matchers";
import { noDuty, type Duty } from "./duty.ts";
import { matchesAll, type Matcher } from "@riskwall/schemas/matchers";
import type { TimeInterval } from "./time-intervals.ts";

/** One node of the tree with everything inherited filled in. */
export interface Route {
  /** Path of matchers from the root: the same while the meaning is. */
  readonly key: string;
  readonly receiver: string;
  readonly matchers: readonly Matcher[];
  readonly goesOn: boolean;
  /** Labels that alerts of one group share; null: every alert alone. */
  readonly groupBy: readonly string[] | null;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  /** Null: a message is never repeated. */
  readonly repeatIntervalMs: number | null;
  readonly sendResolved: boolean;
  /** False: only the first message about an alert. */
  readonly sendUpdates: boolean;
  /** Messages of this route are digests by intent. */
  readonly digest: boolean;
  /** Names of intervals in which nothing is sent. */
  readonly muteIntervals: readonly string[];
  /** Names of the only intervals in which something is sent; none = always. */
  readonly activeIntervals: readonly string[];
  readonly routes: readonly Route[];
}

/** Channels that hear of it at once, and those that follow when one fails. */
export interface Receiver {
  readonly name: string;
  readonly channels: readonly string[];
  readonly failover: readonly string[];
  /** Chain that begins with the first message of a group; null = none. */
  readonly escalation: string | null;
}

export interface Silence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly startsAt: number;
  readonly endsAt: number;
}

/** A firing source mutes targets that have the same values of `equal`. */
export interface InhibitRule {
  readonly source: readonly Matcher[];
  readonly target: readonly Matcher[];
  readonly equal: readonly string[];
}

export interface Plan {
  readonly version: number;
  /** Each is a tree of its own; the first is the configured one, if any. */
  readonly roots: readonly Route[];
  readonly receivers: ReadonlyMap<string, Receiver>;
  readonly silences: readonly Silence[];
  readonly inhibitRules: readonly InhibitRule[];
  readonly intervals: ReadonlyMap<string, readonly TimeInterval[]>;
  /** Days that differ from the week: `YYYY-MM-DD`. */
  readonly holidays: ReadonlySet<string>;
  readonly workdays: ReadonlySet<string>;
  readonly duty: Duty;
  /** Channels that stand for several, as the browsers of one person. */
  readonly fans: ReadonlyMap<string, readonly string[]>;
}

export const emptyPlan: Plan = {
  version: 0,
  roots: [],
  receivers: new Map(),
  silences: [],
  inhibitRules: [],
  intervals: new Map(),
  holidays: new Set(),
  workdays: new Set(),
  duty: noDuty,
  fans: new Map(),
};

/** Routes an alert goes to: the deepest that match, more where one goes on. */
export function routesOf(plan: Plan, labels: Labels): readonly Route[] {
  return plan.roots.flatMap((root) => matchRoute(root, labels));
}

function matchRoute(route: Route, labels: Labels): readonly Route[] {
  if (!matchesAll(route.matchers, labels)) return [];
  const found: Route[] = [];
  for (const child of route.routes) {
    const below = matchRoute(child, labels);
    found.push(...below);
    if (below.length > 0 && !child.goesOn) return found;
  }
  return found.length > 0 ? found : [route];
}

/** Every route by its key. */
export function routesByKey(plan: Plan): ReadonlyMap<string, Route> {
  const all = new Map<string, Route>();
  const add = (route: Route): void => {
    all.set(route.key, route);
    for (const child of route.routes) add(child);
  };
  for (const root of plan.roots) add(root);
  return all;
}

/** The silence that covers an alert now, or null. */
export function silenceOf(
  plan: Plan,
  labels: Labels,
  now: number,
): Silence | null {
  return (
    plan.silences.find(
      ({ startsAt, endsAt, matchers }) =>
        startsAt <= now && now < endsAt && matchesAll(matchers, labels),
    ) ?? null
  );
}

/**
 * The firing alert that inhibits this one, or null. As Alertmanager has it, an
 * alert that is source and target of a rule is not inhibited by its like.
 */
export function inhibitorOf(
  plan: Plan,
  labels: Labels,
  firing: Iterable<Labels>,
): Labels | null {
  const rules = plan.inhibitRules.filter((rule) =>
    matchesAll(rule.target, labels),
  );
  if (rules.length === 0) return null;
  for (const other of firing) {
    if (other["alert_id"] === labels["alert_id"]) continue;
    for (const rule of rules) {
      if (!matchesAll(rule.source, other)) continue;
      const likewise =
        matchesAll(rule.source, labels) && matchesAll(rule.target, other);
      if (likewise) continue;
      const same = rule.equal.every(
        (name) => (other[name] ?? "") === (labels[name] ?? ""),
      );
      if (same) return other;
    }
  }
  return null;
}
