/** The routing as data: what pages draw. */
import { matcherText } from "@riskwall/schemas/matchers";
import type { RouteView, RoutingView } from "@riskwall/schemas/notify-views";
import type { Plan, Route } from "./plan.ts";

export function routeView(route: Route): RouteView {
  const { key, receiver, groupBy, groupWaitMs, groupIntervalMs } = route;
  const { repeatIntervalMs, sendResolved, digest } = route;
  const { muteIntervals, activeIntervals } = route;
  return {
    ...{ key, receiver, groupBy, groupWaitMs, groupIntervalMs },
    ...{ repeatIntervalMs, sendResolved, digest },
    ...{ muteIntervals, activeIntervals },
    matchers: route.matchers.map(matcherText),
    continue: route.goesOn,
    routes: route.routes.map(routeView),
  };
}

export function routingView(plan: Plan): RoutingView {
  return {
    version: plan.version,
    roots: plan.roots.map(routeView),
    receivers: [...plan.receivers.values()],
    inhibitRules: plan.inhibitRules.map(({ source, target, equal }) => ({
      source: source.map(matcherText),
      target: target.map(matcherText),
      equal,
    })),
    intervals: [...plan.intervals.keys()],
  };
}
