/** What the fold knows besides one customer's state, all of it from the log. */
import type { SegmentPrior } from "@riskwall/schemas";
import type { GroupSource } from "./groups.ts";
import type { RuleSet } from "./rule-set.ts";
import type { Rates } from "./rates.ts";

export interface Env {
  readonly rules: RuleSet;
  readonly rates: Rates;
  /** Sealed historical sources and the floor of each, ms. */
  readonly sealed: ReadonlyMap<string, number>;
  /** What the last portfolio record says of each segment's orders. */
  readonly segments: ReadonlyMap<string, SegmentPrior>;
  /** What members of groups owe elsewhere. */
  readonly groups: GroupSource;
}

/** A moment of one customer's fold. */
export interface Moment {
  readonly env: Env;
  /** The customer's present: log time, or its own clock while loading. */
  readonly now: number;
  readonly today: number;
  /** Broker append time of the record being folded. */
  readonly appendedAt: number;
  /** True while nothing may be announced (history, catching up). */
  readonly muted: boolean;
  /** Ids of the events that cause what is decided now. */
  readonly cause: readonly string[];
  /** The record's own event time, or `now` for timers. */
  readonly eventTime: number;
  /** An event of the past changed the picture (F-8). */
  readonly corrected: boolean;
}
