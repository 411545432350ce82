/**
 * The fold of one partition, record by record (architecture 5). At append time
 * a: T = max(T, a); then due timers of the record's own subject, at most 200
 * other due subjects, at most 200 subjects of an open sweep, the record. All
 * of it is committed with that record.
 *
 * `needs` names the subjects a record will touch; the shell loads them, then
 * calls `fold`, which never waits.
 */
import type {
  BusinessRecord,
  Clock,
  NamedRecord,
  OperatorAction,
  Portfolio,
  SegmentPrior,
} from "@riskwall/schemas";
import { businessTypes, contractType } from "@riskwall/schemas";
import { contributionOf } from "./contribution.ts";
import { newCustomer, type Customer } from "./customer.ts";
import {
  foldAction,
  foldBusiness,
  foldSweep,
  foldTimer,
  type RecordPosition,
  type StepOutcome,
} from "./customer-step.ts";
import { createEmitter, type Emitter, type Output } from "./emit.ts";
import type { Env } from "./env.ts";
import { actOnPortfolio, foldPortfolio } from "./portfolio-watch.ts";
import { noRates, parseRates } from "./rates.ts";
import type { RuleSet } from "./rule-set.ts";
import {
  moveSegments,
  segmentMarks,
  type SegmentMarks,
} from "./segment-sums.ts";
import {
  isCustomer,
  portfolioSubject,
  totalFields,
} from "@riskwall/schemas/names";
import {
  countSource,
  emptyWatch,
  type SourceCounts,
  type SourceWatch,
} from "./source-watch.ts";
import { compareText } from "./sorted.ts";
import { emptyTally, takeAll, type Tally } from "./tally.ts";
import { createWakes, type Wakes } from "./wakes.ts";

export const timersPerRecord = 200;
export const sweepPerRecord = 200;

/** One record of the log, decoded; null = it could not be decoded. */
export interface LogRecord {
  readonly offset: number;
  readonly appendedAt: number;
  readonly record: NamedRecord | null;
  /** Why it could not be decoded. */
  readonly problem: string | null;
  readonly raw: Uint8Array;
}

export interface PartitionCounts {
  /** Of alert hygiene. */
  tally: Tally;
  /** Live records by source. */
  sources: SourceCounts;
}

function emptyCounts(): PartitionCounts {
  return { tally: emptyTally(), sources: {} };
}

/** What a partition keeps besides its subjects; stored in `…:meta`. */
export interface PartitionRegister {
  /** Log time T, ms. */
  logTime: number;
  rulesVersion: number;
  rulesBody: string;
  /** A rule set whose time has not come. */
  pendingRules: { version: number; effectiveAt: number; body: string } | null;
  fxVersion: number;
  fxBase: string;
  fxRates: Record<string, string>;
  clock: Clock | null;
  sealed: Record<string, number>;
  /** Open sweep: subjects after `after` are still to be evaluated. */
  sweep: { after: string } | null;
  portfolioSeq: number;
  /** Of the last portfolio record. */
  segments: Record<string, SegmentPrior>;
  /** Of partition 0: what it remembers of all sources. */
  watch: SourceWatch;
  /** What nearly every record counts on; stored beside the rest. */
  counts: PartitionCounts;
  /** Offsets to pass without folding. */
  skips: number[];
}

export function emptyRegister(): PartitionRegister {
  return {
    logTime: 0,
    rulesVersion: 0,
    rulesBody: "",
    pendingRules: null,
    fxVersion: 0,
    fxBase: "",
    fxRates: {},
    clock: null,
    sealed: {},
    sweep: null,
    portfolioSeq: 0,
    segments: {},
    watch: emptyWatch(),
    counts: emptyCounts(),
    skips: [],
  };
}

/** A loaded subject, and what the partition's sums already contain of it. */
export interface Slot {
  customer: Customer | null;
  committed: number[];
  marks: SegmentMarks;
  dirty: boolean;
}

/** Slot of a subject as it is stored; null = nobody. */
export function slotOf(customer: Customer | null): Slot {
  return {
    customer,
    committed: contributionOf(customer?.state ?? null),
    marks: segmentMarks(customer),
    dirty: false,
  };
}

export interface PartitionDeps {
  readonly partition: number;
  readonly register: PartitionRegister;
  /** Every subject of the partition, any order, with its wake (0 = none). */
  readonly subjects: Iterable<readonly [string, number]>;
  /** Rules before the log carries any: the ones shipped with the build. */
  readonly bootstrapRules: RuleSet;
  /** Parses a rule set's body; null when it is not valid. */
  readonly parseRules: (body: string, version: number) => RuleSet | null;
}

export interface FoldResult {
  readonly outputs: readonly Output[];
  readonly outcome: StepOutcome | "control";
  readonly name: string;
}

export interface Partition {
  readonly register: PartitionRegister;
  /** Subjects that `fold` of this record will touch. */
  needs: (item: LogRecord) => string[];
  fold: (item: LogRecord, slots: ReadonlyMap<string, Slot>) => FoldResult;
  /** True while a tick would find something to do at this append time. */
  hasWork: (appendedAt: number) => boolean;
  readonly wakes: Wakes;
  env: () => Env;
}

const businessNames: ReadonlySet<string> = new Set(
  Object.values(businessTypes),
);

export function isBusiness(record: NamedRecord): record is BusinessRecord {
  return businessNames.has(record.name);
}

/** Subject of a record, or null for control records. */
export function subjectOf(record: NamedRecord | null): string | null {
  if (record === null) return null;
  if (isBusiness(record)) return record.value.customerId;
  return record.name === "OperatorAction" ? record.value.customerId : null;
}

/** A record that a person passed: it is kept as a dead letter and not folded. */
function isSkipped(register: PartitionRegister, item: LogRecord): boolean {
  return register.skips.includes(item.offset);
}

/** Simulated namespaces map append time to simulated time (`clock`). */
export function mapTime(appendedAt: number, clock: Clock | null): number {
  if (clock === null || appendedAt < clock.anchorAppend) return appendedAt;
  const passed = (appendedAt - clock.anchorAppend) * clock.speed;
  return Math.round(clock.anchorTime + passed);
}

export function createPartition(deps: PartitionDeps): Partition {
  const { register } = deps;
  const all: string[] = [];
  const known = new Set<string>();
  const entries: (readonly [string, number])[] = [];
  for (const entry of deps.subjects) {
    all.push(entry[0]);
    known.add(entry[0]);
    if (entry[1] > 0) entries.push(entry);
  }
  all.sort(compareText);
  const wakes = createWakes(entries);
  let env = envOf(deps);

  const addSubject = (subject: string): void => {
    if (known.has(subject)) return;
    known.add(subject);
    all.splice(lowerBound(all, subject), 0, subject);
  };
  const removeSubject = (subject: string): void => {
    if (!known.delete(subject)) return;
    all.splice(lowerBound(all, subject), 1);
  };
  const sweepNext = (): string[] => {
    if (register.sweep === null) return [];
    const from = lowerBound(all, `${register.sweep.after}\u0000`);
    return all.slice(from, from + sweepPerRecord);
  };

  /** Subject of a record; a portfolio record has one in partition 0. */
  const ownOf = (item: LogRecord): string | null => {
    if (isSkipped(register, item)) return null;
    const isJudged = item.record?.name === "Portfolio" && deps.partition === 0;
    return isJudged ? portfolioSubject : subjectOf(item.record);
  };

  const timeAfter = (appendedAt: number): number =>
    Math.max(register.logTime, mapTime(appendedAt, register.clock));

  const dueOthers = (logTime: number, own: string | null): string[] =>
    wakes.due(logTime, timersPerRecord, own);

  const fold = (
    item: LogRecord,
    slots: ReadonlyMap<string, Slot>,
  ): FoldResult => {
    const emitter = createEmitter(
      deps.partition,
      item.offset,
      register.counts.tally,
    );
    const appendedAt = mapTime(item.appendedAt, register.clock);
    register.logTime = Math.max(register.logTime, appendedAt);
    if (activatePending(register)) env = envOf(deps);
    const at: RecordPosition = {
      appendedAt,
      logTime: register.logTime,
      raw: item.raw,
    };
    const own = ownOf(item);
    const touch = (subject: string): Customer | null => {
      const slot = slots.get(subject);
      if (!slot) throw new Error(`subject ${subject} was not loaded`);
      slot.dirty = true;
      return slot.customer;
    };
    const noteWake = (customer: Customer): void => {
      wakes.set(customer.state.id, customer.state.wake);
    };
    const fire = (subject: string): void => {
      const customer = touch(subject);
      if (customer === null) {
        wakes.set(subject, 0);
        return;
      }
      foldTimer(customer, env, at, emitter);
      noteWake(customer);
    };
    const others = dueOthers(register.logTime, own);
    if (own !== null) {
      const customer = slots.get(own)?.customer ?? null;
      const wake = customer?.state.wake ?? 0;
      if (wake > 0 && wake <= register.logTime) fire(own);
    }
    for (const subject of others) fire(subject);
    if (register.sweep !== null) {
      const batch = sweepNext();
      for (const subject of batch) {
        const customer = touch(subject);
        if (customer === null || !isCustomer(subject)) continue;
        foldSweep(customer, env, at, emitter);
        noteWake(customer);
      }
      const last = batch.at(-1);
      register.sweep =
        batch.length < sweepPerRecord || last === undefined
          ? null
          : { after: last };
    }
    const outcome = foldRecord(item, at, emitter, slots);
    return {
      outputs: emitter.outputs,
      outcome,
      name: item.record?.name ?? "malformed",
    };
  };

  const foldRecord = (
    item: LogRecord,
    at: RecordPosition,
    emitter: Emitter,
    slots: ReadonlyMap<string, Slot>,
  ): StepOutcome | "control" => {
    const { record } = item;
    if (isSkipped(register, item)) {
      emitter.deadLetter(
        refused(item, "SKIPPED", "passed by a person", at, deps.partition),
      );
      return "rejected";
    }
    if (record === null) {
      const problem = item.problem ?? "not decodable";
      emitter.deadLetter(
        refused(item, "MALFORMED", problem, at, deps.partition),
      );
      return "rejected";
    }
    if (isBusiness(record) || record.name === "OperatorAction") {
      const subject = record.value.customerId;
      const slot = slots.get(subject);
      if (!slot) throw new Error(`subject ${subject} was not loaded`);
      if (record.name === "CustomerErased") {
        slot.dirty = true;
        slot.customer = null;
        wakes.set(subject, 0);
        removeSubject(subject);
        return "applied";
      }
      const known = slot.customer;
      const customer = known ?? newCustomer(subject, env.rules.currency);
      if (record.name !== "OperatorAction") noteSource(record, customer, at);
      const outcome =
        record.name === "OperatorAction"
          ? act(customer, record.value, at, emitter)
          : foldBusiness(customer, record, env, at, emitter);
      // What is late or of the future is never applied: nobody comes to be.
      const { seen, history } = customer.state;
      if (known === null && seen.length + history.length === 0) return outcome;
      slot.dirty = true;
      slot.customer = customer;
      addSubject(subject);
      wakes.set(subject, customer.state.wake);
      return outcome;
    }
    const isNews =
      record.name === "Portfolio" && record.value.seq > register.portfolioSeq;
    if (applyControl(register, record, at.logTime, deps)) env = envOf(deps);
    if (isNews && deps.partition === 0) judge(record.value, at, emitter, slots);
    return "control";
  };

  const act = (
    customer: Customer,
    event: OperatorAction,
    at: RecordPosition,
    emitter: Emitter,
  ): StepOutcome =>
    isCustomer(customer.state.id)
      ? foldAction(customer, event, env, at, emitter)
      : actOnPortfolio(customer, event, env, at, emitter);

  const noteSource = (
    { value }: BusinessRecord,
    { state }: Customer,
    at: RecordPosition,
  ): void => {
    if (value.historical) return;
    const behind = state.clock - value.time;
    const { rules } = env.rules;
    countSource(
      register.counts.sources,
      value.source,
      at.appendedAt,
      behind,
      rules,
    );
  };

  /** A portfolio record judges what no customer alone can say. */
  const judge = (
    record: Portfolio,
    at: RecordPosition,
    emitter: Emitter,
    slots: ReadonlyMap<string, Slot>,
  ): void => {
    const slot = slots.get(portfolioSubject);
    if (!slot) throw new Error("the portfolio was not loaded");
    const { currency } = env.rules;
    const customer = slot.customer ?? newCustomer(portfolioSubject, currency);
    foldPortfolio(customer, record, register.watch, env, at, emitter);
    // Before it has anything to say it does not come to be.
    if (slot.customer === null && customer.state.alerts.length === 0) return;
    slot.dirty = true;
    slot.customer = customer;
    addSubject(portfolioSubject);
  };

  return {
    register,
    wakes,
    env: () => env,
    fold,
    needs: (item) => {
      const own = ownOf(item);
      const logTime = timeAfter(item.appendedAt);
      const out = new Set([...dueOthers(logTime, own), ...sweepNext()]);
      if (own !== null) out.add(own);
      return [...out];
    },
    hasWork: (appendedAt) => {
      if (register.sweep !== null) return true;
      const first = wakes.first();
      if (first > 0 && first <= timeAfter(appendedAt)) return true;
      const pending = register.pendingRules;
      return pending !== null && pending.effectiveAt <= timeAfter(appendedAt);
    },
  };
}

function lowerBound(list: readonly string[], value: string): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareText(list[middle] ?? "", value) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function envOf(deps: PartitionDeps): Env {
  const { register, bootstrapRules } = deps;
  const rules =
    register.rulesVersion === 0
      ? bootstrapRules
      : (deps.parseRules(register.rulesBody, register.rulesVersion) ??
        bootstrapRules);
  const rates =
    register.fxVersion === 0 || register.fxBase !== rules.currency
      ? noRates(rules.currency)
      : parseRates(register.fxVersion, register.fxBase, register.fxRates);
  return {
    rules,
    rates,
    sealed: new Map(Object.entries(register.sealed)),
    segments: new Map(Object.entries(register.segments)),
  };
}

function activatePending(register: PartitionRegister): boolean {
  const pending = register.pendingRules;
  if (pending === null || pending.effectiveAt > register.logTime) return false;
  register.pendingRules = null;
  register.rulesVersion = pending.version;
  register.rulesBody = pending.body;
  register.sweep = { after: "" };
  return true;
}

/** Offsets to pass are kept to this number, the newest ones. */
export const skipsMax = 100;

/** Notes offsets to pass without folding. */
export function addSkips(
  register: PartitionRegister,
  offsets: readonly number[],
): void {
  const all = new Set([...register.skips, ...offsets]);
  register.skips = [...all].slice(-skipsMax);
}

/** Applies a control record; true when the environment changed. */
function applyControl(
  register: PartitionRegister,
  record: NamedRecord,
  logTime: number,
  deps: PartitionDeps,
): boolean {
  switch (record.name) {
    case "RuleSet": {
      const { version, effectiveAt, body } = record.value;
      const last = register.pendingRules?.version ?? register.rulesVersion;
      if (version <= last || deps.parseRules(body, version) === null) {
        return false;
      }
      register.pendingRules = { version, effectiveAt, body };
      register.logTime = logTime;
      return activatePending(register);
    }
    case "Fx": {
      const { version, base, rates } = record.value;
      if (version <= register.fxVersion) return false;
      register.fxVersion = version;
      register.fxBase = base;
      register.fxRates = rates;
      register.sweep = { after: "" };
      return true;
    }
    case "Clock":
      if (record.value.version <= (register.clock?.version ?? 0)) return false;
      register.clock = record.value;
      return false;
    case "HistorySealed": {
      const { source, floor } = record.value;
      const before = register.sealed[source] ?? 0;
      register.sealed[source] = Math.max(before, floor);
      register.sweep = { after: "" };
      return true;
    }
    case "Portfolio":
      if (record.value.seq <= register.portfolioSeq) return false;
      register.portfolioSeq = record.value.seq;
      register.segments = record.value.segments;
      takeAll(register.counts.tally, record.value.tally);
      return true;
    case "Skip":
      addSkips(register, [record.value.offset]);
      return false;
    default:
      return false;
  }
}

function refused(
  item: LogRecord,
  code: "MALFORMED" | "SKIPPED",
  message: string,
  at: RecordPosition,
  partition: number,
): Parameters<Emitter["deadLetter"]>[0] {
  const business =
    item.record !== null && isBusiness(item.record) ? item.record : null;
  return {
    id: `fold-${String(partition)}-${String(item.offset)}`,
    at: at.appendedAt,
    stage: "fold",
    source: business?.value.source ?? null,
    eventId: business?.value.eventId ?? null,
    customerId: business?.value.customerId ?? null,
    type: business === null ? null : contractType(business.name),
    code,
    path: null,
    message,
    raw: item.raw,
    topic: null,
    partition,
    offset: item.offset,
  };
}

/** Sums of a partition that a commit moves. */
export interface SumChanges {
  /** In the order of `totalFields`. */
  readonly totals: number[];
  /** Field of the segment sketch → change. */
  readonly segments: Map<string, number>;
}

export function emptySums(): SumChanges {
  return { totals: totalFields.map(() => 0), segments: new Map() };
}

/** Adds what a slot changed since it was last counted, and notes it. */
export function moveSums(sums: SumChanges, slot: Slot): void {
  const { customer } = slot;
  const after = contributionOf(customer?.state ?? null);
  after.forEach((value, i) => {
    const change = value - (slot.committed[i] ?? 0);
    sums.totals[i] = (sums.totals[i] ?? 0) + change;
  });
  slot.committed = after;
  const marks = segmentMarks(customer);
  moveSegments(sums.segments, slot.marks, marks);
  slot.marks = marks;
}
