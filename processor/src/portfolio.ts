/**
 * Every minute the owner of partition 0 appends the totals, segment priors and
 * changed groups of all partitions, with the position each was cut at, to every
 * partition (architecture 4); at once when a group moved much or passed 80, 90
 * or 100 % of its limit. It re-appends the rule set and rates that another
 * partition lacks, so a half-done broadcast heals.
 *
 * A record says whose groups it changes (`basis`). Where a partition has seen
 * another record last, or this owner is a new one, the next record carries all.
 */
import type {
  ExpectedCash,
  OverdueCustomer,
  Portfolio,
} from "@riskwall/schemas";
import {
  logPartitions,
  partitionKeys,
  portfolioSubject,
  totalFields,
} from "@riskwall/schemas/names";
import { decodeHead, decodeState } from "@riskwall/schemas/state";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import type { Logger } from "pino";
import { supportedLogic } from "./rule-file.ts";
import { parseRegister, readGroups } from "./io/redis.ts";
import type { ControlWriter } from "./io/kafka.ts";
import { flowsIn, type Flows } from "./core/groups.ts";
import type { PartitionRegister } from "./core/partition-register.ts";
import {
  changedEntries,
  groupEntries,
  groupsNow,
  largestCustomers,
  largestOverdue,
} from "./core/portfolio-cut.ts";
import type { Rates } from "./core/rates.ts";
import { scoreBins, scoreMin, scoreStep } from "./core/score-bins.ts";
import { segmentPriors } from "./core/segment-sums.ts";
import { sumSources } from "./core/source-watch.ts";
import { sumTallies } from "./core/tally.ts";
import type { Ownership } from "./ownership.ts";
import { standingBytes } from "./standing-states.ts";

export const portfolioEveryMs = 60_000;
/** How often is asked whether a group does not want to wait for that. */
export const urgentEveryMs = 1000;

export interface PortfolioDeps {
  readonly redis: RedisClient;
  readonly namespace: string;
  readonly writer: ControlWriter;
  readonly ownership: Ownership;
  readonly log: Logger;
  readonly now: () => number;
  /** Dead letters written so far, of every stage. */
  readonly deadLetters: () => Promise<number>;
  /** Rates in force. */
  readonly rates: () => Promise<Rates>;
  /** Local day of log time. */
  readonly today: () => Promise<number>;
  /** Expected cash of the rest of the week; null while it cannot be told. */
  readonly expectedCash: (
    week: Pick<ExpectedCash, "from" | "to"> | null,
  ) => Promise<ExpectedCash | null>;
}

/** A partition as it was read. */
export interface Cut {
  readonly next: number;
  readonly register: PartitionRegister;
  readonly totals: Readonly<Record<string, string>>;
  readonly segments: Readonly<Record<string, string>>;
  readonly groups: Readonly<Record<string, string>>;
  /** Customers by score. */
  readonly scores: readonly number[];
}

/** What a record says of all partitions together, groups aside. */
type PortfolioTotals = Pick<
  Portfolio,
  "cut" | "totals" | "segments" | "tally" | "sources"
>;

type Source = Pick<PortfolioDeps, "redis" | "namespace">;

/** All of it belongs together: it is read in one transaction. */
async function readCut(source: Source, partition: number): Promise<Cut> {
  const keys = partitionKeys(source.namespace, partition);
  const asked = source.redis
    .multi()
    .hmget(keys.meta, "next", "register", "counts")
    .hgetall(keys.totals)
    .hgetall(keys.segments)
    .hgetall(keys.groups);
  for (let bin = 0; bin < scoreBins; bin += 1) {
    const from = scoreMin + bin * scoreStep;
    const last = bin === scoreBins - 1;
    asked.zcount(
      keys.all,
      from,
      last ? "+inf" : `(${String(from + scoreStep)}`,
    );
  }
  const answer = await asked.exec();
  const value = (i: number): unknown => {
    const [error, found] = answer?.[i] ?? [new Error("no answer"), null];
    if (error) throw error;
    return found;
  };
  // Written by the commit script and by nothing else.
  const meta = value(0) as (string | null)[];
  return {
    next: Number(meta[0] ?? 0),
    register: parseRegister(meta[1], null, meta[2]),
    totals: value(1) as Record<string, string>,
    segments: value(2) as Record<string, string>,
    groups: value(3) as Record<string, string>,
    scores: Array.from({ length: scoreBins }, (_, i) => Number(value(4 + i))),
  };
}

async function readCuts(source: Source): Promise<Cut[]> {
  return Promise.all(
    Array.from({ length: logPartitions }, (_, p) => readCut(source, p)),
  );
}

/** Totals and segment priors of all partitions as they are committed now. */
export async function readPortfolio(source: Source): Promise<PortfolioTotals> {
  return totalsOf(await readCuts(source));
}

/** Totals and segment priors of these partitions. */
export function totalsOf(cuts: readonly Cut[]): PortfolioTotals {
  const totals: Record<string, number> = {};
  for (const name of totalFields) {
    totals[name] = cuts.reduce(
      (sum, cut) => sum + Number(cut.totals[name] ?? 0),
      0,
    );
  }
  return {
    cut: cuts.map((cut) => cut.next),
    totals,
    segments: segmentPriors(cuts.map((cut) => cut.segments)),
    tally: sumTallies(cuts.map((cut) => cut.register.counts.tally.own)),
    sources: sumSources(cuts.map((cut) => cut.register.counts.sources)),
  };
}

/** Sums of lists, place by place. */
function added(lists: readonly (readonly number[])[]): number[] {
  const length = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length }, (_, i) =>
    lists.reduce((sum, list) => sum + (list[i] ?? 0), 0),
  );
}

/** What the partitions count for ever. */
export function flowsOf(
  cuts: readonly Cut[],
): Pick<
  Portfolio,
  "scores" | "settled" | "settledLate" | "received" | "labels" | "bad"
> {
  const flows = cuts.map((cut) => flowsIn(cut.groups));
  const sum = (of: (flow: Flows) => number): number =>
    flows.reduce((total, flow) => total + of(flow), 0);
  return {
    scores: added(cuts.map((cut) => cut.scores)),
    settled: sum((flow) => flow.settled),
    settledLate: sum((flow) => flow.settledLate),
    received: sum((flow) => flow.received),
    labels: added(flows.map((flow) => flow.labels)),
    bad: added(flows.map((flow) => flow.bad)),
  };
}

/** What this owner sent last to all partitions. */
interface Sent {
  id: string;
  urgent: number;
}

function urgentOf(cuts: readonly Cut[]): number {
  return cuts.reduce((sum, { register }) => sum + register.urgent, 0);
}

/** The week that runs or begins, and who is behind where one is over. */
async function weekOf(
  deps: PortfolioDeps,
): Promise<Pick<Portfolio, "expected" | "overdueTop">> {
  const key = partitionKeys(deps.namespace, 0).customer(portfolioSubject);
  const bytes = await deps.redis.getBuffer(key);
  const book = bytes === null ? null : decodeState(bytes).across?.portfolio;
  const known = book?.expected ?? null;
  const isOver = known !== null && (await deps.today()) > known.to;
  return {
    expected: await deps.expectedCash(known),
    overdueTop: isOver ? await mostOverdue(deps) : [],
  };
}

/** Who owes most past its due date, as the customers were judged last. */
async function mostOverdue(source: Source): Promise<OverdueCustomer[]> {
  let top: OverdueCustomer[] = [];
  for await (const piece of standingBytes(source)) {
    top = largestOverdue(top, piece.map(decodeHead));
  }
  return top;
}

async function broadcast(deps: PortfolioDeps, sent: Sent): Promise<void> {
  const lease = deps.ownership.claimOf(0)?.lease;
  if (lease === undefined) return;
  const cuts = await readCuts(deps);
  const seq = Math.max(...cuts.map((cut) => cut.register.portfolioSeq)) + 1;
  const id = `${lease}:${String(seq)}`;
  const isSame = cuts.every((cut) => cut.register.portfolioId === sent.id);
  const basis = isSame ? sent.id : "";
  sent.id = "";
  sent.urgent = urgentOf(cuts);
  const hashes = cuts.map((cut) => cut.groups);
  const entries = groupEntries(groupsNow(hashes, await deps.rates()));
  const { book } = await readGroups(
    deps.redis,
    partitionKeys(deps.namespace, 0),
  );
  const record: Portfolio = {
    ...{ seq, at: deps.now(), id, basis },
    ...totalsOf(cuts),
    ...flowsOf(cuts),
    groups: basis === "" ? entries : changedEntries(entries, book),
    top: largestCustomers(hashes),
    ...(await weekOf(deps)),
    deadLetters: await deps.deadLetters(),
  };
  for (let partition = 0; partition < logPartitions; partition += 1) {
    await deps.writer.append(partition, "Portfolio", record);
  }
  sent.id = id;
  await heal(deps, cuts);
}

async function heal(deps: PortfolioDeps, cuts: readonly Cut[]): Promise<void> {
  const register = cuts[0]?.register;
  if (!register) return;
  for (const [partition, cut] of cuts.entries()) {
    if (cut.register.rulesVersion < register.rulesVersion) {
      await deps.writer.append(partition, "RuleSet", {
        version: register.rulesVersion,
        effectiveAt: 0,
        logic: supportedLogic.at(-1) ?? 1,
        body: register.rulesBody,
      });
    }
    if (cut.register.fxVersion < register.fxVersion) {
      await deps.writer.append(partition, "Fx", {
        version: register.fxVersion,
        effectiveAt: 0,
        asOf: 0,
        base: register.fxBase,
        rates: register.fxRates,
      });
    }
  }
}

/** How often the partitions wanted a record that does not wait. */
async function readUrgent({ redis, namespace }: Source): Promise<number> {
  const counts = await Promise.all(
    Array.from({ length: logPartitions }, async (_, p) =>
      redis.hget(partitionKeys(namespace, p).meta, "urgent"),
    ),
  );
  return counts.reduce((sum, count) => sum + Number(count ?? 0), 0);
}

/** Starts the broadcast of each minute; answers how to stop it. */
export function startPortfolio(deps: PortfolioDeps): () => void {
  const sent: Sent = { id: "", urgent: 0 };
  let busy = false;
  const once = async (isDue: () => Promise<boolean>): Promise<void> => {
    if (busy || deps.ownership.claimOf(0) === null) return;
    busy = true;
    try {
      if (await isDue()) await broadcast(deps, sent);
    } catch (error) {
      deps.log.warn({ error: String(error) }, "portfolio record");
    } finally {
      busy = false;
    }
  };
  const timers = [
    setInterval(() => void once(() => Promise.resolve(true)), portfolioEveryMs),
    setInterval(
      () => void once(async () => (await readUrgent(deps)) > sent.urgent),
      urgentEveryMs,
    ),
  ];
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
