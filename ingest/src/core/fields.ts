/**
 * Readers of one field of unknown JSON. Each returns the value in the unit of
 * the log (days, ms, minor units) or throws a `Refusal` with a stable code and
 * the path of the field; `parseEvent` turns the refusal into a value.
 */
import { parseMinor } from "@riskwall/schemas/money";
import {
  dayNumber,
  localDay,
  localDayStart,
  parseInstant,
} from "./instants.ts";

/** Why an event, or one of its fields, was refused. */
export interface Problem {
  /** Stable; one of the codes in this folder. */
  readonly code: string;
  readonly message: string;
  /** Dotted path from the event, "$" for the event itself. */
  readonly path: string;
}

export class Refusal extends Error {
  readonly problem: Problem;
  constructor(code: string, path: string, message: string) {
    super(message);
    this.problem = { code, path, message };
  }
}

export type Fields = Readonly<Record<string, unknown>>;
export type Range = readonly [least: number, greatest: number];

export const idMaxChars = 128;
export const wordMaxChars = 500;

export function refuse(code: string, path: string, message: string): never {
  throw new Refusal(code, path, message);
}

/** The same reader for a field that may be left out or null. */
export function optional<T>(
  read: (fields: Fields, name: string, path: string) => T,
): (fields: Fields, name: string, path: string) => T | null {
  return (fields, name, path) =>
    isAbsent(fields[name]) ? null : read(fields, name, path);
}

export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

export function asFields(value: unknown, path: string): Fields {
  if (isAbsent(value)) refuse("missing_field", path, "an object is required");
  if (typeof value !== "object" || Array.isArray(value)) {
    refuse("bad_type", path, "must be an object");
  }
  return value as Fields;
}

/** A non-empty string of at most `max` characters. */
export function text(
  fields: Fields,
  name: string,
  path: string,
  max = wordMaxChars,
): string {
  const value = fields[name];
  const at = path + name;
  if (isAbsent(value)) refuse("missing_field", at, `${name} is required`);
  if (typeof value !== "string" || value === "") {
    refuse("bad_type", at, `${name} must be a non-empty string`);
  }
  if (value.length > max) {
    refuse("text_too_long", at, `at most ${String(max)} characters`);
  }
  return value;
}

/** A `text` reader with its own greatest length. */
export function textUpTo(
  max: number,
): (fields: Fields, name: string, path: string) => string {
  return (fields, name, path) => text(fields, name, path, max);
}

// eslint-disable-next-line no-control-regex -- these are what an id may not hold
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** 1-128 characters, no control characters, well-formed Unicode. */
export function id(fields: Fields, name: string, path: string): string {
  const value = text(fields, name, path, Infinity);
  if (value.length > idMaxChars) {
    refuse(
      "id_too_long",
      path + name,
      `at most ${String(idMaxChars)} characters`,
    );
  }
  if (control.test(value) || !value.isWellFormed()) {
    refuse("bad_id", path + name, `${name} holds control characters`);
  }
  return value;
}

/** An id of a customer or document: `#` begins the log's own subjects. */
export function subjectId(fields: Fields, name: string, path: string): string {
  const value = id(fields, name, path);
  if (value.startsWith("#")) {
    refuse("bad_id", path + name, `${name} must not begin with #`);
  }
  return value;
}

/** Ms since 1970 of an RFC 3339 instant with offset. */
export function instant(fields: Fields, name: string, path: string): number {
  const value = text(fields, name, path, Infinity);
  return (
    parseInstant(value) ??
    refuse("bad_time", path + name, "must be an RFC 3339 instant with offset")
  );
}

/** Days since 1970 of `YYYY-MM-DD`. */
export function date(fields: Fields, name: string, path: string): number {
  const value = text(fields, name, path, Infinity);
  return (
    dayNumber(value) ??
    refuse("bad_date", path + name, "must be a date YYYY-MM-DD")
  );
}

/** Days since 1970: a plain date, or the seller's day of an instant. */
export function dayOrInstant(
  fields: Fields,
  name: string,
  path: string,
): number {
  const value = text(fields, name, path, Infinity);
  const ms = parseInstant(value);
  return (
    dayNumber(value) ??
    (ms === null ? null : localDay(ms)) ??
    refuse(
      "bad_date",
      path + name,
      "must be a date YYYY-MM-DD, or an RFC 3339 instant with offset",
    )
  );
}

/** Ms: an instant, or the first ms of a plain date in the seller's zone. */
export function startOf(fields: Fields, name: string, path: string): number {
  const day = dayNumber(text(fields, name, path, Infinity));
  return day === null ? instant(fields, name, path) : localDayStart(day);
}

/** Ms, exclusive: an instant, or the end of a plain date. */
export function endOf(fields: Fields, name: string, path: string): number {
  const day = dayNumber(text(fields, name, path, Infinity));
  return day === null ? instant(fields, name, path) : localDayStart(day + 1);
}

/** ISO 4217 code that the product knows. */
export function currency(fields: Fields, name: string, path: string): string {
  const value = text(fields, name, path, Infinity);
  if (parseMinor("0", value) === "currency_unknown") {
    const shown = value.slice(0, 8);
    refuse("currency_unknown", path + name, `${shown} is not a known currency`);
  }
  return value;
}

const amountMessages: Readonly<Record<string, string>> = {
  amount_not_string: "amounts are decimal strings",
  amount_malformed: 'must be a decimal such as "125.50"',
  amount_negative: "must not be negative",
  amount_too_precise: "too many decimals for the currency",
  amount_too_large: "larger than an event may carry",
};

/** Minor units of the currency `code`. */
export function amountOf(value: unknown, code: string, path: string): number {
  if (isAbsent(value)) refuse("missing_field", path, "an amount is required");
  const minor = parseMinor(value, code);
  if (typeof minor === "number") return minor;
  return refuse(minor, path, amountMessages[minor] ?? minor);
}

/**
 * An amount that may be left out, and its currency. What is no string is named
 * as such before a missing currency is.
 */
export function optionalMoney(
  fields: Fields,
  name: string,
  path: string,
): { amount: number | null; currency: string | null } {
  const value = fields[name];
  const given = !isAbsent(value);
  if (given && typeof value !== "string") amountOf(value, "CNY", path + name);
  if (!given && isAbsent(fields["currency"])) {
    return { amount: null, currency: null };
  }
  const code = currency(fields, "currency", path);
  return {
    amount: given ? amountOf(value, code, path + name) : null,
    currency: code,
  };
}

/** The pair `amount`, `currency`. */
export function money(
  fields: Fields,
  path: string,
): { amount: number; currency: string } {
  const value = fields["amount"];
  if (isAbsent(value)) {
    refuse("missing_field", `${path}amount`, "amount is required");
  }
  if (typeof value !== "string") amountOf(value, "CNY", `${path}amount`);
  const code = currency(fields, "currency", path);
  return { amount: amountOf(value, code, `${path}amount`), currency: code };
}

/** A whole number within the range. */
export function whole(
  range: Range,
): (fields: Fields, name: string, path: string) => number {
  return (fields, name, path) => {
    const value = fields[name];
    const at = path + name;
    if (isAbsent(value)) refuse("missing_field", at, `${name} is required`);
    if (typeof value !== "number" || !Number.isInteger(value)) {
      refuse("bad_type", at, `${name} must be a whole number`);
    }
    if (value < range[0] || value > range[1]) {
      const span = range.map(String).join(" to ");
      refuse("out_of_range", at, `${name} must be from ${span}`);
    }
    return value;
  };
}

/** 0 to 100 with at most so many decimals, in units of the last of them. */
export function percent(
  decimals: 1 | 2,
): (fields: Fields, name: string, path: string) => number {
  const scale = 10 ** decimals;
  return (fields, name, path) => {
    const value = fields[name];
    const at = path + name;
    if (isAbsent(value)) refuse("missing_field", at, `${name} is required`);
    if (typeof value !== "number" || !Number.isFinite(value)) {
      refuse("bad_type", at, `${name} must be a number`);
    }
    if (value < 0 || value > 100) {
      refuse("out_of_range", at, `${name} must be from 0 to 100`);
    }
    const scaled = Math.round(value * scale);
    if (Math.abs(scaled - value * scale) > 1e-6) {
      const most = String(decimals);
      refuse("bad_value", at, `${name} has more than ${most} decimals`);
    }
    return scaled;
  };
}

/** False when absent. */
export function flag(fields: Fields, name: string, path: string): boolean {
  const value = fields[name];
  if (isAbsent(value)) return false;
  if (typeof value !== "boolean") {
    refuse("bad_type", path + name, `${name} must be true or false`);
  }
  return value;
}

/** One of a closed list of words. */
export function oneOf<T extends string>(
  values: readonly T[],
): (fields: Fields, name: string, path: string) => T {
  return (fields, name, path) => {
    const value = text(fields, name, path, Infinity);
    const found = values.find((item) => item === value);
    const words = values.join(", ");
    return found ?? refuse("bad_value", path + name, `must be one of ${words}`);
  };
}

/** Entries of an array, empty when absent, each read with its own path. */
export function list<T>(
  fields: Fields,
  name: string,
  path: string,
  max: number,
  read: (entry: unknown, path: string) => T,
): T[] {
  const value = fields[name];
  const at = path + name;
  if (isAbsent(value)) return [];
  if (!Array.isArray(value)) {
    refuse("bad_type", at, `${name} must be an array`);
  }
  if (value.length > max) {
    refuse("list_too_long", at, `at most ${String(max)} entries`);
  }
  return value.map((entry: unknown, i) => read(entry, `${at}[${String(i)}]`));
}
