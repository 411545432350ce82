/** Rows of the live topics as the wall's panels need them. */
import type {
  AlertView,
  CustomerRow,
  DecisionView,
  OpsView,
  PortfolioRows,
  ScoreChangeView,
  WallMoment,
} from "@riskwall/schemas";
import type { LiveTopic } from "@riskwall/schemas/live";
import { computed, onScopeDispose, type ComputedRef } from "vue";
import type { FreshnessStatus, LiveClient } from "../live/live-client.ts";
import { newestFirst } from "../live/newest.ts";
import { portfolioRow } from "../live/rows.ts";
import type { TimeTravel } from "./use-time-travel.ts";
import { feedOrder } from "./feed-order.ts";

/** Rows of the feed that are drawn. */
export const feedMax = 40;
const ordersMax = 20;
const movesMax = 12;

const nothing: WallMoment = {
  ...{ at: "", totalsAt: null, portfolio: {} },
  ...{ alerts: [], orders: [], scores: [] },
};

type WallTopic = Exclude<LiveTopic, "customer">;
type Rows<Key extends keyof PortfolioRows> = ComputedRef<PortfolioRows[Key]>;

export interface WallData {
  readonly totals: ComputedRef<PortfolioRows["totals"] | null>;
  readonly sparks: ComputedRef<PortfolioRows["sparks"] | null>;
  readonly pulse: Rows<"pulse">;
  readonly map: Rows<"map">;
  readonly ageingByWeek: Rows<"ageingByWeek">;
  readonly utilisation: ComputedRef<readonly CustomerRow[]>;
  readonly riskiest: ComputedRef<readonly CustomerRow[]>;
  readonly overdue: ComputedRef<readonly CustomerRow[]>;
  readonly held: ComputedRef<PortfolioRows["held"] | null>;
  /** Every alert of the live topic. */
  readonly alerts: ComputedRef<readonly AlertView[]>;
  /** Those the feed shows, in its order. */
  readonly feed: ComputedRef<readonly AlertView[]>;
  readonly orders: ComputedRef<readonly DecisionView[]>;
  /** Every decision of the live topic: the last hundred. */
  readonly decisions: ComputedRef<readonly DecisionView[]>;
  readonly moves: ComputedRef<readonly ScoreChangeView[]>;
  readonly ops: ComputedRef<OpsView | null>;
  readonly fresh: Readonly<Record<WallTopic, FreshnessStatus>>;
  /** False until the first snapshot of the portfolio. */
  readonly loaded: ComputedRef<boolean>;
}

/** Rows of a past moment, as the live topic would hold them. */
function portfolioThen(moment: WallMoment): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(moment.portfolio));
}

/** Subscribes to what the wall shows; leaves with its scope. */
export function useWallData(client: LiveClient, travel: TimeTravel): WallData {
  const portfolio = client.subscribe("portfolio");
  const alerts = client.subscribe("alerts");
  const orders = client.subscribe("orders");
  const scores = client.subscribe("scores");
  const ops = client.subscribe("ops");
  onScopeDispose(() => {
    for (const item of [portfolio, alerts, orders, scores, ops]) item.close();
  });
  /** What stood at the chosen instant, else what stands now. */
  const shown = <Row>(
    then: (moment: WallMoment) => Row,
    now: () => Row,
  ): Row => {
    if (travel.at.value === null) return now();
    return then(travel.moment.value ?? nothing);
  };
  const rows = computed(() =>
    shown<ReadonlyMap<string, unknown>>(
      portfolioThen,
      () => portfolio.rows.value,
    ),
  );
  const row = <Key extends keyof PortfolioRows>(key: Key) =>
    computed(() => portfolioRow(rows.value, key));
  const list = <Key extends "pulse" | "map" | "ageingByWeek">(key: Key) =>
    computed(() => portfolioRow(rows.value, key) ?? []);
  const ranking = (key: "utilisation" | "riskiest" | "overdue") =>
    computed(() => portfolioRow(rows.value, key) ?? []);
  const allAlerts = computed(() =>
    shown(
      (moment) => moment.alerts,
      () => [...alerts.rows.value.values()],
    ),
  );
  const decisions = computed(() =>
    shown(
      (moment) => moment.orders,
      () => [...orders.rows.value.values()],
    ),
  );
  const changes = computed(() =>
    shown(
      (moment) => moment.scores,
      () => [...scores.rows.value.values()],
    ),
  );
  return {
    totals: row("totals"),
    sparks: row("sparks"),
    pulse: list("pulse"),
    map: list("map"),
    ageingByWeek: list("ageingByWeek"),
    utilisation: ranking("utilisation"),
    riskiest: ranking("riskiest"),
    overdue: ranking("overdue"),
    held: row("held"),
    alerts: allAlerts,
    feed: computed(() => feedOrder(allAlerts.value).slice(0, feedMax)),
    orders: computed(() =>
      newestFirst(decisions.value, (d) => d.decidedAt, ordersMax),
    ),
    decisions,
    moves: computed(() => {
      const moved = changes.value.filter(
        (move) => move.from !== null && move.from !== move.score,
      );
      return newestFirst(moved, (move) => move.at, movesMax);
    }),
    ops: computed(() => ops.rows.value.get("pipeline") ?? null),
    fresh: {
      portfolio: portfolio.fresh,
      alerts: alerts.fresh,
      orders: orders.fresh,
      scores: scores.fresh,
      ops: ops.fresh,
    },
    loaded: computed(() =>
      travel.at.value === null
        ? portfolio.loaded.value
        : travel.moment.value !== null,
    ),
  };
}
