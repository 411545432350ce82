/**
 * Error rates of the rules that count (domain C10.4, ORD-10): customers whose
 * true rate is known, judged by the rules' own code. False alarms are those of
 * an unchanged rate, found is a rate that rose so many times.
 */
import type { Random } from "../../ingest/src/simulate/random.ts";
import {
  burstBaselineDays,
  burstTail,
} from "../../processor/src/core/bursts.ts";
import {
  newCustomer,
  type Customer,
} from "../../processor/src/core/customer.ts";
import type { Moment } from "../../processor/src/core/env.ts";
import { cancelledMore } from "../../processor/src/core/order-habit-rules.ts";
import { complaintBurst } from "../../processor/src/core/state-rules.ts";
import { addToTile } from "../../processor/src/core/tiles.ts";

/** A Poisson draw; of a mean up to some hundreds (Knuth). */
function poisson(random: Random, mean: number): number {
  const bound = Math.exp(-mean);
  let product = random.next();
  let n = 0;
  for (; product > bound; n += 1) product *= random.next();
  return n;
}

/** Events of an unchanged rate before, and of one `times` as high now. */
interface Counted {
  readonly before: number;
  readonly now: number;
}

function draw(
  random: Random,
  per180: number,
  windowDays: number,
  times: number,
): Counted {
  const rate = per180 / burstBaselineDays;
  return {
    before: poisson(random, rate * burstBaselineDays),
    now: poisson(random, rate * times * windowDays),
  };
}

export interface CountError {
  readonly name: string;
  /** Of the runs, %. */
  readonly value: number;
  /** The rule's own bound on it, %; null = none. */
  readonly bound: number | null;
}

function share(runs: number, isFound: () => boolean): number {
  let found = 0;
  for (let run = 0; run < runs; run += 1) if (isFound()) found += 1;
  return (found / runs) * 100;
}

/** ORD-03 looks at a day and a week at each order, DSP-01 at a month. */
function tailErrors(
  random: Random,
  runs: number,
  { env }: Moment,
): CountError[] {
  const { ord03, dsp01 } = env.rules.rules;
  const rules = [
    { rule: "ORD-03, 24 h", p: ord03.p, days: 1 },
    { rule: "ORD-03, 7 d", p: ord03.p, days: 7 },
    { rule: "DSP-01, 30 d", p: dsp01.p, days: 30 },
  ];
  return rules.flatMap(({ rule, p, days }) =>
    [4, 26, 120].flatMap((per180) => {
      const of = `${rule}, ${String(per180)} in 180 d`;
      const rate = (times: number): number =>
        share(runs, () => {
          const { before, now } = draw(random, per180, days, times);
          return now >= 2 && burstTail(before, now, days) < p;
        });
      return [
        {
          name: `${of}: false alarms a window`,
          value: rate(1),
          bound: p * 100,
        },
        {
          name: `${of}: ten times as many found`,
          value: rate(10),
          bound: null,
        },
      ];
    }),
  );
}

/** A customer with these many of a field, the last ones in the last days. */
function withCounts(
  moment: Moment,
  field: "complaints" | "cancelled" | "orders",
  { before, now }: Counted,
  windowDays: number,
  customer: Customer = newCustomer("C-1", moment.env.rules.currency),
): Customer {
  const { today } = moment;
  addToTile(customer.tiles, today, today - windowDays - 20, field, before);
  addToTile(customer.tiles, today, today, field, now);
  return customer;
}

/** CMP-01 counts a week of complaints. */
function complaintErrors(
  random: Random,
  runs: number,
  moment: Moment,
): CountError[] {
  const { p } = moment.env.rules.rules.cmp01;
  return [2, 12].flatMap((per180) => {
    const of = `CMP-01, ${String(per180)} in 180 d`;
    const rate = (times: number): number =>
      share(runs, () => {
        const counted = draw(random, per180, 7, times);
        const customer = withCounts(moment, "complaints", counted, 7);
        return complaintBurst(customer, "K-1", moment) !== null;
      });
    return [
      { name: `${of}: false alarms a week`, value: rate(1), bound: p * 100 },
      {
        name: `${of}: twenty times as many found`,
        value: rate(20),
        bound: null,
      },
    ];
  });
}

/** ORD-10 compares a month's share of cancelled orders with the half-year's. */
function cancelErrors(
  random: Random,
  runs: number,
  moment: Moment,
): CountError[] {
  const { p } = moment.env.rules.rules.ord10;
  return [0.05, 0.2].flatMap((usual) => {
    const of = `ORD-10, 20 orders a month, ${String(usual * 100)} % cancelled`;
    const rate = (now: number): number =>
      share(runs, () => {
        const cancelled = (orders: number, chance: number): number =>
          Array.from({ length: orders }).filter(() => random.chance(chance))
            .length;
        const counted = {
          before: cancelled(100, usual),
          now: cancelled(20, now),
        };
        const placed = { before: 100 - counted.before, now: 20 - counted.now };
        const customer = withCounts(moment, "cancelled", counted, 30);
        withCounts(moment, "orders", placed, 30, customer);
        return cancelledMore(customer, moment) !== null;
      });
    return [
      {
        name: `${of}: false alarms a month`,
        value: rate(usual),
        bound: p * 100,
      },
      {
        name: `${of}: half of them cancelled, found`,
        value: rate(0.5),
        bound: null,
      },
    ];
  });
}

/** All rules that count, `runs` customers each. */
export function countErrors(
  random: Random,
  runs: number,
  moment: Moment,
): CountError[] {
  return [tailErrors, complaintErrors, cancelErrors].flatMap((rule) =>
    rule(random, runs, moment),
  );
}
