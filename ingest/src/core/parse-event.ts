/**
 * The boundary of the product: one event of contract 2 as unknown JSON becomes
 * a record of the log, or a problem with a stable code and a path. Pure.
 */
import {
  businessTypes,
  type BusinessRecordName,
  type BusinessType,
  type Fx,
  type Records,
} from "@riskwall/schemas";
import type { TextReader } from "./complaint-text/text-facts.ts";
import { eventData } from "./event-data.ts";
import {
  asFields,
  currency,
  date,
  flag,
  id,
  instant,
  refuse,
  Refusal,
  subjectId,
  text,
  type Fields,
  type Problem,
} from "./fields.ts";

export type { Problem } from "./fields.ts";

export interface ParseContext {
  /** Present, ms: versions of rates grow with it. */
  readonly now: number;
  /**
   * Greatest event time taken, ms; null in a simulated namespace, where the
   * fold alone judges.
   */
  readonly latest: number | null;
  /** `?historical=true` of the request. */
  readonly historical: boolean;
  /** Makes the facts of a complaint's text. */
  readonly readText: TextReader;
}

export interface BusinessEvent {
  readonly kind: "business";
  readonly type: BusinessType;
  readonly name: BusinessRecordName;
  readonly value: Records[BusinessRecordName];
  readonly id: string;
  readonly source: string;
  readonly privileged: boolean;
}

export interface FxEvent {
  readonly kind: "fx";
  readonly type: "fx.published";
  readonly value: Fx;
  readonly id: string;
  readonly source: string;
  readonly privileged: true;
}

export interface RefusedEvent {
  readonly kind: "problem";
  readonly problem: Problem;
  readonly id: string | null;
}

export type Parsed = BusinessEvent | FxEvent | RefusedEvent;

/** How far ahead an event's time may be. */
export const futureMs = 300_000;
const oldest = Date.UTC(2000, 0, 1);
const ratesMax = 200;

/** Types that need the scope credit:write (contract 2). */
const privilegedTypes: ReadonlySet<string> = new Set([
  "customer.limit-set",
  "customer.erased",
  "cover.set",
  "fx.published",
  "group.set",
]);

/** Checks one event; never throws. */
export function parseEvent(input: unknown, context: ParseContext): Parsed {
  try {
    return parse(input, context);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { kind: "problem", problem: error.problem, id: givenId(input) };
  }
}

function givenId(input: unknown): string | null {
  if (typeof input !== "object" || input === null) return null;
  return "id" in input && typeof input.id === "string"
    ? input.id.slice(0, 200)
    : null;
}

function isBusinessType(type: string): type is BusinessType {
  return Object.hasOwn(businessTypes, type);
}

function parse(input: unknown, context: ParseContext): Parsed {
  const event = asFields(input, "$");
  if (event["specversion"] !== undefined && event["specversion"] !== "1.0") {
    refuse("bad_value", "specversion", "only CloudEvents 1.0");
  }
  const envelope = { id: id(event, "id", ""), source: id(event, "source", "") };
  const type = text(event, "type", "");
  const time = eventTime(event, context);
  if (type !== "fx.published" && !isBusinessType(type)) {
    refuse("unknown_type", "type", `${type.slice(0, 60)} is no event type`);
  }
  const data = asFields(event["data"], "data");
  if (type === "fx.published") {
    const value = exchangeRates(data, context.now);
    return { kind: "fx", type, ...envelope, value, privileged: true };
  }
  const value = {
    eventId: envelope.id,
    source: envelope.source,
    time,
    historical: flag(data, "historical", "data.") || context.historical,
    // A group is its own subject: `eventData` names it.
    ...(type === "group.set"
      ? {}
      : { customerId: subjectId(data, "customerId", "data.") }),
    ...eventData[type](data, context.readText),
  };
  return {
    kind: "business",
    type,
    name: businessTypes[type],
    // The reader of a type makes the fields of its record, envelope aside.
    value: value as Records[BusinessRecordName],
    ...envelope,
    privileged: privilegedTypes.has(type),
  };
}

function eventTime(event: Fields, context: ParseContext): number {
  const time = instant(event, "time", "");
  if (context.latest !== null && time > context.latest) {
    refuse("time_in_future", "time", "more than 5 minutes ahead");
  }
  if (time < oldest) refuse("too_old", "time", "before the year 2000");
  return time;
}

const ratePattern = /^\d{1,12}(\.\d{1,12})?$/;

function exchangeRates(data: Fields, now: number): Fx {
  const base = currency(data, "base", "data.");
  const given = Object.entries(asFields(data["rates"], "data.rates"));
  if (given.length === 0 || given.length > ratesMax) {
    refuse("bad_value", "data.rates", `1 to ${String(ratesMax)} rates`);
  }
  const rates: Record<string, string> = {};
  for (const [code, rate] of given) {
    const path = `data.rates.${code.slice(0, 8)}`;
    if (
      typeof rate !== "string" ||
      !ratePattern.test(rate) ||
      !/[1-9]/.test(rate)
    ) {
      refuse("bad_rate", path, "a rate is a positive decimal string");
    }
    currency({ code }, "code", `${path}.`);
    rates[code] = rate;
  }
  const asOf = date(data, "asOf", "data.");
  return { version: now, effectiveAt: 0, asOf, base, rates };
}
