/**
 * The fold of all partitions in one process, without servers: records go in at
 * their append time, timers fire at the instant they are due, and portfolio
 * records come every minute as partition 0's owner makes them. Alerts come out
 * with the log time at which they spoke.
 */
import type { NamedRecord, Portfolio } from "@riskwall/schemas";
import {
  isCustomer,
  logPartitions,
  totalFields,
} from "@riskwall/schemas/names";
import { decodeState, encodeState } from "@riskwall/schemas/state";
import { localDay, minuteMs } from "../../processor/src/core/calendar.ts";
import {
  closeCustomer,
  type Customer,
} from "../../processor/src/core/customer.ts";
import type { Env } from "../../processor/src/core/env.ts";
import type { Output } from "../../processor/src/core/emit.ts";
import { cashSteps } from "../../processor/src/core/forecast/cash-steps.ts";
import { createCashSum } from "../../processor/src/core/forecast/cash-sum.ts";
import { hash32 } from "../../processor/src/core/hash.ts";
import { isBusiness } from "../../processor/src/core/log-record.ts";
import type { Partition } from "../../processor/src/core/partition.ts";
import {
  emptySums,
  moveSums,
  slotOf,
  type Slot,
} from "../../processor/src/core/slot.ts";
import {
  changedEntries,
  groupEntries,
  groupsNow,
  largestCustomers,
  largestOverdue,
} from "../../processor/src/core/portfolio-cut.ts";
import { scoreBin, scoreBins } from "../../processor/src/core/score-bins.ts";
import { customerItems } from "../../processor/src/forecast-view.ts";
import { flowsOf, totalsOf, type Cut } from "../../processor/src/portfolio.ts";
import { viewMoment } from "../../processor/src/view.ts";
import { restOfWeek } from "../../processor/src/expected-week.ts";
import type { RaisedAlert } from "../../ingest/src/simulate/score.ts";
import type { LogEntry } from "../oracle/chronicle.ts";
import { verifyPartition, type Verdict } from "../oracle/verify.ts";
import { freshFold } from "../support/fresh-fold.ts";

export interface FoldWorld {
  /** Appends a record at this instant; never before one appended already. */
  append: (record: NamedRecord, at: number) => void;
  /** Lets time pass: timers and portfolio records up to this instant. */
  until: (at: number) => void;
  /** Counts what the door refused, as its dead letters would be. */
  refused: () => void;
  readonly alerts: () => RaisedAlert[];
  /** Records folded, ticks and portfolio records included. */
  readonly records: () => number;
  readonly customers: () => number;
  /** Judges every state by the log, as `state verify` does; wants `keepLog`. */
  readonly verify: () => Verdict;
}

export interface FoldWorldOptions {
  /** Between two portfolio records; default a minute. */
  readonly portfolioEveryMs?: number;
  /** Keeps every record in memory, so that the world can be verified. */
  readonly keepLog?: boolean;
}

type Heard = Omit<RaisedAlert, "spokeAt" | "told"> & {
  readonly spokeAt: number[];
  told: boolean;
};

interface Lane {
  readonly fold: Partition;
  readonly slots: Map<string, Slot>;
  readonly sums: ReturnType<typeof emptySums>;
  readonly segments: Record<string, string>;
  readonly groups: Record<string, string>;
  readonly book: Record<string, string>;
  readonly scores: number[];
  readonly bins: Map<string, number>;
  readonly touched: Set<string>;
  /** Every record, where the log is kept. */
  readonly log: LogEntry[];
  next: number;
}

function createLane(partition: number): Lane {
  return {
    fold: freshFold(partition),
    ...{ slots: new Map(), sums: emptySums(), segments: {}, groups: {} },
    ...{ book: {}, scores: Array.from({ length: scoreBins }, () => 0) },
    ...{ bins: new Map(), touched: new Set(), log: [], next: 0 },
  };
}

const statesOf = (lanes: readonly Lane[]): Customer["state"][] =>
  lanes.flatMap(({ slots }) =>
    [...slots.values()].flatMap(({ customer }) => customer?.state ?? []),
  );

function take(
  into: Record<string, string>,
  changes: ReadonlyMap<string, string | null>,
): void {
  for (const [field, value] of changes) {
    if (value === null) Reflect.deleteProperty(into, field);
    else into[field] = value;
  }
}

/** Moves the sums of a lane as its commit would. */
function settleLane(lane: Lane): void {
  for (const subject of lane.touched) {
    const slot = lane.slots.get(subject);
    if (!slot) continue;
    slot.dirty = false;
    moveSums(lane.sums, slot);
    if (!isCustomer(subject)) continue;
    const before = lane.bins.get(subject);
    if (before !== undefined) {
      lane.scores[before] = (lane.scores[before] ?? 0) - 1;
    }
    const score = slot.customer?.state.score ?? 0;
    if (score === 0) lane.bins.delete(subject);
    else {
      const bin = scoreBin(score);
      lane.bins.set(subject, bin);
      lane.scores[bin] = (lane.scores[bin] ?? 0) + 1;
    }
  }
  lane.touched.clear();
  const { groups, book } = lane.fold.groups.take();
  take(lane.groups, groups);
  take(lane.book, book);
}

function cutOf(lane: Lane): Cut {
  settleLane(lane);
  const totals = Object.fromEntries(
    totalFields.map((name, i) => [name, String(lane.sums.totals[i] ?? 0)]),
  );
  for (const [field, count] of lane.sums.segments) {
    lane.segments[field] = String(count);
  }
  return {
    ...{ next: lane.next, register: lane.fold.register, totals },
    ...{ segments: lane.segments, groups: lane.groups, scores: lane.scores },
  };
}

/** Expected cash of the rest of the week, as `expected-week.ts` asks for it. */
function expectedCash(
  lanes: readonly Lane[],
  env: Env,
  now: number,
): Portfolio["expected"] {
  const week = restOfWeek(localDay(now, env.rules.zoneOffsetMinutes));
  if (week === null) return null;
  const moment = viewMoment(env, now);
  const { today } = moment;
  const { common } = env.rules.forecast;
  const steps = cashSteps(week.from, week.to, "week");
  const sum = createCashSum({ steps, today, common });
  for (const { slots } of lanes) {
    for (const { customer } of slots.values()) {
      if (!isOwing(customer)) continue;
      sum.add(customer.state.id, customerItems(customer, moment));
    }
  }
  const { total, items } = sum.result();
  if (items === 0) return null;
  return { ...week, p10: total.p10, p50: total.p50 };
}

function isOwing(customer: Customer | null): customer is Customer {
  return customer !== null && customer.state.summary.receivables > 0;
}

/** A partition's states by its log; states as their bytes give them back. */
function verifyLane({ log, next, slots }: Lane, partition: number): Verdict {
  const states = new Map(
    [...slots].flatMap(([subject, { customer }]) =>
      customer !== null && isCustomer(subject)
        ? [
            [
              subject,
              decodeState(encodeState(closeCustomer(customer))),
            ] as const,
          ]
        : [],
    ),
  );
  const listed = new Set(states.keys());
  const pieces = [{ next, states }];
  return verifyPartition(
    { partition, listedAt: next, listed, pieces, skips: [] },
    log,
  );
}

export function createFoldWorld(options: FoldWorldOptions = {}): FoldWorld {
  const { portfolioEveryMs = minuteMs, keepLog = false } = options;
  const lanes = Array.from({ length: logPartitions }, (_, p) => createLane(p));
  const [first] = lanes;
  if (!first) throw new Error("no partition");
  const alerts = new Map<string, Heard>();
  let [records, seq, dead, lastCut, urgent, now] = [0, 0, 0, 0, 0, 0];
  let sent = "";
  const laneOf = (subject: string): Lane =>
    lanes[hash32(subject) % logPartitions] ?? first;

  const hear = (outputs: readonly Output[]): void => {
    for (const output of outputs) {
      if (output.name === "DeadLetter") dead += 1;
      if (output.topic === "events") {
        throw new Error("nobody is merged here");
      }
      if (output.name !== "Alert") continue;
      const { alertId, ruleId, customerId, muted } = output.value;
      const { state, updatedAt, openedAt } = output.value;
      const { parent, quiet, severity } = output.value;
      const told = parent === null && quiet === null && severity !== "info";
      const known = alerts.get(alertId);
      if (known === undefined) {
        const title = output.value.titleEn;
        const said = { ruleId, customerId, openedAt, muted, title, told };
        alerts.set(alertId, { ...said, spokeAt: [updatedAt] });
      } else if (state === "open") {
        known.spokeAt.push(updatedAt);
        known.told = told;
      }
    }
  };
  const one = (lane: Lane, record: NamedRecord, at: number): void => {
    now = at;
    const item = {
      ...{ offset: lane.next, appendedAt: at, record, problem: null },
      raw: new Uint8Array(0),
    };
    if (keepLog) lane.log.push({ offset: lane.next, appendedAt: at, record });
    lane.next += 1;
    records += 1;
    for (const id of lane.fold.needs(item)) {
      if (!lane.slots.has(id)) lane.slots.set(id, slotOf(null));
      lane.touched.add(id);
    }
    hear(lane.fold.fold(item, lane.slots).outputs);
  };
  const tick = (lane: Lane, at: number): void => {
    one(lane, { name: "Tick", value: {} }, at);
  };

  const broadcast = (at: number): void => {
    lastCut = at;
    const cuts = lanes.map(cutOf);
    urgent = cuts.reduce((sum, { register }) => sum + register.urgent, 0);
    const env = first.fold.env();
    const isSame = cuts.every(({ register }) => register.portfolioId === sent);
    const hashes = cuts.map(({ groups }) => groups);
    const entries = groupEntries(groupsNow(hashes, env.rates));
    const known = first.slots.get("#portfolio")?.customer?.state.across;
    const week = known?.portfolio?.expected ?? null;
    const today = localDay(at, env.rules.zoneOffsetMinutes);
    const isRunning = week !== null && week.to >= today;
    seq += 1;
    const id = `planted:${String(seq)}`;
    const value: Portfolio = {
      ...{ seq, at, id, basis: isSame ? sent : "" },
      ...totalsOf(cuts),
      ...flowsOf(cuts),
      groups:
        isSame && sent !== "" ? changedEntries(entries, first.book) : entries,
      top: largestCustomers(hashes),
      expected: isRunning ? null : expectedCash(lanes, env, at),
      overdueTop:
        week !== null && !isRunning ? largestOverdue([], statesOf(lanes)) : [],
      deadLetters: dead,
    };
    sent = id;
    for (const lane of lanes) one(lane, { name: "Portfolio", value }, at);
  };

  const until = (at: number): void => {
    if (lastCut === 0) lastCut = at;
    for (;;) {
      const isUrgent =
        lanes.reduce((sum, { fold }) => sum + fold.register.urgent, 0) > urgent;
      const cut = isUrgent ? now + urgentMs : lastCut + portfolioEveryMs;
      const wakes = lanes.map(({ fold }) => fold.wakes.first());
      const wake = Math.min(...wakes.filter((due) => due > 0), Infinity);
      const next = Math.min(cut, wake);
      if (next > at) return;
      if (wake <= cut) {
        const lane = lanes[wakes.indexOf(wake)];
        if (lane) tick(lane, Math.max(now, wake));
      } else broadcast(next);
      for (const lane of lanes) {
        while (lane.fold.hasWork(now)) tick(lane, now);
      }
    }
  };
  return {
    until,
    append: (record, at) => {
      until(at);
      if (isBusiness(record)) {
        one(laneOf(record.value.customerId), record, at);
        return;
      }
      for (const lane of lanes) one(lane, record, at);
    },
    refused: () => {
      dead += 1;
    },
    alerts: () => [...alerts.values()],
    records: () => records,
    customers: () =>
      lanes.reduce(
        (sum, { slots }) => sum + [...slots.keys()].filter(isCustomer).length,
        0,
      ),
    verify: () => {
      if (!keepLog) throw new Error("the log was not kept");
      const verdicts = lanes.map(verifyLane);
      return {
        compared: verdicts.reduce((sum, { compared }) => sum + compared, 0),
        differing: new Map(verdicts.flatMap((each) => [...each.differing])),
      };
    },
  };
}

/** A group does not wait longer than this for its portfolio record. */
const urgentMs = 1000;
