/** Work done again and again: never twice at once, failures logged. */
import type { Logger } from "pino";

export interface Repeats {
  /** Answers a way to have it done now, or once more after the running one. */
  every: (ms: number, what: string, work: () => Promise<void>) => () => void;
  /** Resolves when no work is running any more. */
  stop: () => Promise<void>;
}

export function createRepeats(log: Logger): Repeats {
  const timers: ReturnType<typeof setInterval>[] = [];
  const failing = new Set<string>();
  const running = new Set<Promise<void>>();
  let stopped = false;

  const once = async (
    what: string,
    work: () => Promise<void>,
  ): Promise<void> => {
    try {
      await work();
      if (failing.delete(what)) log.info({ what }, "works again");
    } catch (error) {
      // One line when it begins to fail, not one per try.
      if (failing.has(what)) return;
      failing.add(what);
      log.warn({ what, error: String(error) }, "fails; it is tried again");
    }
  };

  return {
    every: (ms, what, work) => {
      let busy = false;
      let again = false;
      const go = (): void => {
        if (stopped) return;
        if (busy) {
          again = true;
          return;
        }
        busy = true;
        const task = once(what, work).finally(() => {
          running.delete(task);
          busy = false;
          if (!again) return;
          again = false;
          go();
        });
        running.add(task);
      };
      timers.push(setInterval(go, ms));
      return go;
    },
    stop: async () => {
      stopped = true;
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running);
    },
  };
}
