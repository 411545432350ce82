/** What a partition keeps beside its subjects, from one commit to the next. Pure. */
import type { Clock, SegmentPrior } from "@riskwall/schemas";
import {
  emptyWatch,
  type SourceCounts,
  type SourceWatch,
} from "./source-watch.ts";
import { emptyTally, type Tally } from "./tally.ts";
import type { LogRecord } from "./log-record.ts";

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

/** A record that a person passed: it is kept as a dead letter and not folded. */
export function isSkipped(
  register: PartitionRegister,
  item: LogRecord,
): boolean {
  return register.skips.includes(item.offset);
}

/** Simulated namespaces map append time to simulated time (`clock`). */
export function mapTime(appendedAt: number, clock: Clock | null): number {
  if (clock === null || appendedAt < clock.anchorAppend) return appendedAt;
  const passed = (appendedAt - clock.anchorAppend) * clock.speed;
  return Math.round(clock.anchorTime + passed);
}

export function activatePending(register: PartitionRegister): boolean {
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
