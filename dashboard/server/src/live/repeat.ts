/** Work done again and again: never twice at once, failures logged. */
import type { Logger } from "pino";

export interface Repeats {
  every: (ms: number, what: string, work: () => Promise<void> | void) => void;
  stop: () => void;
}

export function createRepeats(log: Logger): Repeats {
  const timers: ReturnType<typeof setInterval>[] = [];
  const failing = new Set<string>();

  const once = async (
    what: string,
    work: () => Promise<void> | void,
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
      const timer = setInterval(() => {
        if (busy) return;
        busy = true;
        void once(what, work).finally(() => {
          busy = false;
        });
      }, ms);
      timers.push(timer);
    },
    stop: () => {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
