/**
 * One partition folded again beside the live state, by the product's own
 * pipeline with outputs off.
 */
import { addSkips, emptyRegister } from "../core/partition-register.ts";
import { createPartition } from "../core/partition.ts";
import type { OutputSink, StateStore } from "../io/ports.ts";
import {
  foldBatch,
  paceMin,
  UnknownSchema,
  type Claim,
  type PipelineDeps,
  type RawRecord,
} from "../pipeline.ts";
import { parseRuleBody, shippedRules } from "../rule-file.ts";
import type { Codec } from "@riskwall/schemas/codec";

/** Offsets are missing between the archive and the broker, or inside one. */
export class LogHole extends Error {}

/** Another rebuild of the same namespace took over. */
export class RebuildFenced extends Error {}

export interface RebuildingDeps {
  /** Of the area `rebuild`, empty. */
  readonly store: StateStore;
  readonly codec: Codec;
  readonly cluster: string;
  readonly batchRecords: number;
  readonly cachePerPartition: number;
  /** Told how many records were folded. */
  readonly onFolded: (records: number) => void;
}

export interface Rebuilding {
  readonly partition: number;
  /** First offset not folded yet. */
  readonly next: () => number;
  /** Folds records that follow on `next` without a hole. */
  readonly fold: (raws: readonly RawRecord[]) => Promise<void>;
}

const noOutputs: OutputSink = {
  encode: () => [],
  send: async () => Promise.resolve(),
};

/** The caller fails as a whole and is run again: nothing is repeated here. */
const once = async <Value>(
  _: string,
  attempt: () => Promise<Value>,
): Promise<Value> => attempt();

/** `skips`: offsets that the live fold was told to pass. */
export async function startRebuilding(
  deps: RebuildingDeps,
  partition: number,
  skips: readonly number[],
): Promise<Rebuilding> {
  const { store, codec } = deps;
  const { rules } = shippedRules();
  const register = emptyRegister();
  addSkips(register, skips);
  const { lease } = await store.claim(partition, "rebuild");
  const claim: Claim = {
    partition,
    lease,
    cluster: deps.cluster,
    logic: rules.logic,
    fold: createPartition({
      partition,
      register,
      subjects: [],
      bootstrapRules: rules,
      parseRules: parseRuleBody,
    }),
    slots: new Map(),
    next: null,
    pace: paceMin,
  };
  const pipeline: PipelineDeps = {
    store,
    sink: noOutputs,
    codec,
    batchRecords: deps.batchRecords,
    cachePerPartition: deps.cachePerPartition,
    elapsedMs: () => performance.now(),
    onFolded: () => undefined,
    beforeFold: () => undefined,
  };
  const foldOne = async (raws: readonly RawRecord[]): Promise<number> => {
    try {
      const { answer, folded } = await foldBatch(pipeline, claim, raws, once);
      if (answer === "OK" || answer === "DONE") return folded;
      throw new RebuildFenced("another rebuild of this namespace is running");
    } catch (error) {
      if (!(error instanceof UnknownSchema)) throw error;
      // Known from now on, be it as none of ours.
      await codec.learn(error.id);
      return 0;
    }
  };
  const next = (): number => claim.next ?? 0;
  return {
    partition,
    next,
    fold: async (raws) => {
      let wanted = next();
      for (const { offset } of raws) {
        if (offset !== wanted) {
          const where = `partition ${String(partition)}`;
          const text = `${where}: offset ${String(wanted)} is missing, ${String(offset)} follows`;
          throw new LogHole(text);
        }
        wanted += 1;
      }
      for (let rest = raws; rest.length > 0;) {
        const folded = await foldOne(rest);
        deps.onFolded(folded);
        rest = rest.slice(folded);
      }
    },
  };
}
