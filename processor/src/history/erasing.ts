/**
 * Whom the log erases leaves the history, too (architecture 4): rows go, and
 * records of the archive become stubs that keep their place. What comes late,
 * or is inserted again after a crash, goes at the next look; Kafka and backups
 * age out by themselves.
 */
import type { Logger } from "pino";
import type { Erasure, ErasureStore } from "./erasure-store.ts";
import { repeatEvery } from "./repeating.ts";

const lookEveryMs = 10_000;
/** The first look goes back so far: longer than Kafka and backups keep. */
const firstLookMs = 40 * 86_400_000;
/** Later looks overlap by as much: history may be that late. */
const overlapMs = 3_600_000;
/** Looked after until nothing was left of it for so long after its append. */
const settledMs = 3_600_000;

export interface EraserDeps {
  readonly store: ErasureStore;
  readonly now: () => number;
}

/** Answers one look, which says how many customers had something left. */
export function createEraser({
  store,
  now,
}: EraserDeps): () => Promise<number> {
  const watched = new Map<string, Erasure>();
  let lookedAt: number | null = null;
  return async () => {
    const at = now();
    const since = lookedAt === null ? at - firstLookMs : lookedAt - overlapMs;
    for (const erasure of await store.erasures(since)) {
      const { customerId, partition } = erasure;
      watched.set(`${String(partition)}/${customerId}`, erasure);
    }
    lookedAt = at;
    let left = 0;
    for (const [key, erasure] of watched) {
      if (await store.erase(erasure)) left += 1;
      else if (at - erasure.appendedAt > settledMs) watched.delete(key);
    }
    return left;
  };
}

export interface ErasingDeps extends EraserDeps {
  readonly log: Logger;
  /** Only who writes the history removes from it. */
  readonly isWriter: () => boolean;
}

/** Looks again and again; while ClickHouse is away it is only late. */
export function startErasing(deps: ErasingDeps): {
  readonly stop: () => Promise<void>;
} {
  const look = createEraser(deps);
  const lookOnce = async (): Promise<void> => {
    if (!deps.isWriter()) return;
    try {
      const left = await look();
      if (left > 0) deps.log.info({ customers: left }, "erased from history");
    } catch (error) {
      deps.log.warn({ error: String(error) }, "erasure, again soon");
    }
  };
  return repeatEvery(lookEveryMs, lookOnce);
}
