/** A record of the log as the fold takes it. Pure. */
import type {
  BusinessRecord,
  CustomerState,
  NamedRecord,
} from "@riskwall/schemas";
import { businessTypes } from "@riskwall/schemas";

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
