/**
 * Which records are too late or of the future, and what is said of one that is
 * refused. Pure.
 */
import type { BusinessRecord } from "@riskwall/schemas";
import { contractType } from "@riskwall/schemas";
import { dayMs, minuteMs } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Emitter } from "./emit.ts";
import type { Env } from "./env.ts";
import type { RecordPosition } from "./moment.ts";

export const futureMs = 5 * minuteMs;

export const latenessMs = 7 * dayMs;

/** Future and late records are judged against their own append time. */
export function refuseByTime(
  customer: Customer,
  record: BusinessRecord,
  env: Env,
  at: RecordPosition,
  emitter: Emitter,
): StepOutcome | null {
  const { value: event } = record;
  if (event.time > at.appendedAt + futureMs) {
    emitter.deadLetter(deadLetterOf(record, "FUTURE", at, emitter));
    return "rejected";
  }
  const sealedAt = env.sealed.get(event.source);
  // The ids of a sealed source are gone: what is not above its floor may be a
  // repeat, whether it comes as history or live.
  const reason =
    sealedAt !== undefined && event.time <= sealedAt
      ? "sealed"
      : event.historical
        ? null
        : event.time < at.appendedAt - latenessMs
          ? "beyond-window"
          : event.time <= customer.state.floor
            ? "below-floor"
            : null;
  if (reason === null) return null;
  emitter.late({
    reason,
    eventId: event.eventId,
    source: event.source,
    type: contractType(record.name),
    customerId: event.customerId,
    time: event.time,
    appendedAt: at.appendedAt,
    raw: at.raw,
  });
  return "late";
}

export function deadLetterOf(
  record: BusinessRecord,
  code: string,
  at: RecordPosition,
  emitter: Emitter,
): Parameters<Emitter["deadLetter"]>[0] {
  const { value } = record;
  return {
    id: `fold-${String(emitter.partition)}-${String(emitter.offset)}`,
    at: at.appendedAt,
    stage: "fold",
    source: value.source,
    eventId: value.eventId,
    customerId: value.customerId,
    type: contractType(record.name),
    code,
    path: null,
    message: `the fold refused the record: ${code}`,
    raw: at.raw,
    topic: null,
    partition: emitter.partition,
    offset: emitter.offset,
  };
}

/** What became of a record; a metric label. */
export type StepOutcome =
  "applied" | "duplicate" | "late" | "rejected" | "timer" | "forwarded";
