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
  CustomerState,
  NamedRecord,
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
} from "./customer-step.ts";
import { type RecordPosition } from "./moment.ts";
import { type StepOutcome } from "./record-time.ts";
import {
  createEmitter,
  type Emitter,
  type Forwarded,
  type Output,
} from "./emit.ts";
import type { Env, Moment } from "./env.ts";
import {
  definitionOf,
  foldGroupSet,
  groupView,
  touchGroup,
} from "./group-subject.ts";
import {
  createGroups,
  type GroupChanges,
  type Groups,
  type StoredGroups,
} from "./groups.ts";
import { countFlows } from "./portfolio-flows.ts";
import {
  foldPortfolio,
  portfolioView,
  touchPortfolio,
} from "./portfolio-subject.ts";
import { foldMerged, foldMoved, forward, mergedInto } from "./merge-step.ts";
import { noRates, parseRates, toBase } from "./rates.ts";
import type { RuleSet } from "./rule-set.ts";
import {
  moveSegments,
  segmentMarks,
  type SegmentMarks,
} from "./segment-sums.ts";
import {
  groupOfSubject,
  groupSubject,
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
import { actOnSubject, type SubjectView } from "./subject.ts";
import { createWakes, type Wakes } from "./wakes.ts";

export const timersPerRecord = 200;
export const sweepPerRecord = 200;
/** Groups judged with one record after a portfolio record changed them. */
export const groupsPerRecord = 200;

/** One record of the log, decoded; null = it could not be decoded. */
export interface LogRecord {
  readonly offset: number;
  readonly appendedAt: number;
  readonly record: NamedRecord | null;
  /** Why it could not be decoded. */
  readonly problem: string | null;
  readonly raw: Uint8Array;
  /** State inside a `CustomerMoved`, decoded. */
  readonly moved?: CustomerState;
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
  /** Id of the last portfolio record; empty = one was missed. */
  portfolioId: string;
  /** When it was folded, log time, ms. */
  portfolioAt: number;
  largeFrom: number;
  urgent: number;
  /** Subjects of groups that it changed and that are still to be judged. */
  groupsDue: string[];
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
    portfolioId: "",
    portfolioAt: 0,
    largeFrom: -1,
    urgent: 0,
    groupsDue: [],
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
  /** Members, definitions and the last word on groups; absent = none. */
  readonly groups?: StoredGroups;
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
  readonly groups: Groups;
  env: () => Env;
}

const businessNames: ReadonlySet<string> = new Set(
  Object.values(businessTypes),
);

export function isBusiness(record: NamedRecord): record is BusinessRecord {
  return businessNames.has(record.name);
}

/** Subject of a record, or null for control records. A portfolio record has
 * one in partition 0, besides. */
export function subjectOf(record: NamedRecord | null): string | null {
  if (record === null) return null;
  if (isBusiness(record)) return record.value.customerId;
  return record.name === "OperatorAction" || record.name === "CustomerMoved"
    ? record.value.customerId
    : null;
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
  const groups = createGroups(
    deps.partition,
    register,
    deps.groups ?? { groups: {}, book: {} },
  );
  let env = envOf(deps, groups);

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

  const timeAfter = (appendedAt: number): number =>
    Math.max(register.logTime, mapTime(appendedAt, register.clock));

  const groupsNext = (): string[] =>
    register.groupsDue.slice(0, groupsPerRecord);
  /** Subject of a record; a portfolio record has one in partition 0. */
  const ownOf = (item: LogRecord): string | null => {
    if (isSkipped(register, item)) return null;
    const isRegister =
      item.record?.name === "Portfolio" && deps.partition === 0;
    return isRegister ? portfolioSubject : subjectOf(item.record);
  };

  /** After a touch: what the sums that cross customers hold of this one. */
  const note = (customer: Customer): void => {
    const { state } = customer;
    wakes.set(state.id, state.wake);
    customer.counted = groups.count(state, customer.counted, env.rates);
    countFlows(customer, groups.flows, env.rules);
  };

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
    if (activatePending(register)) env = envOf(deps, groups);
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
    const fire = (subject: string): void => {
      const customer = touch(subject);
      if (customer === null) {
        wakes.set(subject, 0);
        return;
      }
      if (isCustomer(subject)) foldTimer(customer, env, at, emitter);
      else touchOther(customer, at, emitter);
      note(customer);
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
        if (customer === null) continue;
        if (isCustomer(subject)) foldSweep(customer, env, at, emitter);
        else touchOther(customer, at, emitter);
        note(customer);
      }
      const last = batch.at(-1);
      register.sweep =
        batch.length < sweepPerRecord || last === undefined
          ? null
          : { after: last };
    }
    const changed = groupsNext();
    register.groupsDue = register.groupsDue.slice(changed.length);
    for (const subject of changed) fire(subject);
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
      return foldOwn(record, at, emitter, slots);
    }
    if (record.name === "CustomerMoved") {
      const { customerId } = record.value;
      const slot = slotFor(slots, customerId);
      const customer =
        slot.customer ?? newCustomer(customerId, env.rules.currency);
      const { moved: from } = item;
      if (!from) throw new Error("a moved state was not decoded");
      const outcome = foldMoved(
        ...([customer, record.value, from, env, at, emitter] as const),
      );
      if (outcome !== "forwarded") keep(slot, customer);
      return outcome;
    }
    const isNews =
      record.name !== "Portfolio" || record.value.seq > register.portfolioSeq;
    if (applyControl(register, record, at.logTime, deps)) {
      env = envOf(deps, groups);
    }
    if (record.name === "Portfolio" && isNews) {
      takePortfolio(record.value, at, emitter, slots);
    }
    return "control";
  };

  const slotFor = (slots: ReadonlyMap<string, Slot>, subject: string): Slot => {
    const slot = slots.get(subject);
    if (!slot) throw new Error(`subject ${subject} was not loaded`);
    return slot;
  };

  /** Keeps a subject that a record made or changed. */
  const keep = (slot: Slot, customer: Customer): void => {
    slot.dirty = true;
    slot.customer = customer;
    addSubject(customer.state.id);
    note(customer);
  };

  const touchOther = (
    customer: Customer,
    at: RecordPosition,
    emitter: Emitter,
  ): void => {
    if (customer.state.id === portfolioSubject) {
      touchPortfolio(customer, env, at, emitter);
    } else touchGroup(customer, env, at, emitter);
  };

  /** A record of one subject. */
  const foldOwn = (
    record: BusinessRecord | Extract<NamedRecord, { name: "OperatorAction" }>,
    at: RecordPosition,
    emitter: Emitter,
    slots: ReadonlyMap<string, Slot>,
  ): StepOutcome => {
    const subject = record.value.customerId;
    const slot = slotFor(slots, subject);
    const into = mergedInto(slot.customer);
    if (into !== null && isElsewhere(record, into)) {
      forward(record, into, emitter);
      // Whoever is erased has no other names either.
      if (record.name !== "CustomerErased") return "forwarded";
    }
    if (record.name === "CustomerErased") {
      if (slot.customer !== null) {
        groups.forget(subject, slot.customer.counted);
      }
      slot.dirty = true;
      slot.customer = null;
      wakes.set(subject, 0);
      removeSubject(subject);
      return "applied";
    }
    const known = slot.customer;
    const customer = known ?? newCustomer(subject, env.rules.currency);
    if (record.name === "CustomerMerged") {
      const merged = foldMerged(customer, record.value, env, at, emitter);
      if (merged.stub !== null) keep(slot, merged.stub);
      return merged.outcome;
    }
    if (record.name !== "OperatorAction") noteSource(record, customer, at);
    const outcome = step(customer, record, at, emitter);
    if (outcome === "applied" && record.name === "PaymentReceived") {
      const { state, historical, amount, currency } = record.value;
      if (state !== "pending" && !historical) {
        groups.flows.received += toBase(amount, currency, env.rates) ?? 0;
      }
    }
    // What is late or of the future is never applied: nobody comes to be.
    const { seen, history } = customer.state;
    if (known === null && seen.length + history.length === 0) return outcome;
    keep(slot, customer);
    return outcome;
  };

  const noteSource = (
    { value }: BusinessRecord,
    { state }: Customer,
    at: RecordPosition,
  ): void => {
    if (value.historical) return;
    const behind = state.clock - value.time;
    const { sources } = register.counts;
    const { rules } = env.rules;
    countSource(sources, value.source, at.appendedAt, behind, rules);
  };

  const step = (
    customer: Customer,
    record: Exclude<
      Parameters<typeof foldOwn>[0],
      { name: "CustomerErased" | "CustomerMerged" }
    >,
    at: RecordPosition,
    emitter: Emitter,
  ): StepOutcome => {
    const { id } = customer.state;
    if (record.name === "GroupSet") {
      const outcome = foldGroupSet(customer, record.value, env, at, emitter);
      if (outcome === "applied") {
        groups.define(record.value.groupId, definitionOf(customer));
      }
      return outcome;
    }
    if (record.name === "OperatorAction") {
      if (isCustomer(id)) {
        return foldAction(customer, record.value, env, at, emitter);
      }
      const view = (moment: Moment): SubjectView =>
        groupOfSubject(id) === null
          ? portfolioView(customer, moment)
          : groupView(customer, moment);
      return actOnSubject(customer, record.value, view, env, at, emitter);
    }
    return foldBusiness(customer, record, env, at, emitter);
  };

  /** What crosses customers, in every partition; its rules in partition 0. */
  const takePortfolio = (
    record: Portfolio,
    at: RecordPosition,
    emitter: Emitter,
    slots: ReadonlyMap<string, Slot>,
  ): void => {
    const due = groups
      .apply(record, at.logTime)
      .map(groupSubject)
      .filter((subject) => known.has(subject));
    register.groupsDue = [...new Set([...register.groupsDue, ...due])].sort(
      compareText,
    );
    if (deps.partition !== 0) return;
    const slot = slotFor(slots, portfolioSubject);
    const customer =
      slot.customer ?? newCustomer(portfolioSubject, env.rules.currency);
    foldPortfolio(customer, record, register.watch, env, at, emitter);
    keep(slot, customer);
  };

  return {
    register,
    wakes,
    groups,
    env: () => env,
    fold,
    needs: (item) => {
      const own = ownOf(item);
      const logTime = timeAfter(item.appendedAt);
      const out = new Set([
        ...dueOthers(logTime, own),
        ...sweepNext(),
        ...groupsNext(),
      ]);
      if (own !== null) out.add(own);
      return [...out];
    },
    hasWork: (appendedAt) => {
      if (register.sweep !== null || register.groupsDue.length > 0) return true;
      const first = wakes.first();
      if (first > 0 && first <= timeAfter(appendedAt)) return true;
      const pending = register.pendingRules;
      return pending !== null && pending.effectiveAt <= timeAfter(appendedAt);
    },
  };
}

/** False for a merge that says again where an id went. */
function isElsewhere(record: Forwarded, into: string): boolean {
  return record.name !== "CustomerMerged" || record.value.into !== into;
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

function envOf(deps: PartitionDeps, groups: Groups): Env {
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
    groups,
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
  /** Fields of the groups' hashes → value; null = removed. */
  readonly groups: ReadonlyMap<string, string | null>;
  readonly book: ReadonlyMap<string, string | null>;
}

export function emptySums(
  changes: GroupChanges = { groups: new Map(), book: new Map() },
): SumChanges {
  return {
    totals: totalFields.map(() => 0),
    segments: new Map(),
    groups: changes.groups,
    book: changes.book,
  };
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
