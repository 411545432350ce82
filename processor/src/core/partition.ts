/**
 * The fold of one partition, record by record (architecture 5). At append time
 * a: T = max(T, a); then due timers of the record's own subject, at most 200
 * other due subjects, at most 200 subjects of an open sweep, the record. All
 * of it is committed with that record.
 *
 * `needs` names the subjects a record will touch; the shell loads them, then
 * calls `fold`, which never waits.
 */
import type { BusinessRecord, NamedRecord, Portfolio } from "@riskwall/schemas";
import { contractType } from "@riskwall/schemas";
import { newCustomer, type Customer } from "./customer.ts";
import {
  foldAction,
  foldBusiness,
  foldSweep,
  foldTimer,
} from "./customer-step.ts";
import type { RecordPosition } from "./moment.ts";
import type { StepOutcome } from "./record-time.ts";
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
import { createGroups, type Groups, type StoredGroups } from "./groups.ts";
import { countFlows } from "./portfolio-flows.ts";
import {
  foldPortfolio,
  portfolioView,
  touchPortfolio,
} from "./portfolio-subject.ts";
import { foldMerged, foldMoved, forward, mergedInto } from "./merge-step.ts";
import { toBase } from "./rates.ts";
import {
  groupOfSubject,
  groupSubject,
  isCustomer,
  portfolioSubject,
} from "@riskwall/schemas/names";
import { countSource } from "./source-watch.ts";
import { compareText } from "./sorted.ts";
import { actOnSubject, type SubjectView } from "./subject.ts";
import { createWakes, type Wakes } from "./wakes.ts";
import { type RuleSource, envOf, applyControl } from "./control.ts";
import { type LogRecord, isBusiness, subjectOf } from "./log-record.ts";
import {
  type PartitionRegister,
  isSkipped,
  mapTime,
  activatePending,
} from "./partition-register.ts";
import type { Slot } from "./slot.ts";

export const timersPerRecord = 200;

export const sweepPerRecord = 200;

/** Groups judged with one record after a portfolio record changed them. */
export const groupsPerRecord = 200;

export interface PartitionDeps extends RuleSource {
  readonly partition: number;
  readonly register: PartitionRegister;
  /** Every subject of the partition, any order, with its wake (0 = none). */
  readonly subjects: Iterable<readonly [string, number]>;
  /** Members, definitions and the last word on groups; absent = none. */
  readonly groups?: StoredGroups;
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
  let env = envOf(deps.register, deps, groups);

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
    if (activatePending(register)) env = envOf(deps.register, deps, groups);
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
      env = envOf(deps.register, deps, groups);
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
