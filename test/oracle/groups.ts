/**
 * Groups as one partition may see them (architecture 4): members elsewhere as
 * the last portfolio record left them, members here as they stand now.
 */
import type { GroupSet, Portfolio, PortfolioGroup } from "@riskwall/schemas";
import type { Chronicle } from "./chronicle.ts";
import { toBase } from "./rates.ts";

/** Groups above a customer, its own included. */
const depthMost = 5;

export interface GroupStand {
  readonly groupId: string;
  /** With the asking customer as it stands now. */
  readonly exposure: bigint;
  /** Reporting minor units; null = none, or no rate for it. */
  readonly limit: bigint | null;
  /** A limit in a currency without a rate. */
  readonly isUnknown: boolean;
}

/** What a partition knows of groups. */
export interface GroupBook {
  /** Id of the last portfolio record taken; empty = one was missed. */
  taken: string;
  /** Entries of the last record, by group. */
  readonly entries: Map<string, PortfolioGroup>;
  /** What members of this partition owe, by customer. */
  readonly members: Map<string, { groupId: string; owes: bigint }>;
}

export function emptyBook(): GroupBook {
  return { taken: "", entries: new Map(), members: new Map() };
}

/** A group and those above it; ends at a loop. */
export function chainOf(
  { entries }: Pick<GroupBook, "entries">,
  groupId: string,
): string[] {
  const chain = [groupId];
  let above = entries.get(groupId)?.parent ?? null;
  while (above !== null && !chain.includes(above) && chain.length < depthMost) {
    chain.push(above);
    above = entries.get(above)?.parent ?? null;
  }
  return chain;
}

/** Takes a portfolio record; answers the groups whose sums may have changed. */
export function takePortfolio(
  book: GroupBook,
  record: Portfolio,
): ReadonlySet<string> {
  const isWhole = record.basis === "";
  if (!isWhole && record.basis !== book.taken) {
    // One was missed: nothing is taken until a record carries all groups.
    book.taken = "";
    return new Set();
  }
  book.taken = record.id;
  const changed = new Set<string>();
  const note = (groupId: string): void => {
    for (const id of chainOf(book, groupId)) changed.add(id);
  };
  for (const { groupId } of record.groups) note(groupId);
  if (isWhole) {
    const named = new Set([
      ...record.groups.map(({ groupId }) => groupId),
      ...changed,
    ]);
    for (const id of [...book.entries.keys()]) {
      if (named.has(id)) continue;
      changed.add(id);
      book.entries.delete(id);
    }
  }
  for (const entry of record.groups) {
    const { groupId, members, name, limit } = entry;
    const isGone = members === 0 && name === "" && limit === null;
    if (isGone) book.entries.delete(groupId);
    else book.entries.set(groupId, entry);
  }
  for (const id of [...changed]) note(id);
  return changed;
}

/** Sum over a group and all groups below it, seen from this partition. */
export function groupExposure(
  { groups, partition }: Pick<Chronicle, "groups" | "partition">,
  groupId: string,
  except: string | null,
): bigint {
  let sum = 0n;
  for (const [id, { parts }] of groups.entries) {
    if (!chainOf(groups, id).includes(groupId)) continue;
    parts.forEach((part, i) => {
      if (i !== partition) sum += BigInt(part);
    });
  }
  for (const [customer, { groupId: own, owes }] of groups.members) {
    if (customer === except) continue;
    if (chainOf(groups, own).includes(groupId)) sum += owes;
  }
  return sum;
}

/** A customer's group and those above, with what it owes now. */
export function groupsOf(
  chronicle: Pick<Chronicle, "groups" | "partition" | "rates">,
  customerId: string,
  groupId: string | null,
  owes: bigint,
): GroupStand[] {
  if (groupId === null) return [];
  return chainOf(chronicle.groups, groupId).map((id) => {
    const entry = chronicle.groups.entries.get(id);
    const limit =
      entry?.limit == null
        ? null
        : toBase(BigInt(entry.limit), entry.currency, chronicle.rates);
    return {
      groupId: id,
      exposure: groupExposure(chronicle, id, customerId) + owes,
      limit,
      isUnknown: entry?.limit != null && limit === null,
    };
  });
}

/** What was said of a group: of each field the newest word that says it. */
export interface GroupPaper {
  readonly name: string;
  readonly parent: string | null;
  readonly limit: bigint | null;
  readonly currency: string;
}

export function groupPaper(
  said: readonly GroupSet[],
  currency: string,
): GroupPaper {
  const [first] = said;
  let paper: GroupPaper = {
    ...{ name: first?.groupId ?? "", parent: null, limit: null, currency },
  };
  let newest = -Infinity;
  for (const value of said) {
    // A definition that comes late says nothing any more (F-9).
    if (value.time < newest) continue;
    newest = value.time;
    const own = value.currency ?? paper.currency;
    paper = {
      name: value.name ?? paper.name,
      parent: value.parent ?? paper.parent,
      limit: value.limit === null ? paper.limit : BigInt(value.limit),
      currency: own,
    };
  }
  return paper;
}
