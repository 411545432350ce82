/**
 * Groups as one partition sees them (architecture 4): what other partitions'
 * members owe stands in the book, which the last portfolio record left; what
 * the own members owe is known to the record. So the exposure of a group here
 * is: snapshot − own partition's part in it + own partition's part now.
 *
 * What is kept besides subjects lies in two hashes of the partition, absolute
 * values, moved by the commit:
 *   groups  m:<group>\0<customer> → exposure of a member
 *           d:<group> → definition, of groups whose subject lives here
 *           t:<customer> → exposure of a large customer (EXP-05)
 *           n: → what the partition counts for ever (`Flows`)
 *   book    <group> → entry of the last portfolio record
 */
import type {
  CustomerState,
  Portfolio,
  PortfolioGroup,
} from "@riskwall/schemas";
import { isCustomer } from "@riskwall/schemas/names";
import { toBase, type Rates } from "./rates.ts";
import { compareText } from "./sorted.ts";

/** Groups above a customer, its own included. */
export const groupDepthMax = 5;
/** Members that a group near its limit names. */
export const groupTopMax = 10;
/** A customer with this share of the last known portfolio is kept as large. */
export const largeShare = 0.02;
/** Use of a group's limit at which the next portfolio record is due at once. */
export const urgentUses = [0.8, 0.9, 1] as const;
/** The same, for a move since the last record, as a share of the limit. */
export const urgentMove = 0.1;

/** What a group's members owe, as it is counted of one customer. */
export interface Counted {
  readonly groupId: string;
  readonly part: number;
}

/** What a `#group:<id>` subject says of its group. */
export type GroupDefinition = Pick<
  PortfolioGroup,
  "name" | "parent" | "limit" | "currency"
>;

/** A group and how much of its limit is used. */
export interface GroupUse {
  readonly groupId: string;
  readonly name: string;
  readonly exposure: number;
  /** Reporting minor units; null = no limit, or no rate for it. */
  readonly limit: number | null;
  /** Currency of a limit without a known rate. */
  readonly unknown: string | null;
}

/** Groups of an `Env`: read only. */
export interface GroupSource {
  /** When this partition folded the last portfolio record, ms; 0 = never. */
  readonly asOf: () => number;
  /**
   * The customer's group and those above it, nearest first, with the customer
   * itself counted at `now` instead of what was counted of it.
   */
  readonly uses: (
    groupId: string,
    counted: Counted | null,
    now: number,
    rates: Rates,
  ) => GroupUse[];
  readonly entry: (groupId: string) => PortfolioGroup | null;
  /** The group and all groups below it, sorted. */
  readonly below: (groupId: string) => string[];
}

/** Hashes of a partition as they are stored. */
export interface StoredGroups {
  readonly groups: Readonly<Record<string, string>>;
  readonly book: Readonly<Record<string, string>>;
}

/** Fields of the two hashes that a commit sets; null = removes. */
export interface GroupChanges {
  readonly groups: Map<string, string | null>;
  readonly book: Map<string, string | null>;
}

/** What of the partition's register the groups read and move. */
export interface GroupRegister {
  portfolioId: string;
  portfolioAt: number;
  /** Least exposure of a large customer; -1 = not known. */
  largeFrom: number;
  /** Grows when a portfolio record should not wait for its minute. */
  urgent: number;
}

/** What a partition counts for ever for the rules of the whole portfolio. */
export interface Flows {
  /** Invoices settled, and of these late. */
  settled: number;
  settledLate: number;
  /** Cleared money received, reporting minor units. */
  received: number;
  /** Scores whose outcome is known, and of these bad, by bins. */
  labels: number[];
  bad: number[];
}

const flowsField = "n:";

/** Counts of a partition as its hash of groups holds them. */
export function flowsIn(groups: Readonly<Record<string, string>>): Flows {
  const text = groups[flowsField];
  const none = { settled: 0, settledLate: 0, received: 0, labels: [], bad: [] };
  // Written by `take` below and by nothing else.
  return text === undefined ? none : (JSON.parse(text) as Flows);
}

export interface Groups extends GroupSource {
  readonly flows: Flows;
  /** Counts a customer as it stands now instead of `counted`; answers that. */
  readonly count: (
    state: CustomerState,
    counted: Counted | null,
    rates: Rates,
  ) => Counted | null;
  /** Forgets an erased customer. */
  readonly forget: (customerId: string, counted: Counted | null) => void;
  readonly define: (groupId: string, definition: GroupDefinition) => void;
  /** Takes the groups of a portfolio record; answers those that changed. */
  readonly apply: (record: Portfolio, logTime: number) => string[];
  /** Hands over what changed since it was asked last. */
  readonly take: () => GroupChanges;
}

const member = (groupId: string, customerId: string): string =>
  `m:${groupId}\u0000${customerId}`;

/** Group and customer of a member's field, or null for another field. */
export function memberOf(
  field: string,
): { readonly groupId: string; readonly customerId: string } | null {
  const at = field.indexOf("\u0000");
  if (!field.startsWith("m:") || at < 0) return null;
  return { groupId: field.slice(2, at), customerId: field.slice(at + 1) };
}

/** What an open customer counts as, right after it was read. */
export function countedOf(state: CustomerState): Counted | null {
  return isMember(state)
    ? { groupId: state.groupId ?? "", part: state.summary.exposure }
    : null;
}

function isMember(state: CustomerState): boolean {
  return (
    state.groupId !== null &&
    (state.across?.mergedInto ?? null) === null &&
    isCustomer(state.id)
  );
}

function isGone(entry: PortfolioGroup): boolean {
  return entry.members === 0 && entry.name === "" && entry.limit === null;
}

interface Sums {
  /** Of other partitions at the snapshot. */
  others: number;
  /** Of this partition at the snapshot, and now. */
  then: number;
  now: number;
}

export function createGroups(
  partition: number,
  register: GroupRegister,
  stored: StoredGroups,
): Groups {
  const book = new Map<string, PortfolioGroup>();
  const local = new Map<string, number>();
  const large = new Map<string, number>();
  for (const [groupId, text] of Object.entries(stored.book)) {
    // Written by `apply` below and by nothing else.
    book.set(groupId, JSON.parse(text) as PortfolioGroup);
  }
  for (const [field, text] of Object.entries(stored.groups)) {
    const found = memberOf(field);
    if (found) {
      local.set(found.groupId, (local.get(found.groupId) ?? 0) + Number(text));
    } else if (field.startsWith("t:")) large.set(field.slice(2), Number(text));
  }
  let changes: GroupChanges = { groups: new Map(), book: new Map() };
  const flows = flowsIn(stored.groups);
  let flowsText = JSON.stringify(flows);
  /** Sums with all groups below; null = to be made anew. */
  let trees: Map<string, Sums> | null = null;
  let children: Map<string, string[]> | null = null;

  /** A group and those above it; ends at a loop. */
  const chainOf = (groupId: string): string[] => {
    const chain = [groupId];
    for (let at = book.get(groupId)?.parent ?? null; at !== null;) {
      if (chain.includes(at) || chain.length === groupDepthMax) break;
      chain.push(at);
      at = book.get(at)?.parent ?? null;
    }
    return chain;
  };
  const treesNow = (): Map<string, Sums> => {
    if (trees !== null) return trees;
    trees = new Map();
    for (const groupId of new Set([...book.keys(), ...local.keys()])) {
      const parts = book.get(groupId)?.parts ?? [];
      const then = parts[partition] ?? 0;
      const others = parts.reduce((sum, part) => sum + part, -then);
      const now = local.get(groupId) ?? 0;
      for (const at of chainOf(groupId)) {
        const sums = trees.get(at);
        if (sums) {
          sums.others += others;
          sums.then += then;
          sums.now += now;
        } else trees.set(at, { others, then, now });
      }
    }
    return trees;
  };
  const limitOf = (groupId: string, rates: Rates): number | null => {
    const entry = book.get(groupId);
    if (!entry || entry.limit === null) return null;
    return toBase(entry.limit, entry.currency, rates);
  };
  /** True when the next portfolio record should not wait (80/90/100 %). */
  const isUrgent = (sums: Sums, before: number, limit: number): boolean => {
    const was = sums.others + before;
    const is = sums.others + sums.now;
    return (
      Math.abs(sums.now - sums.then) > limit * urgentMove ||
      urgentUses.some((use) => was >= use * limit !== is >= use * limit)
    );
  };
  const move = (groupId: string, by: number, rates: Rates | null): void => {
    if (by === 0) return;
    const all = treesNow();
    local.set(groupId, (local.get(groupId) ?? 0) + by);
    for (const at of chainOf(groupId)) {
      const sums = all.get(at) ?? { others: 0, then: 0, now: 0 };
      const before = sums.now;
      sums.now += by;
      all.set(at, sums);
      const limit = rates === null ? null : limitOf(at, rates);
      if (limit !== null && isUrgent(sums, before, limit)) register.urgent += 1;
    }
  };
  const noteLarge = (id: string, exposure: number): void => {
    const { largeFrom } = register;
    if (largeFrom >= 0 && exposure >= largeFrom && exposure > 0) {
      if (large.get(id) === exposure) return;
      large.set(id, exposure);
      changes.groups.set(`t:${id}`, String(exposure));
    } else if (large.size > 0 && large.delete(id)) {
      changes.groups.set(`t:${id}`, null);
    }
  };
  const put = (entry: PortfolioGroup): void => {
    const { groupId } = entry;
    if (isGone(entry)) book.delete(groupId);
    else book.set(groupId, entry);
    changes.book.set(groupId, isGone(entry) ? null : JSON.stringify(entry));
  };

  return {
    flows,
    asOf: () => register.portfolioAt,
    entry: (groupId) => book.get(groupId) ?? null,
    uses: (groupId, counted, now, rates) => {
      const own = counted === null ? [] : chainOf(counted.groupId);
      return chainOf(groupId).map((at): GroupUse => {
        const sums = treesNow().get(at) ?? { others: 0, then: 0, now: 0 };
        const before = own.includes(at) ? (counted?.part ?? 0) : 0;
        const entry = book.get(at);
        const limit = limitOf(at, rates);
        return {
          groupId: at,
          name: entry?.name ?? "",
          exposure: sums.others + sums.now - before + now,
          limit,
          unknown:
            limit === null && entry && entry.limit !== null
              ? entry.currency
              : null,
        };
      });
    },
    below: (groupId) => {
      if (children === null) {
        children = new Map();
        for (const id of book.keys()) {
          for (const at of chainOf(id)) {
            children.set(at, [...(children.get(at) ?? []), id]);
          }
        }
      }
      return (children.get(groupId) ?? [groupId]).toSorted(compareText);
    },
    count: (state, counted, rates) => {
      if (isCustomer(state.id)) {
        const { mergedInto } = state.across ?? { mergedInto: null };
        noteLarge(state.id, mergedInto === null ? state.summary.exposure : 0);
      }
      if (counted === null && state.groupId === null) return null;
      const { exposure } = state.summary;
      const next = isMember(state) ? state.groupId : null;
      if (counted?.groupId === next && counted?.part === exposure) {
        return counted;
      }
      if (counted !== null) {
        if (counted.groupId !== next) {
          changes.groups.set(member(counted.groupId, state.id), null);
          move(counted.groupId, -counted.part, rates);
        } else move(counted.groupId, exposure - counted.part, rates);
      }
      if (next === null) return null;
      if (counted?.groupId !== next) move(next, exposure, rates);
      changes.groups.set(member(next, state.id), String(exposure));
      return { groupId: next, part: exposure };
    },
    forget: (customerId, counted) => {
      noteLarge(customerId, 0);
      if (counted === null) return;
      changes.groups.set(member(counted.groupId, customerId), null);
      move(counted.groupId, -counted.part, null);
    },
    define: (groupId, definition) => {
      changes.groups.set(`d:${groupId}`, JSON.stringify(definition));
      register.urgent += 1;
    },
    apply: (record, logTime) => {
      const whole = record.basis === "";
      if (!whole && record.basis !== register.portfolioId) {
        // Something was missed: the next record carries all groups.
        register.portfolioId = "";
        return [];
      }
      register.portfolioId = record.id;
      register.portfolioAt = logTime;
      const changed = new Set(record.groups.map(({ groupId }) => groupId));
      const above = (): void => {
        for (const id of [...changed]) {
          for (const at of chainOf(id)) changed.add(at);
        }
      };
      // A group that moves changes what was above it and what is.
      above();
      if (whole) {
        for (const groupId of book.keys()) {
          if (changed.has(groupId)) continue;
          changed.add(groupId);
          book.delete(groupId);
          changes.book.set(groupId, null);
        }
      }
      for (const entry of record.groups) put(entry);
      trees = null;
      children = null;
      above();
      register.largeFrom = Math.max(
        1,
        Math.round((record.totals["exposure"] ?? 0) * largeShare),
      );
      for (const [id, exposure] of [...large]) noteLarge(id, exposure);
      return [...changed].sort(compareText);
    },
    take: () => {
      const text = JSON.stringify(flows);
      if (text !== flowsText) changes.groups.set(flowsField, text);
      flowsText = text;
      const taken = changes;
      changes = { groups: new Map(), book: new Map() };
      return taken;
    },
  };
}

/** Groups of nobody: for a fold of one customer by itself. */
export const noGroups: GroupSource = {
  asOf: () => 0,
  entry: () => null,
  uses: () => [],
  below: (groupId) => [groupId],
};
