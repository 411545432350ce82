/** Repeats calls to a store that is away, for as long as it takes. */
import type { Logger } from "pino";
import type { HistoryStore } from "./history-store.ts";

const retryMs = 250;
const retryMaxMs = 5000;

/** Patience ended because the process is stopping. */
export class Ended extends Error {}

export interface Patience {
  readonly run: <T>(what: string, work: () => Promise<T>) => Promise<T>;
  readonly wrap: (store: HistoryStore) => HistoryStore;
  /** What is being waited for now, or null. */
  readonly waitingFor: () => string | null;
  /** No further attempts: waiting calls reject with `Ended`. */
  readonly end: () => void;
}

export function createPatience(log: Logger): Patience {
  let waiting: string | null = null;
  let ended = false;
  const cuts = new Set<() => void>();

  const pause = async (ms: number): Promise<void> =>
    new Promise((go) => {
      const cut = (): void => {
        clearTimeout(timer);
        cuts.delete(cut);
        go();
      };
      const timer = setTimeout(cut, ms);
      cuts.add(cut);
    });

  const run: Patience["run"] = async (what, work) => {
    for (let ms = retryMs; ; ms = Math.min(retryMaxMs, ms * 2)) {
      try {
        const result = await work();
        waiting = null;
        return result;
      } catch (error) {
        if (ended) throw new Ended(what, { cause: error });
        waiting = what;
        log.warn({ what, error: String(error), againInMs: ms }, "store away");
        await pause(ms);
      }
    }
  };

  return {
    run,
    wrap: (store) => ({
      plans: async () => run("plans", store.plans),
      savePlan: async (...args) =>
        run("plan", async () => store.savePlan(...args)),
      insert: async (table, rows, token) =>
        run(table, async () => store.insert(table, rows, token)),
      recentEvents: async (max) =>
        run("events", async () => store.recentEvents(max)),
      clocks: async () => run("clocks", store.clocks),
    }),
    waitingFor: () => waiting,
    end: () => {
      ended = true;
      for (const cut of cuts) cut();
    },
  };
}
