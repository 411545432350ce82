/** "Who gets this alert, when, and why": the routing tried on one alert. */
import type { Brief } from "./brief.ts";
import { labelsOf, matcherText, type Labels } from "@riskwall/schemas/matchers";
import type { OutlookView } from "@riskwall/schemas/notify-views";
import { inhibitorOf, routesOf, silenceOf } from "./plan.ts";
import type { Moment } from "./moment.ts";
import { groupIdOf } from "./router.ts";
import { isWithin } from "./time-intervals.ts";

/** Everything that would happen were the alert announced now. */
export function whoGetsIt(
  brief: Brief,
  moment: Moment,
  firing: readonly Labels[] = [],
): readonly OutlookView[] {
  const { plan } = moment;
  const labels = labelsOf(brief);
  return routesOf(plan, labels).map((route) => {
    const receiver = plan.receivers.get(route.receiver);
    return {
      route: route.key,
      receiver: route.receiver,
      group: groupIdOf(route, brief),
      channels: receiver?.channels ?? [],
      failover: receiver?.failover ?? [],
      because: route.matchers.map(matcherText),
      afterMs: route.groupWaitMs,
      repeatMs: route.repeatIntervalMs,
      heldBack: heldBack(labels, route, moment, firing),
    };
  });
}

function heldBack(
  labels: Labels,
  route: ReturnType<typeof routesOf>[number],
  { plan, now, zoneOffset }: Moment,
  firing: readonly Labels[],
): string | null {
  const silence = silenceOf(plan, labels, now);
  if (silence !== null) return `silence ${silence.id}`;
  const inhibitor = inhibitorOf(plan, labels, firing);
  if (inhibitor !== null) return `inhibited by ${inhibitor["alert_id"] ?? ""}`;
  const inside = (name: string): boolean =>
    (plan.intervals.get(name) ?? []).some((interval) =>
      isWithin(interval, now, plan, zoneOffset),
    );
  const mute = route.muteIntervals.find(inside);
  if (mute !== undefined) return `muted in ${mute}`;
  const { activeIntervals } = route;
  if (activeIntervals.length > 0 && !activeIntervals.some(inside)) {
    return `active only in ${activeIntervals.join(", ")}`;
  }
  return null;
}
