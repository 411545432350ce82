/** The present of a subject, as its fold sees it. Pure. */
import { localDay } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Env, Moment } from "./env.ts";
import { envFor } from "./rule-overrides.ts";

export interface RecordPosition {
  readonly appendedAt: number;
  /** Log time after this record. */
  readonly logTime: number;
  readonly raw: Uint8Array;
}

/** The present of a subject, as its fold sees it. */
export function momentOf(
  customer: Customer,
  env: Env,
  now: number,
  at: RecordPosition,
  over: Partial<Moment>,
): Moment {
  const today = localDay(now, env.rules.zoneOffsetMinutes);
  return {
    env: envFor(env, customer.state, today),
    now,
    today,
    appendedAt: at.appendedAt,
    muted: customer.state.loading !== null,
    cause: [],
    eventTime: now,
    corrected: false,
    ...over,
  };
}
