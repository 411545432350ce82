/**
 * Error rates of the statistical rules on simulated customers, by the rules'
 * own code, beside what was published for them (domain C10.1, C10.3). No
 * server takes part.
 */
import { noGroups } from "../../processor/src/core/groups.ts";
import type { OrderItem } from "@riskwall/schemas";
import { createRandom, type Random } from "../../ingest/src/simulate/random.ts";
import { newCustomer } from "../../processor/src/core/customer.ts";
import type { Moment } from "../../processor/src/core/env.ts";
import { measureExposure } from "../../processor/src/core/exposure.ts";
import { largeLegs } from "../../processor/src/core/order-rules.ts";
import { advanceRhythm } from "../../processor/src/core/payment-rhythm.ts";
import { noRates } from "../../processor/src/core/rates.ts";
import { delayRingMax } from "../../processor/src/core/rings.ts";
import { shippedRules } from "../../processor/src/rule-file.ts";
import { viewMoment } from "../../processor/src/view.ts";
import type { Benchmark } from "./benchmark.ts";
import { countErrors } from "./count-errors.ts";
import type { Figure } from "./figure.ts";

const { rules } = shippedRules();
const day = 20_000;

function momentNow(): Moment {
  const env = {
    ...{ rules, rates: noRates(rules.currency) },
    ...{
      sealed: new Map<string, number>(),
      segments: new Map<string, never>(),
      groups: noGroups,
    },
  };
  return viewMoment(env, day * 86_400_000);
}

/** Published: log-sd, orders known, false alarms %, found at 5×, at 10×, %. */
const published = [
  [0.3, 20, 0, 86, 100],
  [0.5, 20, 0.1, 50, 100],
  [0.8, 8, 2.4, 36, 94],
  [0.8, 20, 1.3, 18, 88],
  [1, 20, 2, 7, 61],
  [1, 50, 0.8, 0, 25],
] as const;

/** Share of orders of `multiple` medians (0 = usual ones) that leg a or b sees. */
function largeShare(
  random: Random,
  runs: number,
  [sd, n]: readonly [number, number],
  multiple: number,
): number {
  const moment = momentNow();
  const typical = 100_000_00;
  let found = 0;
  for (let run = 0; run < runs; run += 1) {
    const draw = (): number =>
      Math.round(typical * Math.exp(sd * random.normal()));
    const customer = newCustomer("C-1", rules.currency);
    const value = multiple === 0 ? draw() : typical * multiple;
    customer.orderRing = Array.from({ length: n }, (_, i) => ({
      day: day - n + i,
      amount: draw(),
    }));
    const order: OrderItem = {
      ...{ id: "O-1", placed: moment.now, eventId: "e", source: "bench" },
      ...{ amount: value, currency: rules.currency, base: value, frozen: 0 },
      ...{ open: value, due: null, version: 0, status: 1, changed: day },
      ...{ recheck: 0, expires: 0, decision: null, goods: null },
    };
    const view = { order, value, before: 0, after: value, termsDays: null };
    const exposure = measureExposure(customer, moment);
    const { legs } = largeLegs(customer, view, exposure, moment);
    if (legs.includes("a") || legs.includes("b")) found += 1;
  }
  return (found / runs) * 100;
}

interface Year {
  /** Orders of `peak` medians in the same weeks of the year before. */
  readonly peaks: number;
  /** Days between two orders. */
  readonly every: number;
  /** Growth of amounts a week, over the last four weeks. */
  readonly growth: number;
  /** The order that is judged, in medians of the year. */
  readonly order: number;
}

/** Share of customers of a year whose order leg a, b or c sees (F-28, F-29). */
function yearShare(random: Random, runs: number, year: Year): number {
  const moment = momentNow();
  const typical = 100_000_00;
  let found = 0;
  for (let run = 0; run < runs; run += 1) {
    const draw = (): number => Math.exp(0.5 * random.normal());
    const customer = newCustomer("C-1", rules.currency);
    const peaks = Array.from({ length: year.peaks }, (_, i) => ({
      day: day - 365 - 6 + 4 * i,
      amount: Math.round(
        typical * year.order * Math.exp(0.2 * random.normal()),
      ),
    }));
    const usual = Array.from({ length: 80 }, (_, i) => {
      const at = day - 1 - Math.floor((79 - i) * year.every);
      const weeks = Math.max(0, 4 - Math.floor((day - at) / 7));
      const grown = (1 + year.growth) ** weeks;
      return { day: at, amount: Math.round(typical * draw() * grown) };
    });
    customer.orderRing = [...peaks, ...usual];
    const value = Math.round(typical * year.order);
    const order: OrderItem = {
      ...{ id: "O-1", placed: moment.now, eventId: "e", source: "bench" },
      ...{ amount: value, currency: rules.currency, base: value, frozen: 0 },
      ...{ open: value, due: null, version: 0, status: 1, changed: day },
      ...{ recheck: 0, expires: 0, decision: null, goods: null },
    };
    const view = { order, value, before: 0, after: value, termsDays: null };
    const exposure = measureExposure(customer, moment);
    const { legs } = largeLegs(customer, view, exposure, moment);
    if (legs.length > 0) found += 1;
  }
  return (found / runs) * 100;
}

/** Share of customers with C at `threshold` within `payments`, shift in sd. */
function rhythmShare(
  random: Random,
  runs: number,
  setting: {
    readonly between: number;
    readonly own: number;
    readonly shift: number;
    readonly threshold: number;
    readonly payments: number;
  },
): number {
  const { between, own, shift, threshold, payments } = setting;
  let found = 0;
  for (let run = 0; run < runs; run += 1) {
    const centre = between * random.normal();
    const draw = (more: number): { day: number; dbt: number } => ({
      day,
      dbt: Math.round(centre + own * (random.normal() + more)),
    });
    const customer = newCustomer("C-1", rules.currency);
    customer.delayRing = Array.from({ length: delayRingMax }, () => draw(0));
    for (let i = 0; i < payments; i += 1) {
      const mark = draw(shift);
      customer.delayRing = [...customer.delayRing, mark].slice(-delayRingMax);
      advanceRhythm(customer, mark.dbt, rules);
      if (customer.state.cusum < threshold * 1000) continue;
      found += 1;
      break;
    }
  }
  return (found / runs) * 100;
}

export const ruleErrors: Benchmark = {
  name: "rule-errors",
  run: async ({ full }) => {
    const runs = full ? 40_000 : 4000;
    const random = createRandom("rule-errors");
    const figures: Figure[] = [];
    const add = (name: string, value: number, known: number | null): void => {
      const limit =
        known === null ? {} : { limit: { what: "% published", value: known } };
      figures.push({ name, value, unit: "%", samples: runs, ...limit });
    };
    for (const [sd, n, alarms, five, ten] of published) {
      const of = `ORD-01 a or b, log-sd ${String(sd)}, ${String(n)} orders`;
      const share = (multiple: number): number =>
        largeShare(random, runs, [sd, n], multiple);
      add(`${of}: false alarms per order`, share(0), alarms);
      add(`${of}: found at 5 medians`, share(5), five);
      add(`${of}: found at 10 medians`, share(10), ten);
    }
    const usual = { peaks: 0, every: 4.3, growth: 0, order: 8 };
    const year = (what: string, over: Partial<Year>): void => {
      const value = yearShare(random, runs, { ...usual, ...over });
      add(`ORD-01, ${what}`, value, null);
    };
    year("8 medians, no such season before: found", {});
    year("8 medians, three such a year ago: false alarms", { peaks: 3 });
    const often = { every: 0.6, growth: 0.5 };
    year("12 medians after four weeks of +50 %: found", {
      ...often,
      order: 12,
    });
    year("as large as grown by 5 % a week: false alarms", {
      ...{ every: 0.6, growth: 0.05, order: 1.3 },
    });
    const { medium, high } = rules.rules.pay03;
    for (const between of [0, 5, 10]) {
      for (const own of [3, 6]) {
        const of = `PAY-03, centres ${String(between)} d apart, own spread ${String(own)} d`;
        const share = (shift: number, threshold: number): number =>
          rhythmShare(random, runs, {
            ...{ between, own, shift, threshold },
            payments: 20,
          });
        add(`${of}: false alarms in 20 payments, medium`, share(0, medium), 5);
        add(`${of}: the same, high`, share(0, high), 1);
        add(`${of}: shift of 2 sd found in 20`, share(2, medium), null);
      }
    }
    for (const { name, value, bound } of countErrors(
      random,
      runs,
      momentNow(),
    )) {
      const limit =
        bound === null
          ? {}
          : { limit: { what: "% by the rule", value: bound } };
      figures.push({ name, value, unit: "%", samples: runs, ...limit });
    }
    return Promise.resolve(figures);
  },
};
