/**
 * Folds the log of every partition and compares each customer at the position
 * its state stands at.
 */
import { isCustomer, logPartitions } from "@riskwall/schemas/names";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import { createChronicle, readEntry, type LogEntry } from "./chronicle.ts";
import { compareCustomer } from "./compare.ts";
import type { Difference } from "./difference.ts";
import { readLog, type LogSource } from "./log-source.ts";
import { furthest, readStand, type Stand } from "./stand.ts";

export interface Verdict {
  readonly compared: number;
  /** Differences by customer; only customers that differ. */
  readonly differing: ReadonlyMap<string, readonly Difference[]>;
}

/** Runs work on a server; names the server where it does not answer. */
export type Reach = <T>(
  what: string,
  variable: string,
  work: () => Promise<T>,
) => Promise<T>;

/** Verifies a namespace. Rejects as `reach` does when a server is away. */
export async function verify(
  redis: RedisClient,
  source: LogSource,
  reach: Reach,
): Promise<Verdict> {
  const stands: Stand[] = [];
  for (let partition = 0; partition < logPartitions; partition += 1) {
    stands.push(
      await reach("Redis", "RISKWALL_REDIS_URL", async () =>
        readStand(redis, source.namespace, partition),
      ),
    );
  }
  const until = new Map(
    stands.map((stand) => [stand.partition, furthest(stand)] as const),
  );
  const log = await readLog(source, until, reach);
  const differing = new Map<string, readonly Difference[]>();
  let compared = 0;
  for (const stand of stands) {
    const verdict = verifyPartition(stand, log.get(stand.partition) ?? []);
    log.delete(stand.partition);
    compared += verdict.compared;
    for (const [id, items] of verdict.differing) differing.set(id, items);
  }
  return { compared, differing };
}

const absent = (field: string): Difference => ({
  field: "customer",
  oracle: field === "state" ? "present" : "absent",
  state: field === "state" ? "absent" : "present",
});

/** One partition: the log is read once, stopping wherever a piece stands. */
export function verifyPartition(
  stand: Stand,
  entries: readonly LogEntry[],
): Verdict {
  const differing = new Map<string, readonly Difference[]>();
  let compared = 0;
  const chronicle = createChronicle(stand.skips);
  const pieces = [...stand.pieces].sort((a, b) => a.next - b.next);
  const readTo = (end: number): void => {
    while (chronicle.next < end) {
      const entry = entries[chronicle.next];
      if (!entry) throw new Error("the log ends before the state");
      readEntry(chronicle, entry);
    }
  };
  // The list stands before or where the first piece stands.
  readTo(stand.listedAt);
  const isJudged = (id: string): boolean =>
    isCustomer(id) && !chronicle.merged.has(id);
  for (const [id, { events }] of chronicle.customers) {
    if (!isJudged(id)) continue;
    if (events.length === 0 || stand.listed.has(id)) continue;
    if (!isCustomer(id)) continue;
    compared += 1;
    differing.set(id, [absent("state")]);
  }
  for (const { next, states } of pieces) {
    readTo(next);
    for (const [id, state] of states) {
      // Groups, the portfolio and merged customers are no single stream.
      if (!isJudged(id)) continue;
      const known = chronicle.customers.get(id);
      // Of whom nothing was applied, there is no customer.
      const dossier = known?.events.length === 0 ? undefined : known;
      if (!dossier && state === null) continue;
      compared += 1;
      if (!dossier || state === null) {
        differing.set(id, [absent(dossier ? "state" : "log")]);
        continue;
      }
      const found = compareCustomer(dossier, state, chronicle);
      if (found.length > 0) differing.set(id, found);
    }
  }
  return { compared, differing };
}
