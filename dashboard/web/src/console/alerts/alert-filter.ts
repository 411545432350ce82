import type { AlertView } from "@riskwall/schemas";

/** What of the alerts is listed; lists are comma separated, empty = all. */
export interface AlertFilter {
  readonly state: string;
  readonly severity: string;
  readonly rule: string;
  readonly class: string;
  /** Assignees; `-` is nobody. */
  readonly owner: string;
  /** Id; empty = all. */
  readonly customer: string;
  /** Opened from (inclusive) to (exclusive), RFC 3339; empty = open end. */
  readonly from: string;
  readonly to: string;
}

/** Facets: a property of an alert, and how a filter names its value. */
export const facets = ["severity", "rule", "class", "owner"] as const;
export type Facet = (typeof facets)[number];

/** The value of an alert under a facet. */
export function facetValue(alert: AlertView, facet: Facet): string {
  switch (facet) {
    case "severity":
      return alert.severity;
    case "rule":
      return alert.ruleId;
    case "class":
      return alert.class;
    case "owner":
      return alert.assignee ?? "-";
  }
}

function among(list: string, value: string): boolean {
  return list === "" || list.split(",").includes(value);
}

/** True when an alert is listed. */
export function fits(alert: AlertView, filter: AlertFilter): boolean {
  const at = Date.parse(alert.openedAt);
  return (
    among(filter.state, alert.state) &&
    facets.every((facet) => among(filter[facet], facetValue(alert, facet))) &&
    (filter.customer === "" || alert.customerId === filter.customer) &&
    (filter.from === "" || at >= Date.parse(filter.from)) &&
    (filter.to === "" || at < Date.parse(filter.to))
  );
}

/** A list with a value added, or taken out when it was in. */
export function toggled(list: string, value: string): string {
  const values = new Set(list.split(",").filter((item) => item !== ""));
  if (!values.delete(value)) values.add(value);
  return [...values].sort().join(",");
}

/**
 * How many alerts each value of a facet would list: the other conditions
 * hold, the facet's own does not, so that a second value can be chosen.
 */
export function facetCounts(
  alerts: readonly AlertView[],
  filter: AlertFilter,
  facet: Facet,
): ReadonlyMap<string, number> {
  const others = { ...filter, [facet]: "" };
  const counts = new Map<string, number>();
  for (const alert of alerts) {
    if (!fits(alert, others)) continue;
    const value = facetValue(alert, facet);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}
