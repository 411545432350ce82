/** Faults of time: clocks that step, an hour away, a midnight for everybody. */
import { takeClocks, type FalseClocks } from "./false-clock.ts";
import { killNow, pause, type Fault, type Site } from "./fault.ts";
import {
  control,
  dueInvoices,
  logTimes,
  nextMidnight,
  setLogTime,
  type Midnight,
} from "./log-time.ts";
import { movedRules } from "./moved-rules.ts";

const minuteMs = 60_000;
/** Time that a stepped clock stays where it is. */
const steppedMs = 4000;

/** Clocks of the run: made before the product, used by its fault. */
function clocks(): {
  readonly prepare: NonNullable<Fault["prepare"]>;
  readonly taken: () => FalseClocks;
} {
  let made: FalseClocks | null = null;
  return {
    prepare: async (space) => {
      made = await takeClocks(space);
      return made.ground;
    },
    taken: () => {
      if (made === null) throw new Error("no clocks were taken");
      return made;
    },
  };
}

interface OverdueAlerts {
  /** Times each invoice was said to be overdue for the first time. */
  readonly opened: ReadonlyMap<string, number>;
  /** Said before the day was over. */
  readonly early: number;
}

/** What the alerts say of the invoices that were due, repeats left out. */
async function overdueAlerts(
  site: Site,
  midnight: Midnight,
  from: readonly number[],
): Promise<OverdueAlerts> {
  const { space } = site;
  const opened = new Map<string, Set<string>>();
  let early = 0;
  await space.read(space.topics.alerts, ({ batch }) => {
    for (const { value } of batch.messages) {
      const decoded = space.codec.decode(value ?? Buffer.alloc(0));
      if (decoded.kind !== "record" || decoded.record.name !== "Alert")
        continue;
      const alert = decoded.record.value;
      if (alert.ruleId !== "PAY-01") continue;
      if (!alert.customerId.startsWith("DUE-")) continue;
      const ids = opened.get(alert.ref) ?? new Set();
      opened.set(alert.ref, ids.add(alert.alertId));
      const before = alert.offset < (from[alert.partition] ?? 0);
      if (before || alert.openedAt < midnight.at) early += 1;
    }
  });
  return {
    opened: new Map([...opened].map(([ref, ids]) => [ref, ids.size])),
    early,
  };
}

function judgeOverdue(found: OverdueAlerts, wanted: number): string | null {
  const twice = [...found.opened.values()].filter((times) => times > 1).length;
  const problems = [
    ...(found.opened.size === wanted
      ? []
      : [`${String(found.opened.size)} of ${String(wanted)} fired`]),
    ...(twice === 0 ? [] : [`${String(twice)} fired twice`]),
    ...(found.early === 0 ? [] : [`${String(found.early)} fired early`]),
  ];
  return problems.length === 0 ? null : problems.join(", ");
}

/** Fails where some partition's log time went back. */
function watchLogTime(site: Site): () => Promise<void> {
  let last: readonly number[] = [];
  return async () => {
    const now = await logTimes(site.space);
    const back = now.filter((time, p) => time < (last[p] ?? 0)).length;
    if (back > 0) throw new Error(`log time went back in ${String(back)}`);
    last = now;
  };
}

const steppedDue = { customers: 500, each: 10 };

function steppedClocks(): Fault {
  const { prepare, taken } = clocks();
  let midnight: Midnight = nextMidnight(0);
  let from: readonly number[] = [];
  return {
    number: 19,
    what: "5,000 invoices due at one moment, the processor killed three times while they fire; clocks of broker and product step by 10 minutes",
    times: 1,
    load: { eventsPerSecond: 100, customers: 200 },
    prepare,
    act: async (site) => {
      const { space } = site;
      const check = watchLogTime(site);
      const { stepBroker, stepProduct } = taken();
      const now = Date.now();
      midnight = nextMidnight(now);
      const eve = midnight.at - 30 * minuteMs;
      await setLogTime(space, 1, eve);
      site.runAhead(eve - now);
      await space.fill(
        dueInvoices({ ...steppedDue, due: midnight.day, now: eve }),
      );
      await space.settled();
      await check();
      // The product is sure that midnight is near; the log is not.
      await stepProduct(10 * minuteMs);
      await pause(steppedMs);
      await check();
      from = await setLogTime(space, 2, midnight.rolled);
      site.runAhead(midnight.rolled - Date.now());
      const took: number[] = [];
      for (let kills = 0; kills < 3; kills += 1) {
        await pause(300 + site.below(700));
        killNow(site.pidOf("processor"));
        took.push(await site.nextCommit());
        await check();
      }
      for (const ahead of [10, 0]) {
        await stepBroker(ahead * minuteMs);
        await stepProduct(-ahead * minuteMs);
        await pause(steppedMs);
        await check();
      }
      return Math.max(...took);
    },
    problem: async (site) => {
      const { customers, each } = steppedDue;
      return judgeOverdue(
        await overdueAlerts(site, midnight, from),
        customers * each,
      );
    },
  };
}

/** Steps in which the hour passes. */
const awaySteps = 3;
const hourMs = 60 * minuteMs;

function away(): Fault {
  const { prepare, taken } = clocks();
  return {
    number: 24,
    what: "the only processor stands still while an hour passes on every clock, under load",
    times: 1,
    load: { eventsPerSecond: 500, customers: 1000 },
    prepare,
    act: async (site) => {
      const { stepBroker, stepProduct } = taken();
      const pid = site.pidOf("processor");
      process.kill(pid, "SIGSTOP");
      for (let i = 1; i <= awaySteps; i += 1) {
        const ahead = (hourMs * i) / awaySteps;
        await stepBroker(ahead);
        // Events happen by the broker's clock, never before it.
        site.runAhead(ahead);
        await stepProduct(ahead);
        await pause(10_000);
      }
      process.kill(pid, "SIGCONT");
      return site.nextCommit();
    },
    problem: async ({ space }) => {
      const { late, deadletters } = space.topics;
      const named = await Promise.all([late, deadletters].map(space.ends));
      const count = named.flat().reduce((sum, end) => sum + end, 0);
      return count === 0 ? null : `${String(count)} called late or refused`;
    },
  };
}

const midnightDue = { customers: 4000, each: 1 };
/** Outputs of live orders have to be there within this, p99. */
const answerMaxMs = 250;

/** ms from a record's append to the append of its decision, of a range. */
async function answerTimes(
  site: Site,
  from: readonly number[],
  to: readonly number[],
): Promise<readonly number[]> {
  const { space } = site;
  const inside = (partition: number, offset: number): boolean =>
    offset >= (from[partition] ?? 0) && offset < (to[partition] ?? 0);
  const appended = new Map<string, number>();
  await space.read(space.topics.events, ({ batch }) => {
    for (const { offset, timestamp } of batch.messages) {
      if (!inside(batch.partition, Number(offset))) continue;
      appended.set(`${String(batch.partition)}-${offset}`, Number(timestamp));
    }
  });
  const times: number[] = [];
  await space.read(space.topics.decisions, ({ batch }) => {
    for (const { timestamp, value } of batch.messages) {
      const decoded = space.codec.decode(value ?? Buffer.alloc(0));
      if (decoded.kind !== "record") continue;
      if (decoded.record.name !== "Decision") continue;
      const { partition, offset } = decoded.record.value;
      const at = appended.get(`${String(partition)}-${String(offset)}`);
      if (at !== undefined) times.push(Number(timestamp) - at);
    }
  });
  return times.toSorted((a, b) => a - b);
}

function joins(site: Site): number {
  return site.logOf("processor").split('"joined"').length - 1;
}

function crowdedMidnight(): Fault {
  let midnight: Midnight = nextMidnight(0);
  let from: readonly number[] = [];
  let to: readonly number[] = [];
  let joined = 0;
  return {
    number: 29,
    what: "4,000 customers due at one midnight, exchange rates and a rule set in the same moment",
    times: 1,
    load: { eventsPerSecond: 50, customers: 200 },
    act: async (site) => {
      const { space } = site;
      const now = Date.now();
      midnight = nextMidnight(now);
      const eve = midnight.at - 30 * minuteMs;
      await setLogTime(space, 1, eve);
      site.runAhead(eve - now);
      await space.fill(
        dueInvoices({ ...midnightDue, due: midnight.day, now: eve }),
      );
      await space.settled();
      joined = joins(site);
      site.longestPause();
      from = await setLogTime(space, 2, midnight.rolled);
      site.runAhead(midnight.rolled - Date.now());
      const asOf = Math.floor(midnight.at / 86_400_000);
      await control(space, {
        name: "Fx",
        value: {
          ...{ version: 1, effectiveAt: 0, asOf, base: "CNY" },
          rates: { USD: "0.1405", EUR: "0.1290" },
        },
      });
      await control(space, movedRules(2));
      await pause(2000);
      await space.settled();
      to = await space.ends(space.topics.events);
      return site.longestPause();
    },
    problem: async (site) => {
      const { customers, each } = midnightDue;
      const times = await answerTimes(site, from, to);
      const p99 = times[Math.floor(times.length * 0.99)] ?? Infinity;
      const again = joins(site) - joined;
      const overdue = judgeOverdue(
        await overdueAlerts(site, midnight, from),
        customers * each,
      );
      const problems = [
        ...(overdue === null ? [] : [overdue]),
        ...(again === 0 ? [] : [`${String(again)} rebalances`]),
        ...(p99 <= answerMaxMs
          ? []
          : [`p99 of ${String(times.length)} orders ${p99.toFixed(0)} ms`]),
      ];
      return problems.length === 0 ? null : problems.join(", ");
    },
  };
}

export const timeFaults: readonly Fault[] = [
  steppedClocks(),
  away(),
  crowdedMidnight(),
];
