/** Many new groups at once: one notice for all of them (ux 3.3). */
import type { Brief } from "./brief.ts";
import type { Route } from "./plan.ts";
import type { Change, RouterState } from "./router-state.ts";

/** More new groups of a route than this within the window are a storm. */
export const stormGroups = 20;
export const stormWindowMs = 60_000;

/**
 * Counts the birth of a group and says whether the storm's group takes its
 * alert instead. Critical alerts never hide in a storm, and a route that tells
 * of every alert alone has none.
 */
export function stormTakes(
  state: RouterState,
  route: Route,
  { severity }: Brief,
  now: number,
  change: Change,
): boolean {
  if (severity === "critical" || route.groupBy === null) return false;
  const before = state.storms.get(route.key) ?? { births: [], until: 0 };
  const births = [...before.births.filter((at) => at > now - stormWindowMs)];
  births.push(now);
  const many = births.length > stormGroups;
  const until = many ? now + stormWindowMs : before.until;
  state.storms.set(route.key, {
    births: births.slice(-(stormGroups + 1)),
    until,
  });
  change.storms.add(route.key);
  return until > now;
}
