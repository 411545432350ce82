/** An open load: what is due is sent when due, however slow the answers are. */

/** Sends without an answer at most; beyond it the schedule waits and is late. */
const inFlightMax = 2000;

export interface PacedOptions {
  /** Sends per second. */
  readonly rate: number;
  readonly seconds: number;
  /** Ends the load before its time. */
  readonly signal?: AbortSignal;
  /**
   * Sends number `i`, which was due at `dueMs` (epoch). Times are counted from
   * there, so that a stall of the sender is seen (coordinated omission).
   */
  readonly send: (i: number, dueMs: number) => Promise<void>;
}

const pause = async (ms: number): Promise<void> =>
  new Promise((go) => setTimeout(go, ms));

/** Epoch ms with a fraction, steady within a run. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Runs the schedule and waits for every answer; rejects with the first error. */
export async function runPaced(options: PacedOptions): Promise<void> {
  const { rate, seconds, send } = options;
  const count = Math.round(rate * seconds);
  const started = nowMs();
  const open = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const goesOn = (): boolean =>
    failures.length === 0 && options.signal?.aborted !== true;
  for (let i = 0; i < count && goesOn(); i += 1) {
    const due = started + (i * 1000) / rate;
    const early = due - nowMs();
    if (early > 0) await pause(early);
    while (open.size >= inFlightMax) await Promise.race(open);
    const sent = send(i, due)
      .catch((error: unknown) => {
        failures.push(error);
      })
      .finally(() => {
        open.delete(sent);
      });
    open.add(sent);
  }
  await Promise.all(open);
  if (failures.length > 0) throw failures[0];
}
