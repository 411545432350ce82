import { backOffMs } from "./back-off.ts";

export interface Reconnect {
  /** The connection stands: the next failure waits little again. */
  succeeded: () => void;
  /** Tries again after the back-off; a try already planned stands. */
  later: () => void;
  /** Tries again after that many ms, whatever was planned. */
  after: (ms: number) => void;
  /** Plans nothing any more. */
  stop: () => void;
}

export interface ReconnectDeps {
  readonly connect: () => void;
  /** Own ms of the next try; 0 = none is planned. */
  readonly onPlan: (atMs: number) => void;
}

/** One planned attempt to connect at a time. */
export function createReconnect(deps: ReconnectDeps): Reconnect {
  let attempt = 0;
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const after = (ms: number): void => {
    if (stopped) return;
    if (timer !== null) clearTimeout(timer);
    deps.onPlan(Date.now() + ms);
    timer = setTimeout(() => {
      timer = null;
      deps.onPlan(0);
      deps.connect();
    }, ms);
  };
  return {
    succeeded: () => {
      attempt = 0;
    },
    later: () => {
      if (timer === null) after(backOffMs(attempt, Math.random()));
      attempt += 1;
    },
    after,
    stop: () => {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
