/** What the pipeline needs from the outside, and how each may fail. */
import type { PartitionRegister } from "../core/partition-register.ts";
import type { SumChanges } from "../core/slot.ts";
import type { StoredGroups } from "../core/groups.ts";
import type { Output } from "../core/emit.ts";

/** The last record a partition's state contains: the log must still have it. */
export interface Tail {
  readonly offset: number;
  readonly hash: string;
}

export interface Claimed {
  readonly lease: string;
  /** Next offset to fold; null = nothing was ever folded. */
  readonly next: number | null;
  readonly tail: Tail | null;
  readonly cluster: string | null;
  readonly logic: number | null;
  readonly register: PartitionRegister;
  /** Offsets that a person told to pass (`dlq skip`). */
  readonly skips: readonly number[];
  readonly subjects: readonly (readonly [string, number])[];
  readonly groups: StoredGroups;
}

export interface StoredSubject {
  readonly subject: string;
  /** Null = erase. */
  readonly bytes: Buffer | null;
  readonly wake: number;
  readonly score: number;
}

export interface Commit {
  readonly partition: number;
  readonly lease: string;
  readonly from: number | null;
  readonly to: number;
  readonly tail: Tail;
  readonly register: PartitionRegister;
  readonly cluster: string;
  readonly logic: number;
  readonly subjects: readonly StoredSubject[];
  readonly sums: SumChanges;
}

/** `DONE`: the same commit was applied before and its reply was lost. */
export type CommitAnswer = "OK" | "DONE" | "FENCED" | "OFFSET";

export interface StateStore {
  claim: (partition: number, member: string) => Promise<Claimed>;
  /** State bytes of subjects, null where there is none, in order. */
  load: (
    partition: number,
    subjects: readonly string[],
  ) => Promise<readonly (Buffer | null)[]>;
  commit: (commit: Commit) => Promise<CommitAnswer>;
  /** Offsets of a partition that a person told to pass. */
  skips: (partition: number) => Promise<readonly number[]>;
  /** Adds an offset to pass; answers the partition's `next`, null = none. */
  addSkip: (partition: number, offset: number) => Promise<number | null>;
}

/** An output as it goes to its topic. */
export interface EncodedOutput {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer;
  /** Of a traced record's outputs only. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface OutputSink {
  /** Throws when an output does not fit its schema. */
  encode: (outputs: readonly Output[]) => EncodedOutput[];
  /** Resolves when every output is acknowledged by all in-sync replicas. */
  send: (partition: number, outputs: readonly EncodedOutput[]) => Promise<void>;
}

export interface LogWriter {
  /** Appends an empty tick to a partition of the log. */
  tick: (partition: number) => Promise<void>;
}
