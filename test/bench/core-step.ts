/**
 * The core step alone: one record folded with every rule, nothing decoded,
 * encoded or sent. In a run of its own V8's sampling profiler tells what each
 * rule takes of it; a rule above its budget is named.
 */
import { Session, type Profiler } from "node:inspector/promises";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { logPartitions } from "@riskwall/schemas/names";
import { hash32 } from "../../processor/src/core/hash.ts";
import { type LogRecord } from "../../processor/src/core/log-record.ts";
import type { Partition } from "../../processor/src/core/partition.ts";
import { slotOf, type Slot } from "../../processor/src/core/slot.ts";
import type { Benchmark } from "./benchmark.ts";
import { roundsOf } from "./figure.ts";
import { createTraffic, streamOf } from "./traffic.ts";
import { freshFold } from "../support/fresh-fold.ts";

const rounds = 5;
const samplingMicros = 200;
/** What a rule may take of an event on average, µs (issue: speed and size). */
const ruleBudgetMicros = 1;
/** Broker time that passes from one record to the next. */
const betweenMs = 0.1;
/** Functions that only ask the rules one after the other. */
const asksRules = /^check|Gauges$/u;

interface Lane {
  readonly fold: Partition;
  readonly slots: Map<string, Slot>;
  readonly records: LogRecord[];
}

/** Records of every partition, as the log would hold them. */
function recordsOf(customers: number, events: number): LogRecord[][] {
  const traffic = createTraffic(customers);
  const log = Array.from({ length: logPartitions }, (): LogRecord[] => []);
  const began = Date.now();
  let count = 0;
  for (const part of [traffic.introductions(), streamOf(traffic, events)]) {
    for (const { key, record } of part) {
      const records = log[hash32(key) % logPartitions];
      records?.push({
        ...{ offset: records.length, record, problem: null },
        appendedAt: began + Math.floor(count * betweenMs),
        raw: new Uint8Array(0),
      });
      count += 1;
    }
  }
  return log;
}

function lanesOf(log: readonly LogRecord[][]): Lane[] {
  return log.map((records, partition) => ({
    fold: freshFold(partition),
    ...{ slots: new Map<string, Slot>(), records },
  }));
}

/** Folds everything; answers CPU µs per record. */
function foldAll(lanes: readonly Lane[]): number {
  let folded = 0;
  const before = process.cpuUsage();
  for (const { fold, slots, records } of lanes) {
    for (const item of records) {
      for (const id of fold.needs(item)) {
        if (!slots.has(id)) slots.set(id, slotOf(null));
      }
      fold.fold(item, slots);
    }
    folded += records.length;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / folded;
}

interface RuleCost {
  readonly rule: string;
  /** Of the core step. */
  readonly share: number;
}

type Node = Profiler.ProfileNode;

/** The rule that a function of a rule's file speaks for, by its first id. */
function ruleAt(url: string, line: number): string {
  const lines = readFileSync(fileURLToPath(url), "utf8").split("\n");
  const end = lines.findIndex((text, i) => i > line && text === "}");
  const own = lines.slice(line, end).join("\n");
  const [id] = /\b[A-Z]{3}-\d\d\b/u.exec(own) ?? [];
  return id === undefined ? "" : `${id} `;
}

function costsOf({ nodes, samples, timeDeltas }: Profiler.Profile): RuleCost[] {
  const parents = new Map<number, Node>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of nodes) {
    for (const child of node.children ?? []) parents.set(child, node);
  }
  const isRule = ({ callFrame: { url, functionName } }: Node): boolean =>
    /processor\/src\/core\/.*-rules\.ts$/u.test(url) &&
    functionName !== "" &&
    !asksRules.test(functionName);
  const isCoreStep = ({ callFrame: { url, functionName } }: Node): boolean =>
    functionName === "fold" && url.endsWith("/core/partition.ts");
  /** The outermost rule that a sample is in: helpers count for who calls. */
  const ruleOf = (id: number): Node | "step" | null => {
    let rule: Node | null = null;
    for (let at = byId.get(id); at; at = parents.get(at.id)) {
      if (isCoreStep(at)) return rule ?? "step";
      if (isRule(at)) rule = at;
    }
    return null;
  };
  const micros = new Map<string, number>();
  let step = 0;
  for (const [i, id] of (samples ?? []).entries()) {
    const rule = ruleOf(id);
    const took = timeDeltas?.[i] ?? 0;
    if (rule === null) continue;
    step += took;
    if (rule === "step") continue;
    const { url, lineNumber, functionName } = rule.callFrame;
    const of = ruleAt(url, lineNumber);
    const name = `${of}${functionName} (${basename(url)})`;
    micros.set(name, (micros.get(name) ?? 0) + took);
  }
  return [...micros]
    .map(([rule, took]) => ({ rule, share: took / step }))
    .toSorted((a, b) => b.share - a.share);
}

async function profiled(run: () => void): Promise<Profiler.Profile> {
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", {
      interval: samplingMicros,
    });
    await session.post("Profiler.start");
    run();
    const { profile } = await session.post("Profiler.stop");
    return profile;
  } finally {
    session.disconnect();
  }
}

export const coreStep: Benchmark = {
  name: "core",
  run: async ({ full }) => {
    const customers = full ? 100_000 : 10_000;
    const events = full ? 900_000 : 100_000;
    const log = recordsOf(customers, events);
    foldAll(lanesOf(log));
    const steps: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      steps.push(foldAll(lanesOf(log)));
    }
    const costs = costsOf(
      await profiled(() => {
        foldAll(lanesOf(log));
      }),
    );
    const step = roundsOf(steps);
    const text = ({ rule, share }: RuleCost): string =>
      `${rule} ${(share * step.value).toFixed(2)}`;
    const heavy = costs.filter(
      ({ share }) => share * step.value > ruleBudgetMicros,
    );
    const all = costs.reduce((sum, { share }) => sum + share, 0);
    return [
      {
        name: "core step with every rule",
        ...{ ...step, unit: "µs/ev", target: { atMost: 10 } },
        note: `${String(customers)} customers, ${String(events)} events after their introductions, ${String(rounds)} rounds after one of warm-up; CPU of this process`,
      },
      {
        name: "of it, all rules together",
        ...{ value: all * step.value, unit: "µs/ev" },
        note: `by V8's profiler, a sample every ${String(samplingMicros)} µs, in one more round`,
      },
      {
        name: `rules above ${String(ruleBudgetMicros)} µs an event`,
        ...{ value: heavy.length, unit: "", target: { atMost: 0 } },
        note:
          heavy.length > 0
            ? heavy.map(text).join(", ")
            : `the most costly: ${costs.slice(0, 3).map(text).join(", ")}`,
      },
    ];
  },
};
