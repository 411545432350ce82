/** Row `pipeline` of the live topic `ops`, rates and the watermark. */
import type { OpsView } from "@riskwall/schemas";
import { topicNames } from "@riskwall/schemas/names";
import { asJson } from "../core/alert-book.ts";
import type { Feed } from "../core/feed.ts";
import type { LatencyWindow } from "../core/latency.ts";
import type { Rebuilding } from "../core/rebuilding.ts";
import type { WatermarkTracker } from "../core/watermark.ts";
import { topicBounds, type Admin } from "../io/kafka.ts";
import type { Outputs } from "../io/outputs.ts";
import { countDeadLetters, readStored } from "../io/past-wall.ts";
import type { Past } from "../io/past.ts";
import type { Place, Present } from "../io/present.ts";
import { answers, type Processor } from "../io/processor.ts";
import type { Hub } from "./hub.ts";

/** Window of the event rate. */
const rateWindowMs = 5000;

export interface OpsPanel {
  /** Ends, positions, watermark and rates; call each second. */
  refresh: () => Promise<void>;
  /** Health of the parts and what history counts; call every few seconds. */
  refreshParts: () => Promise<void>;
  watermark: () => number;
  /** Records folded per second. */
  rate: () => number;
}

export interface OpsPanelDeps {
  readonly feed: Feed;
  readonly present: Present;
  readonly past: Past;
  readonly outputs: Outputs;
  readonly admin: Admin;
  readonly namespace: string;
  readonly processor: Processor;
  readonly hub: Hub;
  readonly rebuilding: Rebuilding;
  readonly tracker: WatermarkTracker;
  readonly latency: LatencyWindow;
  readonly clients: () => number;
  readonly redisUp: () => boolean;
  readonly ingestUrl: string;
  readonly historianUrl: string;
  readonly notifierUrl: string;
  readonly now: () => number;
}

interface Parts {
  services: OpsView["services"];
  halted: ReadonlyMap<number, string | null>;
  deadLetters24h: number;
  stored: ReadonlyMap<number, number>;
}

export function createOpsPanel(deps: OpsPanelDeps): OpsPanel {
  const { events } = topicNames(deps.namespace);
  const counts: { readonly at: number; readonly sum: number }[] = [];
  const parts: Parts = {
    services: {},
    halted: new Map(),
    deadLetters24h: 0,
    stored: new Map(),
  };
  let watermark = deps.now();
  let rate = 0;
  let decisionRate = 0;
  let decisionsAt = deps.now();

  /** Records folded per second over the window; feeds the pulse, too. */
  const eventRate = (places: readonly Place[], at: number): number => {
    const sum = places.reduce((total, place) => total + place.next, 0);
    const last = counts.at(-1);
    if (last && sum > last.sum)
      deps.hub.pulse.add(at, { events: sum - last.sum });
    counts.push({ at, sum });
    while ((counts[0]?.at ?? at) < at - rateWindowMs) counts.shift();
    const first = counts[0];
    if (!first || first.at === at) return 0;
    return (Math.max(0, sum - first.sum) * 1000) / (at - first.at);
  };

  const measureDecisions = (at: number): void => {
    const seconds = (at - decisionsAt) / 1000;
    if (seconds <= 0) return;
    const now = deps.hub.takeDecisionCount() / seconds;
    decisionRate = decisionRate * 0.6 + now * 0.4;
    decisionsAt = at;
  };

  return {
    watermark: () => watermark,
    rate: () => rate,
    refresh: async () => {
      const at = deps.now();
      const { high } = await topicBounds(deps.admin, events);
      const places = await deps.present.places();
      deps.rebuilding.observe(places, at);
      deps.feed.setRebuilding(deps.rebuilding.any());
      const outputEnds = await deps.outputs.ends();
      watermark = deps.tracker.sample({
        at,
        ends: high,
        next: places.map((place) => place.next),
        outputEnds,
        consumed: deps.outputs.consumed(),
      });
      deps.feed.setWatermark(watermark);
      measureDecisions(at);
      rate = eventRate(places, at);
      const partitions = places.map(({ partition, next }) => ({
        partition,
        next,
        end: high[partition] ?? next,
        halted: parts.halted.get(partition) ?? null,
        rebuilding: deps.rebuilding.isBehind(partition),
      }));
      const behind = (of: (partition: number) => number): number =>
        high.reduce((sum, end, p) => sum + Math.max(0, end - of(p)), 0);
      const view: OpsView = {
        eventsPerSecond: round1(rate),
        decisionsPerSecond: round1(decisionRate),
        lag: behind((p) => partitions[p]?.next ?? 0),
        lagSeconds: round1(Math.max(0, at - watermark) / 1000),
        partitions,
        deadLetters24h: parts.deadLetters24h,
        historyLag:
          parts.stored.size === 0 ? 0 : behind((p) => parts.stored.get(p) ?? 0),
        eventToPixelP95Ms: deps.latency.p95(at),
        clients: deps.clients(),
        services: parts.services,
        rulesetVersion: Math.max(0, ...places.map((p) => p.rulesVersion)),
      };
      const op = { op: "set", key: "pipeline", value: asJson(view) } as const;
      deps.feed.queue("ops", undefined, [op], { emitTime: at });
    },
    refreshParts: async () => {
      const [health, ingest, historian, notifier, clickhouse] =
        await Promise.all([
          deps.processor.health(),
          answers(`${deps.ingestUrl}/livez`),
          answers(`${deps.historianUrl}/livez`),
          answers(`${deps.notifierUrl}/livez`),
          deps.past.ping(),
        ]);
      const word = (up: boolean): "up" | "down" => (up ? "up" : "down");
      parts.services = {
        ingest: word(ingest),
        processor: word(health !== null),
        historian: word(historian),
        notifier: word(notifier),
        redis: word(deps.redisUp()),
        clickhouse: word(clickhouse),
      };
      parts.halted = new Map(
        (health ?? []).map((item) => [item.partition, item.halted]),
      );
      if (!clickhouse) return;
      parts.deadLetters24h = await countDeadLetters(deps.past);
      parts.stored = await readStored(deps.past, events);
    },
  };
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
