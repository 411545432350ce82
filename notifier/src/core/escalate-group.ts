/** Escalations of groups: when one begins, speaks, pauses and stops. */
import {
  advance,
  escalationDue,
  startEscalation,
  type Push,
} from "./escalation.ts";
import { isHidden, quietLookMs, type Moment } from "./moment.ts";
import { composeNotice } from "./notice.ts";
import { routesByKey, type Route } from "./plan.ts";
import type { Change, Group, RouterState, Tracked } from "./router-state.ts";

/** Nobody has it yet: neither acknowledged nor snoozed nor over. */
export function waits({ firing, brief }: Tracked): boolean {
  const { state } = brief;
  return firing && state !== "acknowledged" && state !== "snoozed";
}

/** Begins the chain of a group's receiver, unless one is under way. */
export function beginEscalation(
  group: Group,
  { receiver }: Route,
  { plan, now }: Moment,
): void {
  const chain = plan.receivers.get(receiver)?.escalation ?? null;
  const running = group.escalation && escalationDue(group.escalation) !== null;
  if (chain === null || running) return;
  group.escalation = startEscalation(chain, now);
}

/**
 * After a snapshot of one of a group's alerts: stops the chain once nobody is
 * waited for; begins it again when an alert that was told is open again.
 */
export function settleEscalation(
  group: Group,
  route: Route | undefined,
  moment: Moment,
  wasWaiting: boolean,
  change: Change,
): void {
  const all = Object.values(group.alerts);
  const isWaiting = all.some(waits);
  if (wasWaiting && !isWaiting) {
    delete group.escalation;
    change.stopped.push({
      ...{ groupId: group.id, bornAt: group.bornAt },
      alertIds: all.map(({ brief }) => brief.alertId),
    });
  }
  const reopened = !wasWaiting && all.some((one) => waits(one) && one.told);
  if (reopened && route) beginEscalation(group, route, moment);
}

/** Takes what is due of a group's escalation. */
export function escalate(
  state: RouterState,
  group: Group,
  moment: Moment,
  change: Change,
): void {
  const { escalation } = group;
  if (!escalation) return;
  const due = escalationDue(escalation);
  const { plan, now, zoneOffset } = moment;
  if (due === null || due > now) return;
  change.groups.add(group.id);
  const open = Object.values(group.alerts).filter(waits);
  if (open.length === 0) {
    delete group.escalation;
    return;
  }
  const heard = open.filter((one) => !isHidden(state, one, moment));
  if (heard.length === 0) {
    // Silenced for now: everything waits, and goes on after it.
    if (escalation.nextAt !== null)
      escalation.nextAt = later(escalation.nextAt, now);
    escalation.owed = escalation.owed.map((one) => {
      return { ...one, at: later(one.at, now) };
    });
    return;
  }
  const waiting = heard.map(({ brief }) => brief);
  const zones = { calendar: plan, zoneOffset };
  const scene = { duty: plan.duty, waiting, now, zones };
  const { pushes, missed } = advance(escalation, scene);
  change.missed.push(...missed);
  for (const push of pushes) tell(group, heard, push, moment, change);
}

const later = (at: number, now: number): number =>
  Math.max(at, now + quietLookMs);

function tell(
  group: Group,
  heard: readonly Tracked[],
  { call, channel, onward }: Push,
  { plan, now }: Moment,
  change: Change,
): void {
  group.seq += 1;
  const firing = heard.map(({ brief }) => brief);
  change.notices.push({
    bornAt: group.bornAt,
    alertIds: firing.map(({ alertId }) => alertId),
    to: { channels: [channel], failover: onward },
    notice: composeNotice({
      ...{ kind: "escalated", groupId: group.id, labels: group.labels },
      receiver: routesByKey(plan).get(group.routeKey)?.receiver ?? "",
      ...{ seq: group.seq, firing, resolved: [], call },
      ...{ storm: group.storm, at: now },
    }),
  });
}
