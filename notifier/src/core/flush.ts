/** What a group has to say when its time has come, and what is held back. */
import { beginEscalation, waits } from "./escalate-group.ts";
import { isHidden, quietLookMs, type Moment } from "./moment.ts";
import { composeNotice, type NoticeKind } from "./notice.ts";
import type { Route } from "./plan.ts";
import {
  dropAlert,
  type Change,
  type Group,
  type RouterState,
  type Tracked,
} from "./router-state.ts";
import { isWithin } from "./time-intervals.ts";

/** Has a group looked at again at an instant, unless it is sooner anyway. */
export function schedule(group: Group, at: number, now: number): void {
  const due = Math.max(at, now);
  if (group.nextAt === null || due < group.nextAt) group.nextAt = due;
}

/** Says what a due group has to say and plans when it speaks again. */
export function flush(
  state: RouterState,
  group: Group,
  route: Route,
  moment: Moment,
  change: Change,
): void {
  const { now } = moment;
  group.nextAt = null;
  if (!maySpeak(route, moment)) {
    group.nextAt = now + Math.min(route.groupIntervalMs || 1, quietLookMs);
    return;
  }
  const firing: Tracked[] = [];
  const resolved: Tracked[] = [];
  let hidden = false;
  for (const tracked of Object.values(group.alerts)) {
    if (!tracked.firing) resolved.push(tracked);
    else if (isHidden(state, tracked, moment)) hidden ||= tracked.changed;
    else firing.push(tracked);
  }
  const kind = kindOf(group, route, firing, resolved, now);
  if (kind !== null) {
    group.seq += 1;
    const told = resolved.filter((item) => item.told);
    change.notices.push({
      bornAt: group.bornAt,
      alertIds: [...firing, ...told].map(({ brief }) => brief.alertId),
      notice: composeNotice({
        kind,
        groupId: group.id,
        labels: group.labels,
        receiver: route.receiver,
        seq: group.seq,
        firing: firing.map(({ brief }) => brief),
        resolved: route.sendResolved ? told.map(({ brief }) => brief) : [],
        storm: group.storm,
        at: now,
      }),
    });
    group.toldAt = now;
    const isNew = firing.some((one) => !one.told && waits(one));
    if (isNew) beginEscalation(group, route, moment);
    for (const tracked of firing) {
      tracked.changed = false;
      tracked.told = true;
    }
  }
  for (const { brief } of resolved) dropAlert(state, group, brief.alertId);
  if (Object.keys(group.alerts).length === 0) {
    state.groups.delete(group.id);
    return;
  }
  if (hidden) schedule(group, now + quietLookMs, now);
  const { repeatIntervalMs } = route;
  const unheard = firing.some(({ acknowledged }) => !acknowledged);
  if (repeatIntervalMs !== null && unheard && group.toldAt !== null) {
    schedule(group, group.toldAt + repeatIntervalMs, now + 1);
  }
}

function maySpeak(route: Route, { plan, now, zoneOffset }: Moment): boolean {
  const inside = (name: string): boolean =>
    (plan.intervals.get(name) ?? []).some((interval) =>
      isWithin(interval, now, plan, zoneOffset),
    );
  if (route.muteIntervals.some(inside)) return false;
  return (
    route.activeIntervals.length === 0 || route.activeIntervals.some(inside)
  );
}

/** What a group has to say now; null for nothing. */
function kindOf(
  group: Group,
  route: Route,
  firing: readonly Tracked[],
  resolved: readonly Tracked[],
  now: number,
): NoticeKind | null {
  const fresh = firing.some(({ told, changed }) => changed && !told);
  const changed = firing.some((item) => item.changed);
  const ended = route.sendResolved && resolved.some(({ told }) => told);
  if (fresh) return route.digest || group.storm ? "digest" : "firing";
  if (firing.length === 0) return ended ? "resolved" : null;
  if (route.sendUpdates && (changed || ended)) return "update";
  const { repeatIntervalMs } = route;
  if (repeatIntervalMs === null || group.toldAt === null) return null;
  const due = group.toldAt + repeatIntervalMs <= now;
  const unheard = firing.some(({ acknowledged }) => !acknowledged);
  return due && unheard ? (route.digest ? "digest" : "firing") : null;
}
