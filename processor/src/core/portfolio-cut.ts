/**
 * What a portfolio record says of groups and large customers, from the hashes
 * of all partitions as they were read.
 */
import type {
  ExposurePart,
  OverdueCustomer,
  PortfolioGroup,
} from "@riskwall/schemas";
import { isCustomer } from "@riskwall/schemas/names";
import { utilisationOf } from "./exposure.ts";
import {
  groupDepthMax,
  groupTopMax,
  memberOf,
  urgentUses,
  type GroupDefinition,
} from "./groups.ts";
import { toBase, type Rates } from "./rates.ts";
import { compareText } from "./sorted.ts";

/** Large customers that a record names. */
export const topMax = 50;
/** Customers named where a week brought too little. */
const overdueTopMax = 5;

type Hash = Readonly<Record<string, string>>;

/** A group as all partitions together see it. */
export interface GroupNow {
  /** As a record carries it; `top` without a bound. */
  readonly entry: PortfolioGroup;
  /** With all groups below. */
  readonly exposure: number;
  readonly members: number;
  /** Reporting minor units; null = none, or no rate for it. */
  readonly limit: number | null;
}

function byExposure(a: ExposurePart, b: ExposurePart): number {
  return b.exposure - a.exposure || compareText(a.customerId, b.customerId);
}

/** Definitions and members of all partitions, joined. */
function entriesOf(hashes: readonly Hash[]): Map<string, PortfolioGroup> {
  const entries = new Map<string, PortfolioGroup>();
  const entryOf = (groupId: string): PortfolioGroup => {
    const known = entries.get(groupId);
    if (known) return known;
    const made = {
      ...{ groupId, name: "", parent: null, limit: null, currency: "" },
      ...{ members: 0, parts: hashes.map(() => 0), top: [] },
    };
    entries.set(groupId, made);
    return made;
  };
  for (const [partition, hash] of hashes.entries()) {
    for (const [field, text] of Object.entries(hash)) {
      const member = memberOf(field);
      if (member !== null) {
        const { parts, top, ...entry } = entryOf(member.groupId);
        const exposure = Number(text);
        parts[partition] = (parts[partition] ?? 0) + exposure;
        top.push({ customerId: member.customerId, exposure });
        const members = entry.members + 1;
        entries.set(member.groupId, { ...entry, members, parts, top });
      } else if (field.startsWith("d:")) {
        const groupId = field.slice(2);
        // Written by the fold and by nothing else.
        const definition = JSON.parse(text) as GroupDefinition;
        const { name, parent, limit, currency } = definition;
        const told = { name, parent, limit, currency };
        entries.set(groupId, { ...entryOf(groupId), ...told });
      }
    }
  }
  return entries;
}

/** Groups as they stand in all partitions together, by id. */
export function groupsNow(
  hashes: readonly Hash[],
  rates: Rates,
): Map<string, GroupNow> {
  const entries = entriesOf(hashes);
  const sums = new Map<string, { exposure: number; members: number }>();
  for (const { groupId, parts, members } of entries.values()) {
    const own = parts.reduce((sum, part) => sum + part, 0);
    const passed = new Set<string>();
    let at: string | null = groupId;
    while (at !== null && !passed.has(at) && passed.size < groupDepthMax) {
      passed.add(at);
      const sum = sums.get(at) ?? { exposure: 0, members: 0 };
      sum.exposure += own;
      sum.members += members;
      sums.set(at, sum);
      at = entries.get(at)?.parent ?? null;
    }
  }
  const found = [...entries.values()].map((entry): [string, GroupNow] => {
    const { groupId, limit, currency, top } = entry;
    const sum = sums.get(groupId) ?? { exposure: 0, members: 0 };
    const base = limit === null ? null : toBase(limit, currency, rates);
    top.sort(byExposure);
    return [groupId, { entry, ...sum, limit: base }];
  });
  found.sort((a, b) => compareText(a[0], b[0]));
  return new Map(found);
}

/** True for a group near its limit, whose members a record names. */
function isNear({ exposure, limit }: GroupNow): boolean {
  const use = utilisationOf(exposure, limit);
  return use !== null && use >= urgentUses[0];
}

/** Entries of all groups as a record carries them. */
export function groupEntries(
  groups: ReadonlyMap<string, GroupNow>,
): PortfolioGroup[] {
  const near = (groupId: string): boolean => {
    let at: string | null = groupId;
    for (let depth = 0; at !== null && depth < groupDepthMax; depth += 1) {
      const group = groups.get(at);
      if (group && isNear(group)) return true;
      at = group?.entry.parent ?? null;
    }
    return false;
  };
  return [...groups.values()].map(({ entry }) => ({
    ...entry,
    top: near(entry.groupId) ? entry.top.slice(0, groupTopMax) : [],
  }));
}

/** Entries that differ from the book of a partition; gone ones as empty. */
export function changedEntries(
  entries: readonly PortfolioGroup[],
  book: Hash,
): PortfolioGroup[] {
  const known = new Set(entries.map(({ groupId }) => groupId));
  const gone = Object.keys(book).filter((groupId) => !known.has(groupId));
  return [
    ...entries.filter((entry) => book[entry.groupId] !== JSON.stringify(entry)),
    ...gone.map((groupId): PortfolioGroup => ({
      ...{ groupId, name: "", parent: null, limit: null, currency: "" },
      ...{ members: 0, parts: [], top: [] },
    })),
  ];
}

/** The largest customers of all partitions. */
export function largestCustomers(hashes: readonly Hash[]): ExposurePart[] {
  const all = hashes.flatMap((hash) =>
    Object.entries(hash).flatMap(([field, text]): ExposurePart[] =>
      field.startsWith("t:")
        ? [{ customerId: field.slice(2), exposure: Number(text) }]
        : [],
    ),
  );
  return all.sort(byExposure).slice(0, topMax);
}

/** What is known of a subject without decoding all of it. */
interface Summarised {
  readonly id: string;
  readonly name: string;
  readonly summary: { readonly overdue: number };
}

/** Who owes most past its due date, of those known and these. */
export function largestOverdue(
  known: readonly OverdueCustomer[],
  more: readonly Summarised[],
): OverdueCustomer[] {
  const owing = more
    .filter(({ id, summary }) => isCustomer(id) && summary.overdue > 0)
    .map(({ id, name, summary }) => ({
      ...{ customerId: id, name, overdue: summary.overdue },
    }));
  return [...known, ...owing]
    .sort(
      (a, b) =>
        b.overdue - a.overdue || compareText(a.customerId, b.customerId),
    )
    .slice(0, overdueTopMax);
}
