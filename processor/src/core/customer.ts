/**
 * A customer while it is being folded: the stored state with its packed fields
 * opened. `open` and `close` are inverse; the fold works on nothing else.
 */
import type { CustomerState, Summary } from "@riskwall/schemas";
import { countedOf, type Counted } from "./groups.ts";
import {
  packDelays,
  packExposures,
  packOrders,
  packScores,
  unpackDelays,
  unpackExposures,
  unpackOrders,
  unpackScores,
  type DelayMark,
  type ExposureMark,
  type OrderMark,
  type ScoreMark,
} from "./rings.ts";
import { packTallies, unpackTallies, type Tally } from "./tallies.ts";
import { packTiles, unpackTiles, type Tiles } from "./tiles.ts";

export interface Customer {
  readonly state: CustomerState;
  tiles: Tiles;
  tallies: Tally[];
  /** Rings are replaced, never changed: what is derived of one is remembered. */
  orderRing: readonly OrderMark[];
  delayRing: readonly DelayMark[];
  exposureDays: ExposureMark[];
  scoreLog: ScoreMark[];
  /** What its partition has counted of it for its group. */
  counted: Counted | null;
  /** The delays that its partition has counted for the portfolio. */
  countedDelays: readonly DelayMark[];
  /** The rings that `state` holds packed. */
  packed: {
    readonly orders: readonly OrderMark[];
    readonly delays: readonly DelayMark[];
  };
}

const nothing = new Uint8Array(0);

export function emptySummary(): Summary {
  return {
    exposure: 0,
    receivables: 0,
    openOrders: 0,
    unallocated: 0,
    overdue: 0,
    age0: 0,
    age1: 0,
    age31: 0,
    age61: 0,
    age91: 0,
    dpdMax: 0,
    limit: -1,
    expectedLoss: 0,
    alerts: [0, 0, 0, 0, 0],
  };
}

/** A customer nothing is known of but the id. */
export function newCustomer(id: string, currency: string): Customer {
  return openCustomer({
    id,
    name: id,
    segment: "",
    industry: "",
    country: "",
    currency,
    owner: "",
    groupId: null,
    across: null,
    observed: null,
    termsDays: 30,
    since: null,
    masterAt: [],
    watch: false,
    hold: null,
    standing: null,
    temporary: null,
    limits: null,
    rating: null,
    loading: null,
    clock: 0,
    day: 0,
    firstOrder: null,
    floor: 0,
    seen: nothing,
    history: nothing,
    orders: [],
    invoices: [],
    payments: [],
    credits: [],
    promises: [],
    complaints: [],
    orphans: [],
    tiles: nothing,
    orderRing: nothing,
    delayRing: nothing,
    exposureDays: nothing,
    scoreLog: nothing,
    monthLast: 0,
    monthMask: 0,
    score: 0,
    class: "C",
    classBefore: "",
    classAt: 0,
    cusum: 0,
    places: nothing,
    payers: nothing,
    points: [],
    capEffect: 0,
    cap: "",
    climbing: [],
    rulesetVersion: 0,
    alerts: [],
    episodes: [],
    summary: emptySummary(),
    wake: 0,
    asOf: 0,
    refunds: [],
    writeOffs: [],
    covers: [],
    outside: null,
    tallies: nothing,
    anomalies: [],
    coming: null,
    sentiment: null,
    recent: [],
  });
}

export function openCustomer(state: CustomerState): Customer {
  const orders = unpackOrders(state.orderRing);
  const delays = unpackDelays(state.delayRing);
  return {
    state,
    packed: { orders, delays },
    counted: countedOf(state),
    countedDelays: delays,
    tiles: unpackTiles(state.tiles),
    tallies: unpackTallies(state.tallies),
    orderRing: orders,
    delayRing: delays,
    exposureDays: unpackExposures(state.exposureDays),
    scoreLog: unpackScores(state.scoreLog),
  };
}

/** Writes the opened fields back and returns the state, ready to encode. */
export function closeCustomer(customer: Customer): CustomerState {
  const { state } = customer;
  state.tiles = packTiles(customer.tiles);
  state.tallies = packTallies(customer.tallies);
  const { orderRing: orders, delayRing: delays, packed } = customer;
  if (packed.orders !== orders) state.orderRing = packOrders(orders);
  if (packed.delays !== delays) state.delayRing = packDelays(delays);
  customer.packed = { orders, delays };
  state.exposureDays = packExposures(customer.exposureDays);
  state.scoreLog = packScores(customer.scoreLog);
  return state;
}
