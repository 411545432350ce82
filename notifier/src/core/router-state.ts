/** What the router remembers, and what a step changed of it. */
import type { Labels } from "@riskwall/schemas/matchers";
import type { Brief } from "./brief.ts";
import type { Escalation, Missed } from "./escalation.ts";
import type { Notice } from "./notice.ts";

/** An alert inside a group. */
export interface Tracked {
  brief: Brief;
  firing: boolean;
  /** Something about it has not been told yet. */
  changed: boolean;
  /** The receiver has heard of it. */
  told: boolean;
  /** Somebody has it: it is not repeated. */
  acknowledged: boolean;
}

export interface Group {
  readonly id: string;
  readonly routeKey: string;
  readonly labels: Labels;
  readonly storm: boolean;
  /** Tells two lives of one id apart. */
  readonly bornAt: number;
  /** Messages so far. */
  seq: number;
  /** When there may be something to say; null = when something changes. */
  nextAt: number | null;
  toldAt: number | null;
  /** Absent: none was begun, or it was stopped. */
  escalation?: Escalation;
  readonly alerts: Record<string, Tracked>;
}

/** Births of groups on one route, to see a storm. */
export interface Storm {
  /** Instants, oldest first, at most one more than make a storm. */
  readonly births: readonly number[];
  /** The storm lasts until then; 0 = none. */
  readonly until: number;
}

export interface RouterState {
  readonly groups: Map<string, Group>;
  /** Alert → ids of the groups it is in; follows from `groups`. */
  readonly groupsOfAlert: Map<string, Set<string>>;
  readonly storms: Map<string, Storm>;
}

/** A notice and the birth of its group: together they name it for ever. */
export interface Told {
  readonly notice: Notice;
  readonly bornAt: number;
  /** Every alert it tells of, also those it only counts. */
  readonly alertIds: readonly string[];
  /** Where it goes; absent: where its receiver says. */
  readonly to?: {
    readonly channels: readonly string[];
    readonly failover: readonly string[];
  };
}

/** Somebody took all alerts of a group: what is owed about them is dropped. */
export interface Stopped {
  readonly groupId: string;
  readonly bornAt: number;
  readonly alertIds: readonly string[];
}

export interface Change {
  /** Groups to be stored, or removed when the state has them no more. */
  readonly groups: Set<string>;
  /** Routes whose storm is to be stored. */
  readonly storms: Set<string>;
  readonly notices: Told[];
  readonly acknowledged: Brief[];
  readonly stopped: Stopped[];
  readonly missed: Missed[];
}

export function newChange(): Change {
  return {
    groups: new Set(),
    storms: new Set(),
    notices: [],
    acknowledged: [],
    stopped: [],
    missed: [],
  };
}

/** The state of stored groups and storms. */
export function restoreRouter(
  groups: Iterable<Group>,
  storms: Iterable<readonly [string, Storm]>,
): RouterState {
  const state: RouterState = {
    groups: new Map(),
    groupsOfAlert: new Map(),
    storms: new Map(storms),
  };
  for (const group of groups) {
    state.groups.set(group.id, group);
    for (const alertId of Object.keys(group.alerts)) {
      const known = state.groupsOfAlert.get(alertId) ?? new Set();
      state.groupsOfAlert.set(alertId, known.add(group.id));
    }
  }
  return state;
}

/** Takes an alert out of a group. */
export function dropAlert(
  state: RouterState,
  group: Group,
  alertId: string,
): void {
  // A group's alerts are a record so that they are stored as they stand.
  delete group.alerts[alertId];
  const known = state.groupsOfAlert.get(alertId);
  known?.delete(group.id);
  if (known?.size === 0) state.groupsOfAlert.delete(alertId);
}
