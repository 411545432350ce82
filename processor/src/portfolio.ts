/**
 * Every minute the owner of partition 0 appends the totals and segment priors
 * of all partitions, with the position each was cut at, to every partition
 * (architecture 4), and re-appends the rule set and rates that another
 * partition lacks, so a half-done broadcast heals.
 */
import type { Portfolio } from "@riskwall/schemas";
import {
  logPartitions,
  partitionKeys,
  totalFields,
} from "@riskwall/schemas/names";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { supportedLogic } from "./rule-file.ts";
import { parseRegister } from "./io/redis.ts";
import type { ControlWriter } from "./io/kafka.ts";
import type { PartitionRegister } from "./core/partition.ts";
import { segmentPriors } from "./core/segment-sums.ts";
import { sumSources } from "./core/source-watch.ts";
import { sumTallies } from "./core/tally.ts";
import type { Ownership } from "./ownership.ts";

export const portfolioEveryMs = 60_000;

export interface PortfolioDeps {
  readonly redis: Redis;
  readonly namespace: string;
  readonly writer: ControlWriter;
  readonly ownership: Ownership;
  readonly log: Logger;
  readonly now: () => number;
  /** Dead letters written so far, of every stage. */
  readonly deadLetters: () => Promise<number>;
}

interface Cut {
  readonly next: number;
  readonly register: PartitionRegister;
  readonly totals: Readonly<Record<string, string>>;
  readonly segments: Readonly<Record<string, string>>;
}

/** What a portfolio record says of all partitions. */
type PortfolioSums = Omit<Portfolio, "seq" | "at" | "deadLetters">;

type Source = Pick<PortfolioDeps, "redis" | "namespace">;

/** The three belong together: they are read in one transaction. */
async function readCut(source: Source, partition: number): Promise<Cut> {
  const keys = partitionKeys(source.namespace, partition);
  const answer = await source.redis
    .multi()
    .hmget(keys.meta, "next", "register", "counts")
    .hgetall(keys.totals)
    .hgetall(keys.segments)
    .exec();
  const value = (i: number): unknown => {
    const [error, found] = answer?.[i] ?? [new Error("no answer"), null];
    if (error) throw error;
    return found;
  };
  // Written by the commit script and by nothing else.
  const meta = value(0) as (string | null)[];
  const totals = value(1) as Record<string, string>;
  const segments = value(2) as Record<string, string>;
  return {
    next: Number(meta[0] ?? 0),
    register: parseRegister(meta[1], null, meta[2]),
    totals,
    segments,
  };
}

async function readCuts(source: Source): Promise<Cut[]> {
  return Promise.all(
    Array.from({ length: logPartitions }, (_, p) => readCut(source, p)),
  );
}

/** Totals and segment priors of all partitions as they are committed now. */
export async function readPortfolio(source: Source): Promise<PortfolioSums> {
  return portfolioOf(await readCuts(source));
}

function portfolioOf(cuts: readonly Cut[]): PortfolioSums {
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

async function broadcast(deps: PortfolioDeps): Promise<void> {
  const cuts = await readCuts(deps);
  const portfolio = portfolioOf(cuts);
  const seq = Math.max(...cuts.map((cut) => cut.register.portfolioSeq)) + 1;
  const at = deps.now();
  const deadLetters = await deps.deadLetters();
  for (let partition = 0; partition < logPartitions; partition += 1) {
    await deps.writer.append(partition, "Portfolio", {
      seq,
      at,
      deadLetters,
      ...portfolio,
    });
  }
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

/** Starts the minute's broadcast; answers how to stop it. */
export function startPortfolio(deps: PortfolioDeps): () => void {
  const timer = setInterval(() => {
    if (deps.ownership.claimOf(0) === null) return;
    broadcast(deps).catch((error: unknown) => {
      deps.log.warn({ error: String(error) }, "portfolio record");
    });
  }, portfolioEveryMs);
  return () => {
    clearInterval(timer);
  };
}
