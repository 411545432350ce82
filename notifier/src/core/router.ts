/**
 * Who is told what and when, as a fold: alerts and the passing of time in,
 * notices out. Pure but for the state handed in, which the shell stores whole
 * together with what the step gave.
 *
 * A group: none → waiting (group_wait) → told; told → waiting when something
 * changes (group_interval) or it is to be repeated (repeat_interval); gone once
 * its last alert is resolved and that was told.
 */
import { labelsOf } from "@riskwall/schemas/matchers";
import { isClosed, rankOf, type Brief } from "./brief.ts";
import { escalate, settleEscalation, waits } from "./escalate-group.ts";
import { escalationDue } from "./escalation.ts";
import { flush, schedule } from "./flush.ts";
import type { Moment } from "./moment.ts";
import { routesByKey, routesOf, type Route } from "./plan.ts";
import {
  dropAlert,
  newChange,
  type Change,
  type Group,
  type RouterState,
  type Tracked,
} from "./router-state.ts";
import { stormTakes } from "./storm.ts";

/** Alerts of one group at most; further ones begin a continuation of it. */
export const groupAlertsMax = 500;

/** A snapshot from the alerts topic. */
export interface Seen {
  readonly brief: Brief;
  /** The first snapshot by which somebody is to be told. */
  readonly announce: boolean;
  readonly muted: boolean;
}

/** Takes alerts in order, then sends what is due. */
export function stepRouter(
  state: RouterState,
  seen: readonly Seen[],
  moment: Moment,
): Change {
  const change = newChange();
  for (const item of seen) takeAlert(state, item, moment, change);
  flushDue(state, moment, change);
  return change;
}

/** Instant of the next thing to do, or null. */
export function nextDue(state: RouterState): number | null {
  let next: number | null = null;
  for (const { nextAt, escalation } of state.groups.values()) {
    const called = escalation ? escalationDue(escalation) : null;
    for (const at of [nextAt, called]) {
      if (at !== null && (next === null || at < next)) next = at;
    }
  }
  return next;
}

function takeAlert(
  state: RouterState,
  { brief, announce, muted }: Seen,
  moment: Moment,
  change: Change,
): void {
  const known = state.groupsOfAlert.get(brief.alertId);
  if (known === undefined) {
    if (announce && !muted && !isClosed(brief.state)) {
      addToRoutes(state, brief, moment, change);
    }
    return;
  }
  let raised = false;
  for (const groupId of known) {
    const group = state.groups.get(groupId);
    const tracked = group?.alerts[brief.alertId];
    if (!group || !tracked) continue;
    const waited = Object.values(group.alerts).some(waits);
    if (noteSnapshot(group, tracked, brief, moment)) raised = true;
    const route = routesByKey(moment.plan).get(group.routeKey);
    settleEscalation(group, route, moment, waited, change);
    change.groups.add(groupId);
  }
  if (brief.state === "acknowledged") change.acknowledged.push(brief);
  if (raised) moveRaised(state, brief, moment, change);
}

/** Takes over a newer snapshot; true when the alert became graver. */
function noteSnapshot(
  group: Group,
  tracked: Tracked,
  brief: Brief,
  { now, plan }: Moment,
): boolean {
  const raised = rankOf(brief.severity) > rankOf(tracked.brief.severity);
  const wasFiring = tracked.firing;
  tracked.brief = brief;
  tracked.firing = !isClosed(brief.state);
  tracked.acknowledged = brief.state === "acknowledged";
  const ended = wasFiring && !tracked.firing;
  if (raised) tracked.changed = true;
  if (!raised && !ended) return false;
  const route = routesByKey(plan).get(group.routeKey);
  schedule(group, (group.toldAt ?? now) + (route?.groupIntervalMs ?? 0), now);
  return raised;
}

/** A graver alert goes where its new severity leads, and nowhere else. */
function moveRaised(
  state: RouterState,
  brief: Brief,
  moment: Moment,
  change: Change,
): void {
  const keys = new Set(
    routesOf(moment.plan, labelsOf(brief)).map(({ key }) => key),
  );
  for (const groupId of state.groupsOfAlert.get(brief.alertId) ?? []) {
    const group = state.groups.get(groupId);
    if (group && keys.has(group.routeKey)) keys.delete(group.routeKey);
    else if (group) {
      dropAlert(state, group, brief.alertId);
      change.groups.add(groupId);
    }
  }
  addToRoutes(state, brief, moment, change, keys);
}

function addToRoutes(
  state: RouterState,
  brief: Brief,
  moment: Moment,
  change: Change,
  only?: ReadonlySet<string>,
): void {
  for (const route of routesOf(moment.plan, labelsOf(brief))) {
    if (only && !only.has(route.key)) continue;
    addToRoute(state, brief, route, moment, change);
  }
}

/** The group an alert belongs to on a route: Alertmanager's group key. */
export function groupIdOf(route: Route, brief: Brief): string {
  const labels = labelsOf(brief);
  const names = route.groupBy ?? ["alert_id"];
  const parts = names.map(
    (name) => `${name}=${JSON.stringify(labels[name] ?? "")}`,
  );
  return `${route.key}:{${parts.join(",")}}`;
}

function addToRoute(
  state: RouterState,
  brief: Brief,
  route: Route,
  { now }: Moment,
  change: Change,
): void {
  const labels = labelsOf(brief);
  const own = groupIdOf(route, brief);
  const isNew = !state.groups.has(own);
  const stormy = isNew && stormTakes(state, route, brief, now, change);
  const id = roomIn(state, stormy ? `${route.key}:storm` : own);
  const group: Group = state.groups.get(id) ?? {
    id,
    routeKey: route.key,
    labels: stormy
      ? {}
      : Object.fromEntries(
          (route.groupBy ?? ["alert_id"]).map((name) => [
            name,
            labels[name] ?? "",
          ]),
        ),
    storm: stormy,
    bornAt: now,
    seq: 0,
    nextAt: null,
    toldAt: null,
    alerts: {},
  };
  state.groups.set(id, group);
  change.groups.add(id);
  group.alerts[brief.alertId] = {
    brief,
    firing: true,
    changed: true,
    told: false,
    acknowledged: brief.state === "acknowledged",
  };
  const groups = state.groupsOfAlert.get(brief.alertId) ?? new Set();
  state.groupsOfAlert.set(brief.alertId, groups.add(id));
  // A new critical never waits for group_interval: group_wait (0 s) holds.
  const waits = group.toldAt === null || brief.severity === "critical";
  const wait = stormy && group.toldAt === null ? 0 : route.groupWaitMs;
  const at = waits ? now + wait : (group.toldAt ?? now) + route.groupIntervalMs;
  schedule(group, at, now);
}

/** The group of that id, or the first continuation of it that has room. */
function roomIn(state: RouterState, id: string): string {
  for (let part = 1; ; part += 1) {
    const name = part === 1 ? id : `${id}#${String(part)}`;
    const group = state.groups.get(name);
    if (!group || Object.keys(group.alerts).length < groupAlertsMax) {
      return name;
    }
  }
}

function flushDue(state: RouterState, moment: Moment, change: Change): void {
  const routes = routesByKey(moment.plan);
  for (const group of [...state.groups.values()]) {
    if (group.nextAt === null || group.nextAt > moment.now) {
      escalate(state, group, moment, change);
      continue;
    }
    change.groups.add(group.id);
    const route = routes.get(group.routeKey);
    if (route) {
      flush(state, group, route, moment, change);
      escalate(state, group, moment, change);
    } else rerouteAll(state, group, moment, change);
  }
}

/** The route is gone: what still fires goes where it belongs now. */
function rerouteAll(
  state: RouterState,
  group: Group,
  moment: Moment,
  change: Change,
): void {
  for (const { brief, firing, told } of Object.values(group.alerts)) {
    dropAlert(state, group, brief.alertId);
    if (firing && !told) addToRoutes(state, brief, moment, change);
  }
  state.groups.delete(group.id);
}
