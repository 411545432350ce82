/**
 * Heads of customers as they stand: read again from Redis, except where Redis
 * is behind what was shown; there the directory's last word counts.
 */
import type { Head } from "../core/customer-row.ts";
import type { Entry } from "../core/directory.ts";
import type { Rebuilding } from "../core/rebuilding.ts";
import { partitionOf } from "@riskwall/schemas/partition-of";
import type { Present } from "../io/present.ts";

/** In the order of the entries, without those that are gone. */
export type StandingHeads = (entries: readonly Entry[]) => Promise<Head[]>;

export function createStandingHeads(deps: {
  readonly present: Present;
  readonly rebuilding: Rebuilding;
  readonly now: () => number;
}): StandingHeads {
  const { present, rebuilding } = deps;
  return async (entries) => {
    const read = await present.heads(entries.map(({ id }) => id));
    const byId = new Map<string, Head>(read.map((head) => [head.id, head]));
    // Asked after the states: whoever went back before is found out.
    rebuilding.observe(await present.places(), deps.now());
    return entries.flatMap(({ id, head }) =>
      rebuilding.isBehind(partitionOf(id)) ? head : (byId.get(id) ?? []),
    );
  };
}
