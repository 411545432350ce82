/** What the dashboard writes into the audit log, in the log's own words. */
import type { AuditEvent } from "@riskwall/schemas/audit";
import type { Caller } from "../access.ts";
import { createTokenBucket, type TokenBucket } from "../core/token-bucket.ts";

/** Refusals of one caller written at once, and then per second. */
export const refusalsBurst = 30;
const refusalsPerSecond = 0.5;
/** Callers whose refusals are counted at the same time. */
const refusersMax = 10_000;

/** Who is written down: a caller, or somebody who is not signed in. */
type Author = Omit<Caller, "role"> & { readonly role: string };

export interface AuditLog {
  /** Resolves when the entry stands in the chain; 503 when it cannot. */
  append: (event: AuditEvent) => Promise<void>;
}

/** What was done, without who and where from. */
export interface Deed {
  readonly action: string;
  readonly targetKind: string;
  readonly targetId: string;
  readonly customerId?: string;
  readonly outcome?: AuditEvent["outcome"];
  readonly reason?: string | null;
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface SignInClaim {
  readonly user: string;
  readonly address: string;
  readonly requestId: string;
}

/** Longest name of a failed sign-in that is written down. */
const claimMax = 100;

export interface AuditTrail {
  done: (who: Caller, deed: Deed) => Promise<void>;
  refused: (who: Caller, what: string, need: string) => Promise<void>;
  /** A sign-in that failed; the name is only claimed. */
  signInFailed: (claim: SignInClaim, why: string) => Promise<void>;
  /** Before the answer: what cannot be written down is not shown. */
  customerRead: (who: Caller, id: string, part: string) => Promise<void>;
}

export function createAuditTrail(log: AuditLog, now: () => number): AuditTrail {
  const buckets = new Map<string, TokenBucket>();
  /** False when this caller floods the log with refusals. */
  const mayWrite = (user: string): boolean => {
    const known = buckets.get(user);
    const bucket = known ?? createTokenBucket(refusalsBurst, refusalsPerSecond);
    if (buckets.size >= refusersMax) buckets.clear();
    buckets.set(user, bucket);
    return bucket.take(now());
  };
  const write = async (who: Author, deed: Deed): Promise<void> =>
    log.append({
      actor: who.user,
      role: who.role,
      address: who.address,
      action: deed.action,
      targetKind: deed.targetKind,
      targetId: deed.targetId,
      customerId: deed.customerId ?? "",
      outcome: deed.outcome ?? "done",
      reason: deed.reason ?? null,
      before: deed.before ?? null,
      after: deed.after ?? null,
      requestId: who.requestId,
    });
  return {
    done: write,
    refused: async (who, what, need) => {
      if (!mayWrite(who.user)) return;
      await write(who, {
        action: "access.refuse",
        targetKind: "route",
        targetId: what,
        outcome: "refused",
        reason: `needs ${need}`,
      });
    },
    signInFailed: async ({ user, address, requestId }, why) => {
      if (!mayWrite(`address ${address}`)) return;
      const name = user.slice(0, claimMax);
      const who = { user: name, role: "", address, requestId };
      await write(who, {
        action: "session.open",
        targetKind: "user",
        targetId: name,
        outcome: "refused",
        reason: why,
      });
    },
    customerRead: async (who, id, part) =>
      write(who, {
        action: "customer.read",
        targetKind: "customer",
        targetId: id,
        customerId: id,
        after: { part },
      }),
  };
}
