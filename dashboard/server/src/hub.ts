/**
 * Everything live: outputs and Redis sums go into the feed, whose deltas go to
 * whoever subscribed. Alerts leave at once; all else is coalesced.
 */
import {
  alertView,
  decisionView,
  scoreView,
  type AlertView,
  type CustomerView,
  type DecisionView,
  type Json,
  type LiveDelta,
  type LiveOp,
  type LiveTimes,
  type NamedRecord,
  type OpsView,
  type PulsePoint,
} from "@riskwall/schemas";
import { logPartitions } from "@riskwall/schemas/names";
import type { StateHead } from "@riskwall/schemas/state";
import type { Logger } from "pino";
import { createDirectory, toRow, type Directory } from "./core/directory.ts";
import type { Feed } from "./core/feed.ts";
import { portfolioTotals, rankings } from "./core/portfolio.ts";
import type { Followed } from "./io/kafka.ts";
import type { Present } from "./io/redis.ts";

export const flushEveryMs = 200;
const sumsEveryMs = 500;
const rankEveryMs = 2000;
const opsEveryMs = 1000;
/** States re-read per scan step, and the pause between steps. */
const scanPiece = 2000;
const scanEveryMs = 250;
const listMax = 100;
const closedAlertsMax = 200;
const pulseBucketMs = 5000;
const pulseMax = 360;
const sparkMax = 60;
const sparkEveryMs = 5000;
const dayMs = 86_400_000;
const staleRulesetVersion = 0;

export interface HubDeps {
  readonly present: Present;
  readonly feed: Feed;
  readonly currency: string;
  readonly log: Logger;
  readonly now: () => number;
  /** Ends of the log's partitions. */
  readonly logEnds: () => Promise<ReadonlyMap<number, number>>;
  readonly customerView: (id: string) => Promise<CustomerView | null>;
  readonly deadLetters24h: () => Promise<number>;
  readonly services: () => Promise<Readonly<Record<string, "up" | "down">>>;
  readonly send: (delta: LiveDelta) => void;
  readonly clients: () => number;
  readonly pixelP95: () => number | null;
}

export interface Hub {
  readonly directory: Directory;
  onOutput: (item: Followed) => void;
  /** Loads open alerts and all customers; then the timers run. */
  start: () => Promise<void>;
  stop: () => void;
  alert: (id: string) => AlertView | undefined;
  alerts: () => AlertView[];
  orderCustomer: (orderId: string) => string | null;
  /** Resolves with the outputs that answer an action, or null in time. */
  awaitAction: (actionId: string, ms: number) => Promise<NamedRecord | null>;
  refreshCustomer: (id: string) => Promise<void>;
  watchCustomer: (id: string, watched: boolean) => void;
}

type Timer = ReturnType<typeof setInterval>;

const asJson = (value: unknown): Json => value as Json;

export function createHub(deps: HubDeps): Hub {
  const { feed, present, log } = deps;
  const directory = createDirectory();
  const alerts = new Map<string, AlertView>();
  const closed: string[] = [];
  const openedAt: number[] = [];
  const orders: string[] = [];
  const orderOwners = new Map<string, string>();
  const scores: string[] = [];
  const actions = new Map<string, (record: NamedRecord) => void>();
  const lastPos = new Map<string, { offset: number; n: number }>();
  const dirty = new Set<string>();
  const watched = new Set<string>();
  const timers: Timer[] = [];
  let pulse: PulsePoint[] = [];
  let bucket = { at: 0, orders: 0, alerts: 0, events: 0 };
  let lastNext = { at: 0, sum: 0 };
  let rate = 0;
  let decisionCount = 0;
  let decisionRate = 0;
  const sparks = {
    exposure: [] as string[],
    overdueRate: [] as string[],
    expectedLoss: [] as string[],
    utilisation: [] as string[],
    highRisk: [] as number[],
    alerts24h: [] as number[],
  };
  let sparkAt = 0;
  let watermark = deps.now();

  const times = (over: Partial<LiveTimes> = {}): LiveTimes => ({
    emitTime: deps.now(),
    ...over,
  });
  const set = (key: string, value: unknown): LiveOp => ({
    op: "set",
    key,
    value: asJson(value),
  });

  const isFresh = (item: Followed): boolean => {
    const { record } = item;
    if (!("n" in record.value) || !("offset" in record.value)) return true;
    const key = `${item.topic}/${String(item.partition)}`;
    const last = lastPos.get(key);
    const { offset, n } = record.value;
    if (
      last &&
      (offset < last.offset || (offset === last.offset && n <= last.n))
    ) {
      return false;
    }
    lastPos.set(key, { offset, n });
    return true;
  };

  const isActive = (view: AlertView): boolean =>
    ["open", "acknowledged", "snoozed"].includes(view.state);

  const keepAlert = (
    view: AlertView,
    appendedAt: number,
    live: boolean,
  ): void => {
    const before = alerts.get(view.alertId);
    if (before && before.version >= view.version) return;
    if (before === undefined && view.version === 1 && live) {
      openedAt.push(deps.now());
      bucket.alerts += 1;
    }
    alerts.set(view.alertId, view);
    const ops: LiveOp[] = [set(view.alertId, view)];
    if (!isActive(view) && view.state !== "confirmed") {
      closed.push(view.alertId);
      while (closed.length > closedAlertsMax) {
        const gone = closed.shift();
        if (gone === undefined) break;
        alerts.delete(gone);
        ops.push({ op: "del", key: gone });
      }
    }
    const eventTime = Date.parse(view.eventTime);
    deps.send(
      feed.commit(
        "alerts",
        undefined,
        ops,
        times({ eventTime, appendTime: appendedAt }),
      ),
    );
  };

  const keepList = (
    topic: "orders" | "scores",
    list: string[],
    key: string,
    value: unknown,
    when: LiveTimes,
  ): void => {
    list.push(key);
    const ops: LiveOp[] = [set(key, value)];
    while (list.length > listMax) {
      const gone = list.shift();
      if (gone !== undefined) ops.push({ op: "del", key: gone });
    }
    feed.queue(topic, undefined, ops, when);
  };

  const keepDecision = (
    view: DecisionView,
    amountBase: number,
    appendedAt: number,
  ): void => {
    decisionCount += 1;
    bucket.orders += view.trigger === "order" ? amountBase : 0;
    orderOwners.delete(view.orderId);
    orderOwners.set(view.orderId, view.customerId);
    if (orderOwners.size > 50_000) {
      const oldest = orderOwners.keys().next().value;
      if (oldest !== undefined) orderOwners.delete(oldest);
    }
    keepList(
      "orders",
      orders,
      view.id,
      view,
      times({ appendTime: appendedAt }),
    );
  };

  const onOutput = (item: Followed): void => {
    if (!isFresh(item)) return;
    const { record, appendedAt } = item;
    if ("customerId" in record.value && record.value.customerId) {
      dirty.add(record.value.customerId);
    }
    switch (record.name) {
      case "Alert":
        keepAlert(alertView(record.value), appendedAt, true);
        break;
      case "Decision":
        if (!record.value.muted) {
          keepDecision(
            decisionView(record.value),
            record.value.amountBase,
            appendedAt,
          );
        }
        break;
      case "ScoreChange":
        if (!record.value.muted && record.value.from !== null) {
          const view = scoreView(record.value);
          keepList(
            "scores",
            scores,
            view.id,
            view,
            times({ appendTime: appendedAt }),
          );
        }
        break;
      default:
        break;
    }
    const actionId = "actionId" in record.value ? record.value.actionId : null;
    if (actionId !== null) {
      actions.get(actionId)?.(record);
    }
  };

  const takeHeads = (heads: readonly StateHead[]): void => {
    for (const head of heads) directory.put(toRow(head, deps.currency));
  };

  const scan = async (): Promise<void> => {
    for (let partition = 0; partition < logPartitions; partition += 1) {
      const ids = await present.ids(partition);
      for (let i = 0; i < ids.length; i += scanPiece) {
        takeHeads(await present.heads(ids.slice(i, i + scanPiece)));
        await new Promise((go) => setTimeout(go, scanEveryMs / 5));
      }
    }
  };

  const refreshDirty = async (): Promise<void> => {
    const ids = [...dirty].slice(0, scanPiece);
    for (const id of ids) dirty.delete(id);
    takeHeads(await present.heads(ids));
    for (const id of ids) if (watched.has(id)) await refreshCustomer(id);
  };

  const refreshCustomer = async (id: string): Promise<void> => {
    const view = await deps.customerView(id);
    if (view === null) return;
    feed.queue("customer", { id }, [set("view", view)], times());
  };

  const alerts24h = (): number => {
    const from = deps.now() - dayMs;
    while (openedAt.length > 0 && (openedAt[0] ?? 0) < from) openedAt.shift();
    return openedAt.length;
  };

  const refreshSums = async (): Promise<void> => {
    const totals = portfolioTotals(
      await present.totals(),
      alerts24h(),
      deps.currency,
      watermark,
    );
    feed.queue("portfolio", undefined, [set("totals", totals)], times());
    const now = deps.now();
    if (now - sparkAt < sparkEveryMs) return;
    sparkAt = now;
    const push = <T>(list: T[], value: T): void => {
      list.push(value);
      if (list.length > sparkMax) list.shift();
    };
    push(sparks.exposure, totals.exposure);
    push(sparks.overdueRate, totals.overdueRate);
    push(sparks.expectedLoss, totals.expectedLoss);
    push(sparks.utilisation, totals.utilisation);
    push(sparks.highRisk, totals.highRisk);
    push(sparks.alerts24h, totals.alerts24h);
    feed.queue("portfolio", undefined, [set("sparks", sparks)], times());
  };

  const refreshRanks = (): void => {
    const ranks = rankings([...directory.rows()]);
    const ops = Object.entries(ranks).map(([key, value]) => set(key, value));
    feed.queue("portfolio", undefined, ops, times());
  };

  const closeBucket = (): void => {
    const at = Math.floor(deps.now() / pulseBucketMs) * pulseBucketMs;
    if (bucket.at === at) return;
    if (bucket.at > 0) {
      const point: PulsePoint = {
        at: bucket.at,
        events: bucket.events,
        orderAmount: (bucket.orders / 100).toFixed(2),
        alerts: bucket.alerts,
      };
      pulse = [...pulse, point].slice(-pulseMax);
      feed.queue("portfolio", undefined, [set("pulse", pulse)], times());
    }
    bucket = { at, orders: 0, alerts: 0, events: 0 };
  };

  const refreshOps = async (): Promise<void> => {
    const now = deps.now();
    const [places, ends, services, deadLetters24h] = await Promise.all([
      present.places(),
      deps.logEnds(),
      deps.services(),
      deps.deadLetters24h(),
    ]);
    const sum = places.reduce((total, place) => total + place.next, 0);
    const seconds = (now - lastNext.at) / 1000;
    if (lastNext.at > 0 && seconds > 0) {
      rate = Math.max(0, (sum - lastNext.sum) / seconds);
      decisionRate = decisionCount / seconds;
      bucket.events += Math.max(0, sum - lastNext.sum);
    }
    decisionCount = 0;
    lastNext = { at: now, sum };
    const partitions = places.map((place) => ({
      partition: place.partition,
      next: place.next,
      end: ends.get(place.partition) ?? place.next,
      halted: null,
    }));
    const lag = partitions.reduce(
      (total, p) => total + Math.max(0, p.end - p.next),
      0,
    );
    // Nothing unread: read up to now. Else up to the slowest partition's time.
    const behind = places.filter(
      (place) => (ends.get(place.partition) ?? place.next) > place.next,
    );
    watermark =
      behind.length === 0
        ? now
        : Math.min(
            now,
            ...behind.map((place) =>
              place.logTime > 0 ? place.logTime : watermark,
            ),
          );
    feed.setWatermark(watermark);
    const row: OpsView = {
      eventsPerSecond: Math.round(rate * 10) / 10,
      decisionsPerSecond: Math.round(decisionRate * 10) / 10,
      lag,
      lagSeconds: Math.round((now - watermark) / 100) / 10,
      partitions,
      deadLetters24h,
      historyLag: 0,
      eventToPixelP95Ms: deps.pixelP95(),
      clients: deps.clients(),
      services,
      rulesetVersion: Math.max(
        staleRulesetVersion,
        ...places.map((p) => p.rulesVersion),
      ),
    };
    feed.queue("ops", undefined, [set("pipeline", row)], times());
  };

  /** Runs work again and again, never twice at once; failures are logged. */
  const every = (
    ms: number,
    what: string,
    work: () => Promise<void> | void,
  ): void => {
    let busy = false;
    timers.push(
      setInterval(() => {
        if (busy) return;
        busy = true;
        Promise.resolve()
          .then(work)
          .catch((error: unknown) => {
            log.warn({ what, error: String(error) }, "refresh failed");
          })
          .finally(() => {
            busy = false;
          });
      }, ms),
    );
  };

  const loadAlerts = async (): Promise<void> => {
    for (const row of [...directory.rows()]) {
      if (row.openAlerts === 0) continue;
      const state = await present.state(row.customerId);
      for (const alert of state?.alerts ?? []) {
        keepAlert(alertView(alert), alert.updatedAt, false);
        if (alert.openedAt > deps.now() - dayMs) openedAt.push(alert.openedAt);
      }
      for (const order of state?.orders ?? []) {
        if (order.status === 1) orderOwners.set(order.id, row.customerId);
      }
    }
    openedAt.sort((a, b) => a - b);
  };

  return {
    directory,
    onOutput,
    start: async () => {
      await scan();
      await loadAlerts();
      await refreshSums();
      refreshRanks();
      await refreshOps();
      every(flushEveryMs, "flush", () => {
        for (const delta of feed.flush(deps.now())) deps.send(delta);
      });
      every(sumsEveryMs, "sums", refreshSums);
      every(rankEveryMs, "ranks", refreshRanks);
      every(opsEveryMs, "ops", refreshOps);
      every(1000, "pulse", closeBucket);
      every(scanEveryMs, "changed customers", refreshDirty);
      every(5000, "scan", scan);
      every(1000, "customer pages", async () => {
        for (const id of watched) await refreshCustomer(id);
      });
    },
    stop: () => {
      for (const timer of timers) clearInterval(timer);
    },
    alert: (id) => alerts.get(id),
    alerts: () => [...alerts.values()],
    orderCustomer: (orderId) => orderOwners.get(orderId) ?? null,
    awaitAction: async (actionId, ms) =>
      new Promise((done) => {
        const timer = setTimeout(() => {
          actions.delete(actionId);
          done(null);
        }, ms);
        actions.set(actionId, (record) => {
          clearTimeout(timer);
          actions.delete(actionId);
          done(record);
        });
      }),
    refreshCustomer,
    watchCustomer: (id, on) => {
      if (on) watched.add(id);
      else watched.delete(id);
    },
  };
}
