/**
 * Every feature of each customer, once a local day, in ClickHouse: a view of
 * the states in Redis, like all of history. A customer is taken at the first
 * walk of its day at which it has nothing due, so after its day roll; who was
 * away for a whole day leaves a hole, which no later walk fills with a guess.
 */
import type { CustomerView } from "@riskwall/schemas";
import { isCustomer, partitionKeys } from "@riskwall/schemas/names";
import { partitionOf } from "@riskwall/schemas/partition-of";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import type { Logger } from "pino";
import { dayText, localDay } from "../core/calendar.ts";
import type { RuleSet } from "../core/rule-set.ts";
import { createStandingStates, standingIds } from "../standing-states.ts";
import { customerView } from "../view.ts";
import type { HistoryStore } from "./history-store.ts";
import type { Row } from "./log-rows.ts";
import { repeatEvery } from "./repeating.ts";

/** How often all customers are walked through, ms. */
const walkEveryMs = 60_000;
/** How often is asked whether it is time, ms. */
const lookEveryMs = 2000;

export interface FeatureDaysDeps {
  readonly redis: RedisClient;
  readonly namespace: string;
  readonly shipped: RuleSet;
  readonly store: Pick<HistoryStore, "insert"> & {
    /** Customers that have a snapshot of this day (`YYYY-MM-DD`). */
    readonly snapshotsOf: (day: string) => Promise<readonly string[]>;
  };
  /** True while this process is the one that writes history. */
  readonly isWriter: () => boolean;
  readonly now: () => number;
  readonly log: Logger;
  readonly onStored: (table: string, rows: number) => void;
}

const decimal = /^-?\d+(\.\d+)?$/;

/** A view as the row of its day; `next` is the offset it stands before. */
export function featureRow(
  view: CustomerView,
  at: { readonly day: string; readonly now: number; readonly next: number },
): Row {
  const numbers: Record<string, string> = {};
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(view.features)) {
    if (value === null) continue;
    const text = String(value);
    if (typeof value === "number" || decimal.test(text)) numbers[name] = text;
    else texts[name] = text;
  }
  const quality = Object.entries(view.featureQuality);
  return {
    day: at.day,
    customer_id: view.customerId,
    customer_name: view.profile.name,
    segment: view.profile.segment,
    occurred_at: new Date(at.now).toISOString(),
    score: view.score,
    class: view.class,
    currency: view.exposure.currency,
    numbers,
    texts,
    n: Object.fromEntries(quality.map(([name, { n }]) => [name, n])),
    incomplete: quality
      .filter(([, { complete }]) => !complete)
      .map(([name]) => name),
    ruleset_version: view.rulesetVersion,
    partition: partitionOf(view.customerId),
    offset: at.next,
  };
}

/** Starts walking; what fails is said and tried again at the next walk. */
export function startFeatureDays(deps: FeatureDaysDeps): {
  readonly stop: () => Promise<void>;
} {
  const { redis, namespace, store } = deps;
  const states = createStandingStates(deps);
  let taken: { day: string; customers: Set<string> } | null = null;
  let stopped = false;
  let walkedAt = -Infinity;

  const takePiece = async (
    partition: number,
    ids: readonly string[],
    day: string,
    customers: Set<string>,
  ): Promise<void> => {
    // Read before the states: they hold at least what is below it.
    const { meta } = partitionKeys(namespace, partition);
    const next = Number((await redis.hget(meta, "next")) ?? 0);
    const rows: Row[] = [];
    for (const { open, env, now } of await states.read(ids)) {
      const customer = open();
      if (customer === null) continue;
      const { loading, wake } = customer.state;
      if (loading !== null || (wake > 0 && wake <= now)) continue;
      const zone = env.rules.zoneOffsetMinutes;
      if (dayText(localDay(now, zone)) !== day) return;
      const view = customerView(customer, env, now);
      rows.push(featureRow(view, { day, now, next }));
    }
    const [first] = rows;
    if (first === undefined) return;
    const token = `features-${day}-${String(first["customer_id"])}-${String(next)}`;
    await store.insert("feature_snapshots", rows, token);
    deps.onStored("feature_snapshots", rows.length);
    for (const row of rows) customers.add(String(row["customer_id"]));
  };

  const walk = async (): Promise<void> => {
    const { env, now } = await states.present();
    const day = dayText(localDay(now, env.rules.zoneOffsetMinutes));
    if (taken?.day !== day) {
      taken = { day, customers: new Set(await store.snapshotsOf(day)) };
    }
    const { customers } = taken;
    for await (const { partition, ids } of standingIds(deps)) {
      if (stopped) return;
      const piece = ids.filter((id) => isCustomer(id) && !customers.has(id));
      if (piece.length > 0) await takePiece(partition, piece, day, customers);
    }
  };

  const look = async (): Promise<void> => {
    if (!deps.isWriter() || deps.now() - walkedAt < walkEveryMs) return;
    try {
      await walk();
      walkedAt = deps.now();
    } catch (error) {
      deps.log.warn({ error: String(error) }, "daily features, again soon");
    }
  };
  const looking = repeatEvery(lookEveryMs, look);
  return {
    stop: async () => {
      stopped = true;
      await looking.stop();
    },
  };
}
