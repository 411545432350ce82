/** Where reading goes on, as the store and the log say it. */
import type { Clock } from "@riskwall/schemas";
import type { Codec } from "@riskwall/schemas/codec";
import type { Admin } from "kafkajs";
import type { HistoryStore, StoredClock } from "./history-store.ts";
import type { Patience } from "./patience.ts";
import { generationMax } from "./recent-events.ts";
import type { Start } from "./recorder.ts";
import { trackKey, trackOf, type Track } from "./tracks.ts";

/**
 * Sequences between two writers. A plan that the writer before sent just
 * before its end may land after the plans were read; it must lose against
 * every plan made since. So each writer leaves a mark above all it has read,
 * and plans above the mark: what is still on its way is below.
 */
export const planSeqGap = 1000;
/** Topic of the mark; no topic is called so. */
export const markTopic = "#writer";

export interface StartDeps {
  readonly store: HistoryStore;
  readonly codec: Codec;
  readonly admin: Admin;
  readonly patience: Patience;
}

/** Where the store says that reading goes on. */
export async function readStart(
  deps: StartDeps,
  assigned: readonly { readonly topic: string; readonly partition: number }[],
): Promise<Start> {
  const store = deps.patience.wrap(deps.store);
  const { plans, seq: newest } = await store.plans();
  const seq = newest + planSeqGap;
  const none = { from: 0, to: 0, posOffset: -1, posN: -1 };
  const mark = { topic: markTopic, partition: 0, ...none };
  await store.savePlan([mark], "", true, seq);
  const stored = new Map(
    plans.map((plan) => [trackKey(plan.topic, plan.partition), plan]),
  );
  const lows = new Map<string, number>();
  for (const topic of new Set(assigned.map((item) => item.topic))) {
    for (const row of await deps.admin.fetchTopicOffsets(topic)) {
      lows.set(trackKey(topic, row.partition), Number(row.low));
    }
  }
  const tracks = assigned.map(({ topic, partition }): Track => {
    const key = trackKey(topic, partition);
    const low = lows.get(key) ?? 0;
    return trackOf(topic, partition, low, stored.get(key) ?? null);
  });
  return {
    tracks,
    planSeq: seq,
    clocks: decodeClocks(await store.clocks(), deps.codec),
    recent: await store.recentEvents(generationMax),
  };
}

function decodeClocks(
  stored: readonly StoredClock[],
  codec: Codec,
): Map<number, Clock> {
  const clocks = new Map<number, Clock>();
  for (const { partition, value } of stored) {
    const decoded = codec.decode(value);
    if (decoded.kind === "record" && decoded.record.name === "Clock") {
      clocks.set(partition, decoded.record.value);
    }
  }
  return clocks;
}
