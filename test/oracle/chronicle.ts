/**
 * One partition of the log, read again from offset 0: log time, control
 * records, identity, what is late. Every applied event is kept whole, by
 * customer, in plain maps and arrays (architecture 4).
 */
import {
  businessTypes,
  type BusinessRecord,
  type Clock,
  type Fx,
  type NamedRecord,
  type OperatorAction,
  type RuleSet,
} from "@riskwall/schemas";
import type { Rates } from "./rates.ts";
import { rulesOf, shippedRules, type Rules } from "./rules.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** `time` may be ahead of the append by this much (FUTURE). */
export const futureMs = 5 * minuteMs;
/** Live events older than this at the append are late. */
export const latenessMs = 7 * dayMs;
/** Identities are remembered this long, and at most so many per customer. */
const rememberedMs = 8 * dayMs;
export const rememberedMax = 4096;
/** A customer is loading until so long after its last historical record. */
const loadingMs = 10 * minuteMs;

/** A record of the log with its place; null: its bytes are no record. */
export interface LogEntry {
  readonly offset: number;
  /** Broker append time, ms. */
  readonly appendedAt: number;
  readonly record: NamedRecord | null;
}

export type CustomerRecord =
  | BusinessRecord
  | { readonly name: "OperatorAction"; readonly value: OperatorAction };

/** An event that counts for its customer. */
export interface Applied {
  readonly record: CustomerRecord;
  readonly offset: number;
  /** Log time at which it was applied, ms. */
  readonly logTime: number;
  /** The customer's present then: log time, or its own clock while loading. */
  readonly now: number;
  readonly rates: Rates;
  readonly rules: Rules;
}

interface Remembered {
  readonly key: string;
  readonly time: number;
}

/** All that the log says about one customer. */
export interface Dossier {
  readonly id: string;
  readonly events: Applied[];
  duplicates: number;
  late: number;
  /** Greatest event time seen, ms. */
  clock: number;
  /** Events at or below it are late; 0 = none. */
  floor: number;
  /** While history is loaded: until when, log time. */
  loadingUntil: number | null;
  /** Identities of live events, as applied. */
  remembered: Remembered[];
  /** Identities of history, until the source is sealed. */
  readonly history: Map<string, string>;
}

export interface Chronicle {
  readonly customers: Map<string, Dossier>;
  /** Customers that took part in a merge: their ledger is of two streams. */
  readonly merged: Set<string>;
  /** Position: the next offset to read. */
  next: number;
  /** Greatest log time, ms. */
  logTime: number;
  rules: Rules;
  rates: Rates;
  clock: Clock | null;
  /** The records that rules and rates come from; null before any. */
  published: { ruleSet: RuleSet | null; fx: Fx | null };
  /** Floor of every sealed source, ms. */
  readonly sealed: Map<string, number>;
  /** Control records that wait for their `effectiveAt`. */
  waiting: NamedRecord[];
  versions: { rules: number; rates: number; clock: number };
  /** Records passed on the word of a person. */
  readonly skipped: Set<number>;
  deadLetters: number;
}

export function createChronicle(skipped: readonly number[] = []): Chronicle {
  const rules = shippedRules();
  return {
    customers: new Map(),
    merged: new Set(),
    next: 0,
    logTime: 0,
    rules,
    rates: { base: rules.currency, rates: {} },
    clock: null,
    published: { ruleSet: null, fx: null },
    sealed: new Map(),
    waiting: [],
    versions: { rules: 0, rates: 0, clock: 0 },
    skipped: new Set(skipped),
    deadLetters: 0,
  };
}

/** Append time, or the simulated time that a `clock` record maps it to. */
function timeOf(chronicle: Chronicle, appendedAt: number): number {
  const { clock } = chronicle;
  if (clock === null || appendedAt < clock.anchorAppend) return appendedAt;
  const { anchorAppend, anchorTime, speed } = clock;
  return Math.round(anchorTime + (appendedAt - anchorAppend) * speed);
}

const businessNames: ReadonlySet<string> = new Set(
  Object.values(businessTypes),
);

function isCustomerRecord(record: NamedRecord): record is CustomerRecord {
  return businessNames.has(record.name) || record.name === "OperatorAction";
}

/** Reads one record of the partition. */
export function readEntry(chronicle: Chronicle, entry: LogEntry): void {
  chronicle.next = entry.offset + 1;
  chronicle.logTime = Math.max(
    chronicle.logTime,
    timeOf(chronicle, entry.appendedAt),
  );
  applyWaiting(chronicle);
  const { record } = entry;
  if (chronicle.skipped.has(entry.offset)) return;
  if (record?.name === "CustomerMerged" || record?.name === "CustomerMoved") {
    chronicle.merged.add(record.value.customerId);
  }
  if (record === null) {
    chronicle.deadLetters += 1;
  } else if (isCustomerRecord(record)) {
    readEvent(chronicle, entry, record);
  } else {
    readControl(chronicle, record);
  }
}

function readControl(chronicle: Chronicle, record: NamedRecord): void {
  if (record.name === "HistorySealed") {
    const { source, floor } = record.value;
    const known = chronicle.sealed.get(source) ?? 0;
    chronicle.sealed.set(source, Math.max(known, floor));
    for (const dossier of chronicle.customers.values()) {
      for (const [key, from] of dossier.history) {
        if (from === source) dossier.history.delete(key);
      }
    }
    return;
  }
  chronicle.waiting.push(record);
  applyWaiting(chronicle);
}

/** Control records whose time has come, by growing version. */
function applyWaiting(chronicle: Chronicle): void {
  const later: NamedRecord[] = [];
  for (const record of chronicle.waiting) {
    if (
      "effectiveAt" in record.value &&
      record.value.effectiveAt > chronicle.logTime
    ) {
      later.push(record);
    } else applyControl(chronicle, record);
  }
  chronicle.waiting = later;
}

function applyControl(chronicle: Chronicle, record: NamedRecord): void {
  const { versions } = chronicle;
  if (record.name === "RuleSet" && record.value.version > versions.rules) {
    versions.rules = record.value.version;
    chronicle.published.ruleSet = record.value;
    chronicle.rules = rulesOf(record.value.body, record.value.version);
    if (chronicle.rates.base !== chronicle.rules.currency) {
      chronicle.rates = { base: chronicle.rules.currency, rates: {} };
    }
  }
  if (record.name === "Fx" && record.value.version > versions.rates) {
    versions.rates = record.value.version;
    chronicle.published.fx = record.value;
    const { base, rates } = record.value;
    chronicle.rates = { base, rates };
  }
  if (record.name === "Clock" && record.value.version > versions.clock) {
    versions.clock = record.value.version;
    chronicle.clock = record.value;
  }
}

function dossierOf(chronicle: Chronicle, id: string): Dossier {
  const known = chronicle.customers.get(id);
  if (known) return known;
  const dossier: Dossier = {
    id,
    events: [],
    duplicates: 0,
    late: 0,
    clock: 0,
    floor: 0,
    loadingUntil: null,
    remembered: [],
    history: new Map(),
  };
  chronicle.customers.set(id, dossier);
  return dossier;
}

/** Unambiguous text of (`source`,`id`). */
function identity(source: string, id: string): string {
  return JSON.stringify([source, id]);
}

function readEvent(
  chronicle: Chronicle,
  entry: LogEntry,
  record: CustomerRecord,
): void {
  const { customerId, source, eventId, historical } = record.value;
  if (record.name === "CustomerErased") {
    chronicle.customers.delete(customerId);
    return;
  }
  const appended = timeOf(chronicle, entry.appendedAt);
  // What a person decided is written by our own services: its time is the log's.
  const isAction = record.name === "OperatorAction";
  const time = isAction ? appended : record.value.time;
  if (time > appended + futureMs) {
    chronicle.deadLetters += 1;
    return;
  }
  const dossier = dossierOf(chronicle, customerId);
  const key = identity(source, eventId);
  if (isKnown(dossier, key)) {
    dossier.duplicates += 1;
    return;
  }
  const floor = Math.max(dossier.floor, chronicle.sealed.get(source) ?? 0);
  const isOld = !historical && time < appended - latenessMs;
  if (isOld || (floor > 0 && time <= floor)) {
    dossier.late += 1;
    return;
  }
  remember(dossier, { key, time }, historical ? source : null, chronicle);
  if (!isAction) dossier.clock = Math.max(dossier.clock, time);
  dossier.loadingUntil = historical ? appended + loadingMs : null;
  dossier.events.push({
    record,
    offset: entry.offset,
    logTime: chronicle.logTime,
    now: historical ? dossier.clock : chronicle.logTime,
    rates: chronicle.rates,
    rules: chronicle.rules,
  });
}

function isKnown(dossier: Dossier, key: string): boolean {
  return (
    dossier.history.has(key) ||
    dossier.remembered.some((item) => item.key === key)
  );
}

/** Keeps an identity; what is put out for want of room raises the floor. */
function remember(
  dossier: Dossier,
  item: Remembered,
  historicalSource: string | null,
  chronicle: Chronicle,
): void {
  if (historicalSource !== null && !chronicle.sealed.has(historicalSource)) {
    dossier.history.set(item.key, historicalSource);
    return;
  }
  const from = chronicle.logTime - rememberedMs;
  dossier.remembered = dossier.remembered.filter(({ time }) => time >= from);
  dossier.remembered.push(item);
  if (dossier.remembered.length <= rememberedMax) return;
  // First applied, first out. Minutes are what is kept of event times, so the
  // floor rises to the end of the minute.
  const time = dossier.remembered.shift()?.time ?? 0;
  const endOfMinute = Math.floor(time / minuteMs) * minuteMs + minuteMs - 1;
  dossier.floor = Math.max(dossier.floor, endOfMinute);
}
