/** The rows of the live topic `portfolio`, each at its own rate. */
import type {
  AgeingView,
  PortfolioRows,
  PortfolioTotals,
} from "@riskwall/schemas";
import type { Json, LiveOp } from "@riskwall/schemas/live";
import { customerRow, type Scale } from "../core/customer-row.ts";
import type { Directory } from "../core/directory.ts";
import type { Feed } from "../core/feed.ts";
import { heldNow } from "../core/held-now.ts";
import type { HoldQueue } from "../core/hold-queue.ts";
import {
  addSums,
  totalsView,
  type RawSums,
  type Sums,
} from "../core/portfolio-view.ts";
import { bucketMs, bucketsMax } from "../core/pulse.ts";
import { rankingMax, riskMap } from "../core/rank.ts";
import type { Rebuilding } from "../core/rebuilding.ts";
import { sparkView, type SparkSample } from "../core/sparks.ts";
import {
  readAgeingWeeks,
  readOpenings,
  readPulse,
  readSparks,
} from "../io/past-wall.ts";
import type { Past } from "../io/past.ts";
import type { Present } from "../io/present.ts";
import type { Hub } from "./hub.ts";
import type { StandingHeads } from "./standing-heads.ts";

const dayMs = 86_400_000;
/** How often a sample of the totals is kept for the sparklines. */
const sampleEveryMs = 10_000;
/** Samples of this server kept beside history's: one hour. */
const samplesMax = 360;

export interface PortfolioPanel {
  /** Totals as they stand; call at the KPI rate. */
  refreshTotals: () => Promise<void>;
  /** Rankings, risk map and pulse. */
  refreshRankings: () => Promise<void>;
  refreshPulse: () => void;
  /** Sparklines and weeks from history. */
  refreshHistory: () => Promise<void>;
  /** The half hour and the day before this server started. */
  backfill: () => Promise<void>;
  totals: () => PortfolioTotals | null;
}

export interface PortfolioPanelDeps {
  readonly feed: Feed;
  readonly present: Present;
  readonly past: Past;
  readonly directory: Directory;
  readonly hub: Hub;
  readonly queue: HoldQueue;
  readonly rebuilding: Rebuilding;
  readonly standingHeads: StandingHeads;
  readonly scale: () => Scale;
  readonly watermark: () => number;
  readonly now: () => number;
  readonly logNow: () => number;
}

type RowKey = keyof PortfolioRows;

/** An op of this topic; the row has the type of its key. */
function row<Key extends RowKey>(key: Key, value: PortfolioRows[Key]): LiveOp {
  // Views hold JSON values only.
  return { op: "set", key, value: value as unknown as Json };
}

export function createPortfolioPanel(deps: PortfolioPanelDeps): PortfolioPanel {
  const { feed, present, past, directory, hub } = deps;
  let totals: PortfolioTotals | null = null;
  /** Of each partition, as far as it was seen. */
  const parts = new Map<number, RawSums>();
  let samples: SparkSample[] = [];
  let stored: SparkSample[] = [];
  let weeks: (AgeingView & { readonly week: string })[] = [];

  const queue = (ops: readonly LiveOp[]): void => {
    feed.queue("portfolio", undefined, ops, { emitTime: deps.now() });
  };

  const sample = (alerts24h: number, current: Sums): void => {
    const at = deps.now();
    if (at - (samples.at(-1)?.at ?? 0) < sampleEveryMs) return;
    samples = [...samples, { at, sums: current, alerts24h }].slice(-samplesMax);
    const firstOwn = samples[0]?.at ?? at;
    const all = [...stored.filter((item) => item.at < firstOwn), ...samples];
    queue([row("sparks", sparkView(all, at, deps.scale().currency))]);
  };

  return {
    totals: () => totals,
    refreshTotals: async () => {
      const read = await present.sums();
      deps.rebuilding.observe(read, deps.now());
      for (const { partition, totals: part } of read) {
        const isBehind = deps.rebuilding.isBehind(partition);
        if (!isBehind || !parts.has(partition)) parts.set(partition, part);
      }
      const sums = addSums([...parts.values()]);
      const alerts24h = hub.openings.count(deps.logNow());
      const { currency } = deps.scale();
      const watermark = deps.watermark();
      totals = totalsView(sums, { currency, alerts24h, watermark });
      queue([row("totals", totals)]);
      sample(alerts24h, sums);
    },
    refreshRankings: async () => {
      const scale = deps.scale();
      const rank = { limit: rankingMax } as const;
      const lowest = directory
        .query({ ...rank, sort: "score", descending: false })
        .filter((entry) => entry.score > 0);
      const fullest = directory
        .query({ ...rank, sort: "utilisation", descending: true })
        .filter((entry) => (entry.utilisation ?? 0) > 0);
      const overdue = directory
        .query({ ...rank, sort: "overdue", descending: true })
        .filter((entry) => entry.overdue > 0);
      const shown = new Map(
        [...lowest, ...fullest, ...overdue].map(
          (entry) => [entry.id, entry] as const,
        ),
      );
      const heads = await deps.standingHeads([...shown.values()]);
      const rows = new Map(
        heads.map((head) => [head.id, customerRow(head, scale)] as const),
      );
      const rowsOf = (entries: readonly { readonly id: string }[]) =>
        entries.flatMap(({ id }) => rows.get(id) ?? []);
      queue([
        row("riskiest", rowsOf(lowest)),
        row("utilisation", rowsOf(fullest)),
        row("overdue", rowsOf(overdue)),
        row("held", heldNow(deps.queue, scale.currency)),
        row(
          "map",
          riskMap(() => directory.entries(), scale),
        ),
      ]);
    },
    refreshPulse: () => {
      const { currency } = deps.scale();
      queue([row("pulse", hub.pulse.points(deps.now(), currency))]);
    },
    refreshHistory: async () => {
      const { currency } = deps.scale();
      stored = await readSparks(past, deps.now());
      weeks = await readAgeingWeeks(past, currency);
      queue([row("ageingByWeek", weeks)]);
    },
    backfill: async () => {
      const { currency } = deps.scale();
      const openings = await readOpenings(past, deps.logNow() - dayMs);
      for (const { alertId, at } of openings) hub.openings.add(alertId, at);
      const since = deps.now() - bucketMs * bucketsMax;
      for (const { at, ...amounts } of await readPulse(past, since, currency)) {
        hub.pulse.add(at, amounts);
      }
    },
  };
}
