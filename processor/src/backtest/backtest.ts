/**
 * `rules backtest`: folds the archive of the log twice, under the rules of the
 * log and under the ones tried, and compares what they raise. One partition
 * after the other, so that memory holds the customers of one only.
 */
import type { Codec } from "@riskwall/schemas/codec";
import { logPartitions } from "@riskwall/schemas/names";
import type { LogRecord } from "../core/log-record.ts";
import { decodeRecord, UnknownSchema, type RawRecord } from "../pipeline.ts";
import type { Archive } from "../state/archive.ts";
import {
  compareSides,
  countOutputs,
  emptySide,
  type Comparison,
  type Span,
} from "./compare.ts";
import { createTrial, type Candidate, type Trial } from "./trial.ts";

export interface BacktestDeps {
  readonly archive: Pick<Archive, "ends" | "pages" | "skips">;
  readonly codec: Codec;
  readonly onProgress: (folded: number, wanted: number) => void;
}

export interface Backtest extends Comparison {
  readonly records: number;
  readonly customers: number;
}

async function decode(codec: Codec, raw: RawRecord): Promise<LogRecord> {
  try {
    return decodeRecord(codec, raw);
  } catch (error) {
    if (!(error instanceof UnknownSchema)) throw error;
    await codec.learn(error.id);
    return decodeRecord(codec, raw);
  }
}

/** Folds what the archive holds; `span.from` also begins the tried rules. */
export async function backtest(
  deps: BacktestDeps,
  tried: Omit<Candidate, "from">,
  span: { readonly from: number | null; readonly to: number | null },
): Promise<Backtest> {
  const [before, after] = [emptySide(), emptySide()];
  const counted: Span = {
    from: span.from ?? -Infinity,
    to: span.to ?? Infinity,
  };
  const ends = await deps.archive.ends();
  const wanted = [...ends.values()].reduce((sum, end) => sum + end, 0);
  let records = 0;
  let customers = 0;
  for (let partition = 0; partition < logPartitions; partition += 1) {
    const skips = await deps.archive.skips(partition);
    const trial = (candidate: Candidate | null): Trial =>
      createTrial(partition, candidate, skips);
    const now = trial(null);
    const then = trial({ ...tried, from: span.from });
    const end = ends.get(partition) ?? 0;
    for await (const page of deps.archive.pages(partition, 0, end)) {
      for (const raw of page) {
        const item = await decode(deps.codec, raw);
        countOutputs(before, now.fold(item), counted);
        countOutputs(after, then.fold(item), counted);
      }
      records += page.length;
      deps.onProgress(records, wanted);
      if (now.logTime() >= counted.to) break;
    }
    customers += now.customers();
  }
  return { ...compareSides(before, after), records, customers };
}
