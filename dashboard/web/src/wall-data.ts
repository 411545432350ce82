/** Rows of the live topics as the wall's panels need them. */
import type {
  AlertView,
  CustomerRow,
  DecisionView,
  OpsView,
  PortfolioRows,
  ScoreChangeView,
} from "@riskwall/schemas";
import { computed, onBeforeUnmount, type ComputedRef } from "vue";
import type { LiveClient } from "./live/socket.ts";

const feedMax = 60;

export interface WallData {
  readonly totals: ComputedRef<PortfolioRows["totals"] | null>;
  readonly sparks: ComputedRef<PortfolioRows["sparks"] | null>;
  readonly pulse: ComputedRef<PortfolioRows["pulse"]>;
  readonly map: ComputedRef<PortfolioRows["map"]>;
  readonly utilisation: ComputedRef<readonly CustomerRow[]>;
  readonly riskiest: ComputedRef<readonly CustomerRow[]>;
  readonly alerts: ComputedRef<readonly AlertView[]>;
  readonly counts: ComputedRef<Readonly<Record<string, number>>>;
  readonly orders: ComputedRef<readonly DecisionView[]>;
  readonly moves: ComputedRef<readonly ScoreChangeView[]>;
  readonly ops: ComputedRef<OpsView | null>;
}

/** Subscribes to what the wall shows; closes with the component. */
export function useWallData(client: LiveClient): WallData {
  const portfolio = client.subscribe("portfolio");
  const alertTopic = client.subscribe("alerts");
  const orderTopic = client.subscribe("orders");
  const scoreTopic = client.subscribe("scores");
  const opsTopic = client.subscribe("ops");
  onBeforeUnmount(() => {
    for (const item of [
      portfolio,
      alertTopic,
      orderTopic,
      scoreTopic,
      opsTopic,
    ])
      item.close();
  });
  // Row types are fixed by the live protocol's `PortfolioRows`.
  const row = <Key extends keyof PortfolioRows>(
    key: Key,
  ): ComputedRef<PortfolioRows[Key] | null> =>
    computed(
      () =>
        (portfolio.rows.value.get(key) as PortfolioRows[Key] | undefined) ??
        null,
    );
  const pulse = row("pulse");
  const map = row("map");
  const utilisation = row("utilisation");
  const riskiest = row("riskiest");
  const allAlerts = computed(
    () => [...alertTopic.rows.value.values()] as AlertView[],
  );
  return {
    totals: row("totals"),
    sparks: row("sparks"),
    pulse: computed(() => pulse.value ?? []),
    map: computed(() => map.value ?? []),
    utilisation: computed(() => utilisation.value ?? []),
    riskiest: computed(() => riskiest.value ?? []),
    alerts: computed(() =>
      [...allAlerts.value]
        .sort((a, b) => (a.openedAt < b.openedAt ? 1 : -1))
        .slice(0, feedMax),
    ),
    counts: computed(() => {
      const counts: Record<string, number> = {};
      for (const alert of allAlerts.value)
        counts[alert.state] = (counts[alert.state] ?? 0) + 1;
      return counts;
    }),
    orders: computed(() =>
      ([...orderTopic.rows.value.values()] as DecisionView[])
        .sort((a, b) => (a.decidedAt < b.decidedAt ? 1 : -1))
        .slice(0, 12),
    ),
    moves: computed(() =>
      ([...scoreTopic.rows.value.values()] as ScoreChangeView[])
        .filter((move) => move.from !== null)
        .sort((a, b) => (a.at < b.at ? 1 : -1))
        .slice(0, 8),
    ),
    ops: computed(
      () =>
        (opsTopic.rows.value.get("pipeline") as OpsView | undefined) ?? null,
    ),
  };
}
