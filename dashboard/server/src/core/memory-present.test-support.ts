/** Customer states and a Redis of them, in memory, for tests of the live side. */
import type { CustomerState, OpenAlert } from "@riskwall/schemas";
import { logPartitions } from "@riskwall/schemas/names";
import { decodeHead, decodeState, encodeState } from "@riskwall/schemas/state";
import { scale } from "./core-view.test-support.ts";
import { partitionOf } from "@riskwall/schemas/partition-of";
import type { Present } from "../io/present.ts";

const nothing = new Uint8Array();

export function customerState(
  id: string,
  over: Partial<CustomerState> = {},
): CustomerState {
  return {
    id,
    name: `name of ${id}`,
    ...{ segment: "", industry: "", country: "", currency: "CNY", owner: "" },
    ...{ across: null, observed: null, coming: null },
    ...{ sentiment: null, recent: [] },
    ...{ groupId: null, termsDays: 30, since: null, watch: false, hold: null },
    ...{ standing: null, temporary: null, limits: null, rating: null },
    loading: null,
    ...{ clock: 0, day: 0, firstOrder: null, floor: 0 },
    ...{ seen: nothing, history: nothing, tiles: nothing },
    ...{ orderRing: nothing, delayRing: nothing, exposureDays: nothing },
    scoreLog: nothing,
    ...{ orders: [], invoices: [], payments: [], credits: [], promises: [] },
    ...{ complaints: [], orphans: [] },
    ...{ monthLast: 0, monthMask: 0, score: 600, class: "C", points: [] },
    ...{ capEffect: 0, cap: "", climbing: [], masterAt: [], rulesetVersion: 1 },
    ...{ classBefore: "", classAt: 0, cusum: 0 },
    ...{ places: nothing, payers: nothing },
    ...{ alerts: [], episodes: [], wake: 0, asOf: 0 },
    ...{ refunds: [], writeOffs: [], covers: [], outside: null },
    tallies: nothing,
    summary: {
      ...{ exposure: 0, receivables: 0, openOrders: 0, unallocated: 0 },
      ...{ overdue: 0, age0: 0, age1: 0, age31: 0, age61: 0, age91: 0 },
      ...{ dpdMax: 0, limit: -1, expectedLoss: 0 },
      alerts: [0, 0, 0, 0, 0],
    },
    anomalies: [],
    ...over,
  };
}

export function openAlert(over: Partial<OpenAlert> = {}): OpenAlert {
  return {
    ...{ alertId: "a1", ruleId: "ORD-01", nameZh: "大额", nameEn: "large" },
    ...{ customerId: "C-1", customerName: "恒远机电", ref: "SO-1" },
    ...{ severity: "high", state: "open", version: 1, actionVersion: 0 },
    ...{ openedAt: 0, updatedAt: 0, eventTime: 0, triggerEventIds: [] },
    ...{ reasons: [], explain: "{}", titleZh: "", titleEn: "" },
    ...{ suggestedZh: "", suggestedEn: "", moneyAtRisk: 0, currency: "CNY" },
    ...{ exposureBefore: 0, exposureAfter: 0, limit: null, utilisation: null },
    ...{ score: 600, class: "C", pd: "0.04", orderId: null, invoiceId: null },
    ...{ complaintId: null, assignee: null, snoozedUntil: null, muted: false },
    ...{ rulesetVersion: 1, actions: [], parent: null, quiet: null },
    ...over,
  };
}

export interface MemoryPresent extends Present {
  readonly put: (state: CustomerState) => void;
  readonly erase: (id: string) => void;
  /** States read so far. */
  readonly reads: () => number;
  /** Everything as it is now; `restore` puts it back, as a failback does. */
  readonly copy: () => MemoryCopy;
  readonly restore: (copy: MemoryCopy) => void;
}

export interface MemoryCopy {
  readonly states: ReadonlyMap<string, Buffer>;
  readonly next: readonly number[];
}

/** As Redis holds it; each write moves the partition's `next`. */
export function memoryPresent(): MemoryPresent {
  let states = new Map<string, Buffer>();
  let next = new Array<number>(logPartitions).fill(0);
  let reads = 0;
  const moved = (id: string): void => {
    const p = partitionOf(id);
    next[p] = (next[p] ?? 0) + 1;
  };
  const read = (ids: readonly string[]): (Buffer | null)[] => {
    reads += ids.length;
    return ids.map((id) => states.get(id) ?? null);
  };
  const present = (ids: readonly string[]): Buffer[] =>
    read(ids).filter((bytes) => bytes !== null);
  const members = (partition: number): number =>
    [...states.keys()].filter((id) => partitionOf(id) === partition).length;
  return {
    copy: () => ({ states: new Map(states), next: [...next] }),
    restore: (copy) => {
      states = new Map(copy.states);
      next = [...copy.next];
    },
    put: (state) => {
      states.set(state.id, encodeState(state));
      moved(state.id);
    },
    erase: (id) => {
      states.delete(id);
      moved(id);
    },
    reads: () => reads,
    sums: async () =>
      Promise.resolve(
        next.map((n, partition) => ({
          ...{ partition, next: n },
          totals: { customers: members(partition) },
        })),
      ),
    places: async () =>
      Promise.resolve(
        next.map((n, partition) => ({
          ...{ partition, next: n, logTime: 0, rulesVersion: 1 },
        })),
      ),
    reading: async () => Promise.resolve({ scale, simulated: false }),
    states: async (ids) => Promise.resolve(read(ids)),
    heads: async (ids) => Promise.resolve(present(ids).map(decodeHead)),
    state: async (id) => {
      const [bytes] = present([id]);
      return Promise.resolve(bytes ? decodeState(bytes) : null);
    },
    exists: async (id) => Promise.resolve(states.has(id)),
    next: async (partition) => Promise.resolve(next[partition] ?? 0),
    scan: async (partition, cursor, count) => {
      const all = [...states.keys()].filter(
        (id) => partitionOf(id) === partition,
      );
      const from = Number(cursor);
      const to = from + count;
      const after = to >= all.length ? "0" : String(to);
      return Promise.resolve({ cursor: after, ids: all.slice(from, to) });
    },
  };
}
