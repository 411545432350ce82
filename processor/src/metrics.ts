/** Metrics of the processor, names of ux 5.3. */
import { createServiceRegistry } from "@riskwall/schemas/service-metrics";
import type { Logger } from "pino";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { FoldResult } from "./core/partition.ts";
import type { LogBounds } from "./io/kafka.ts";
import type { PartitionStatus } from "./ownership.ts";

export interface MetricsDeps {
  /** Low and high offsets of the log; asked when metrics are read. */
  readonly bounds: () => Promise<ReadonlyMap<number, LogBounds>>;
  readonly status: () => readonly PartitionStatus[];
  readonly log: Logger;
  readonly now: () => number;
}

export interface Metrics {
  readonly registry: Registry;
  readonly onFolded: (result: FoldResult, appendedAt: number) => void;
}

export function createMetrics(deps: MetricsDeps): Metrics {
  const registry = createServiceRegistry("processor");
  const registers = [registry];
  /** Records folded since metrics were read, by record and outcome. */
  const folds = new Map<string, Map<string, number>>();
  const folded = new Counter({
    name: "riskwall_processor_records_total",
    help: "Records folded, by record and outcome",
    labelNames: ["name", "outcome"] as const,
    registers,
    collect: () => {
      for (const [name, outcomes] of folds) {
        for (const [outcome, n] of outcomes) folded.inc({ name, outcome }, n);
      }
      folds.clear();
    },
  });
  const latency = new Histogram({
    name: "riskwall_score_seconds",
    help: "From broker append to fold",
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10],
    registers,
  });
  new Gauge({
    name: "riskwall_processor_partitions",
    help: "Partitions of this process: claimed, waiting for a claim, halted",
    labelNames: ["state"] as const,
    registers,
    collect() {
      const count = { claimed: 0, halted: 0, waiting: 0 };
      for (const { halted, claimed } of deps.status()) {
        const state = claimed ? "claimed" : "waiting";
        count[halted === null ? state : "halted"] += 1;
      }
      for (const [state, n] of Object.entries(count)) this.set({ state }, n);
    },
  });
  new Gauge({
    name: "riskwall_processor_stalled_seconds",
    help: "Longest time a partition has waited for a server, by what it waits for",
    labelNames: ["what"] as const,
    registers,
    collect() {
      const longest = { load: 0, send: 0, commit: 0, claim: 0, schema: 0 };
      const named: Record<string, number> = longest;
      for (const { trouble } of deps.status()) {
        if (trouble === null) continue;
        const seconds = (deps.now() - trouble.since) / 1000;
        named[trouble.what] = Math.max(named[trouble.what] ?? 0, seconds);
      }
      for (const [what, n] of Object.entries(named)) this.set({ what }, n);
    },
  });
  new Gauge({
    name: "riskwall_consumer_lag_records",
    help: "Records of a partition of this process that are not folded yet",
    labelNames: ["group", "partition"] as const,
    registers,
    async collect() {
      this.reset();
      try {
        const bounds = await deps.bounds();
        for (const { partition, next } of deps.status()) {
          const ends = bounds.get(partition);
          if (next === null || !ends) continue;
          this.set(
            { group: "processor", partition: String(partition) },
            Math.max(0, ends.high - next),
          );
        }
      } catch (error) {
        // The other metrics are read all the more while the log is away.
        deps.log.warn({ error: String(error) }, "lag is not known");
      }
    },
  });
  return {
    registry,
    onFolded: ({ name, outcome }, appendedAt) => {
      const outcomes = folds.get(name) ?? new Map<string, number>();
      folds.set(name, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1));
      latency.observe(Math.max(0, deps.now() - appendedAt) / 1000);
    },
  };
}
