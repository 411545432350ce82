/**
 * Entries of the audit topic. One partition, one chain:
 *
 *   hash = SHA-256(canonical JSON of the entry without `hash`), hex
 *   prev = hash of the entry before; of the first one, 64 zeros
 *   seq  = 1, 2, 3 … along the chain
 *
 * Several servers write. Each appends after the head it knows; where another
 * was faster, the entry does not fit the chain. It is void, stays where it is
 * and is appended again with the same id: so an entry whose `seq` is not above
 * the chain's is no fault, and one above it that does not fit is.
 */
import { createHash } from "node:crypto";

/** `prev` of the first entry. */
export const chainStart = "0".repeat(64);

export const auditOutcomes = ["done", "refused", "failed"] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

/** What happened, as the one who saw it says. */
export interface AuditEvent {
  /** User name, `wall:id`, `key:id`, or what an unknown caller claimed. */
  readonly actor: string;
  readonly role: string;
  /** Network address it came from. */
  readonly address: string;
  /** Noun and verb: `user.create`, `customer.read`, `session.open`. */
  readonly action: string;
  readonly targetKind: string;
  readonly targetId: string;
  /** Whose data it concerns; empty when nobody's. */
  readonly customerId: string;
  readonly outcome: AuditOutcome;
  readonly reason: string | null;
  /** What stood before and after, secrets left out; null when nothing did. */
  readonly before: unknown;
  readonly after: unknown;
  readonly requestId: string;
}

export interface AuditEntry extends AuditEvent {
  readonly id: string;
  readonly seq: number;
  readonly prev: string;
  /** RFC 3339, clock of the server that wrote it. */
  readonly at: string;
  readonly hash: string;
}

/** Where the chain ended at some time. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
  readonly at: string;
}

/** Settings key of the day's last published head. */
export function auditHeadKey(at: string): string {
  return `audithead:${at.slice(0, 10)}`;
}

/** JSON with sorted keys and no spaces (RFC 8785); undefined is left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
  }
  if (typeof value !== "object" || value === null) {
    return JSON.stringify(value ?? null);
  }
  const parts = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
  return `{${parts.join(",")}}`;
}

/** Hash of an entry, whatever its own `hash` says. */
export function auditHash(entry: object): string {
  const { hash: _, ...rest } = { hash: "", ...entry };
  return createHash("sha256").update(canonicalJson(rest)).digest("hex");
}

/** The entry that goes on from a head. */
export function sealEntry(
  event: AuditEvent,
  head: { readonly seq: number; readonly hash: string },
  id: string,
  at: string,
): AuditEntry {
  const open = { ...event, id, at, seq: head.seq + 1, prev: head.hash };
  return { ...open, hash: auditHash(open) };
}
