/** One fault with one seed: product, load, fault, criteria, row. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "../../ingest/src/simulate/random.ts";
import {
  sum,
  withNamespace,
  withProduct,
  type BenchNamespace,
  type KeyedRecord,
} from "../bench/bench-namespace.ts";
import { nowMs, runPaced } from "../bench/paced.ts";
import { ownProcesses } from "../bench/processes.ts";
import { createTraffic } from "../bench/traffic.ts";
import type { Product } from "../support/product.ts";
import { stack, waitFor } from "../support/stack.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { findingsOf, type Findings } from "./checks.ts";
import { startExtraProcessor, type ExtraProcessor } from "./extra-processor.ts";
import type { Fault, Load, Site } from "./fault.ts";

const usualLoad: Load = { eventsPerSecond: 2000, customers: 2000 };
const eventsPerSend = 50;
/** Load of one fault at most. */
const loadMaxSeconds = 600;
/** A send is repeated so long while the broker is away. */
const sendMaxMs = 120_000;
const recoverMaxMs = 120_000;
const sampleMs = 50;
/** Events that are sent once more at most. */
const againMax = 2000;

export interface FaultRow {
  readonly number: number;
  readonly what: string;
  readonly seed: number;
  readonly times: number;
  readonly acknowledged: number;
  readonly findings: Findings | null;
  /** ms until commits went on, each time. */
  readonly recoveries: readonly number[];
  /** Empty = every criterion holds. */
  readonly problems: readonly string[];
  readonly seconds: number;
  readonly at: string;
}

function problemsOf(findings: Findings): string[] {
  const { lost, differing, changed, doubled, missing, atEnd } = findings;
  const { unmade, invented } = findings;
  return [
    ...(lost > 0 ? [`G1: ${String(lost)} acknowledged events lost`] : []),
    ...(differing > 0 ? [`G2: ${String(differing)} customers differ`] : []),
    ...(atEnd ? [] : ["G3: not at the end of the log"]),
    ...(changed > 0 ? [`G4: ${String(changed)} repeats differ`] : []),
    ...(unmade > 0 ? [`G4: ${String(unmade)} outputs lack`] : []),
    ...(invented > 0 ? [`G4: ${String(invented)} outputs too many`] : []),
    ...(doubled > 0 ? [`G5: ${String(doubled)} rows too many`] : []),
    ...(missing > 0 ? [`G5: ${String(missing)} rows missing`] : []),
  ];
}

/** Watches the commits of every partition. */
function watchCommits(space: BenchNamespace): {
  readonly nextCommit: () => Promise<number>;
  readonly longestPause: () => number;
  readonly stop: () => void;
} {
  let last: readonly number[] = [];
  let movedAt: number[] = [];
  let longest = 0;
  const sample = (): void => {
    // Redis may be away just now: that is what is watched.
    void space.committed().then(
      (now) => {
        const at = nowMs();
        now.forEach((next, p) => {
          if (next === last[p]) return;
          longest = Math.max(longest, at - (movedAt[p] ?? at));
          movedAt[p] = at;
        });
        last = now;
      },
      () => undefined,
    );
  };
  const timer = setInterval(sample, sampleMs);
  return {
    nextCommit: async () => {
      const started = nowMs();
      let before: number | null = null;
      await waitFor(
        async () => {
          const now = sum(await space.committed());
          // Redis may come back older: what counts is that it moves again.
          const moved = before !== null && now > before;
          before = before === null ? now : Math.min(before, now);
          return moved;
        },
        { timeoutMs: recoverMaxMs, everyMs: 10 },
      );
      return nowMs() - started;
    },
    longestPause: () => {
      const found = longest;
      longest = 0;
      movedAt = [];
      return found;
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}

function pidOf(role: string): number {
  const found = ownProcesses().filter((info) => info.role === role);
  const [one] = found.toSorted((a, b) => a.pid - b.pid);
  if (!one) throw new Error(`no ${role} runs`);
  return one.pid;
}

interface Sender {
  /** Sends until `signal`. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly sendAgain: () => Promise<void>;
  readonly sendOld: (agoMs: number, count: number) => Promise<void>;
  readonly runAhead: (ms: number) => void;
}

/** Sends events, and keeps the ids of what was acknowledged. */
function createSender(
  space: BenchNamespace,
  load: Load,
  acknowledged: Set<string>,
): Sender {
  const traffic = createTraffic(load.customers);
  const last: KeyedRecord[] = [];
  let aheadMs = 0;
  const now = (): number => Date.now() + aheadMs;
  const send = async (records: readonly KeyedRecord[]): Promise<void> => {
    await waitFor(
      async () => {
        await space.append(records);
        return true;
      },
      { timeoutMs: sendMaxMs, everyMs: 250 },
    );
    for (const { record } of records) {
      const { value } = record;
      if ("eventId" in value && value.eventId !== null) {
        acknowledged.add(value.eventId);
      }
    }
  };
  return {
    run: async (signal) => {
      await space.fill(traffic.introductions());
      await runPaced({
        rate: load.eventsPerSecond / eventsPerSend,
        ...{ seconds: loadMaxSeconds, signal },
        send: async () => {
          const records = Array.from({ length: eventsPerSend }, () =>
            traffic.next(now()),
          );
          await send(records);
          last.push(...records);
          last.splice(0, last.length - againMax);
        },
      });
    },
    sendAgain: async () => send(last.toReversed()),
    sendOld: async (agoMs, count) =>
      send(Array.from({ length: count }, () => traffic.next(now() - agoMs))),
    runAhead: (ms) => {
      aheadMs = ms;
    },
  };
}

async function actAll(
  fault: Fault,
  site: Site,
  recoveries: number[],
): Promise<void> {
  await site.nextCommit();
  for (let i = 0; i < fault.times; i += 1) {
    const took = await fault.act(site);
    process.stderr.write(`  done ${String(i + 1)} of ${String(fault.times)}\n`);
    if (took !== null) recoveries.push(took);
  }
}

/** A proxy to Redis for as long as `work` lasts. */
async function withProxy<T>(work: (proxy: TcpProxy) => Promise<T>): Promise<T> {
  const { hostname, port } = new URL(stack().redisUrl);
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  try {
    return await work(proxy);
  } finally {
    await proxy.close();
  }
}

function envOf(fault: Fault, proxy: TcpProxy): Record<string, string> {
  const through = `redis://127.0.0.1:${String(proxy.port)}`;
  return {
    ...fault.env,
    ...(fault.proxied === true ? { RISKWALL_REDIS_URL: through } : {}),
  };
}

interface Run {
  readonly fault: Fault;
  readonly seed: number;
  readonly space: BenchNamespace;
  readonly proxy: TcpProxy;
  readonly acknowledged: Set<string>;
  readonly recoveries: number[];
  readonly problems: string[];
}

/** Does the fault under load; answers what is found when the load has ended. */
async function suffer(run: Run, product: Product): Promise<Findings> {
  const { fault, space, proxy, acknowledged } = run;
  const random = createRandom(`fault-${String(run.seed)}`);
  const extra: ExtraProcessor[] = [];
  const watch = watchCommits(space);
  const load = fault.load ?? usualLoad;
  const traffic = createSender(space, load, acknowledged);
  const { port } = new URL(product.wall);
  const logs = join(product.home, "log");
  const site: Site = {
    ...{ space, proxy, pidOf, logs },
    logOf: (name) => readFileSync(join(logs, `${name}.log`), "utf8"),
    processorUrl: `http://127.0.0.1:${String(Number(port) + 101)}`,
    ...{ nextCommit: watch.nextCommit, longestPause: watch.longestPause },
    ...{ sendAgain: traffic.sendAgain, sendOld: traffic.sendOld },
    ...{ runAhead: traffic.runAhead, product },
    below: (n) => random.whole(0, n - 1),
    addProcessor: async (place) => {
      const made = await startExtraProcessor(space.namespace, place);
      extra.push(made);
      return made;
    },
  };
  const enough = new AbortController();
  const loading = traffic.run(enough.signal);
  try {
    await actAll(fault, site, run.recoveries);
  } finally {
    enough.abort();
    watch.stop();
    await loading;
    for (const other of extra) await other.stop();
  }
  const findings = await findingsOf(space, acknowledged);
  const problem = (await fault.problem?.(site)) ?? null;
  if (problem !== null) run.problems.push(problem);
  return findings;
}

/** Runs a fault; what fails is in the row, not thrown. */
export async function runFault(fault: Fault, seed: number): Promise<FaultRow> {
  const started = nowMs();
  const recoveries: number[] = [];
  const acknowledged = new Set<string>();
  const problems: string[] = [];
  let findings: Findings | null = null;
  try {
    findings = await withProxy(async (proxy) =>
      withNamespace(async (space) => {
        const run = { fault, seed, space, proxy, acknowledged };
        const ground = await fault.prepare?.(space);
        const env = { ...envOf(fault, proxy), ...ground?.env };
        try {
          return await withProduct(
            space,
            async (product) =>
              suffer({ ...run, recoveries, problems }, product),
            env,
          );
        } finally {
          await ground?.close();
        }
      }),
    );
    problems.push(...problemsOf(findings));
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  return {
    ...{ number: fault.number, what: fault.what, times: fault.times, seed },
    ...{ acknowledged: acknowledged.size, findings, recoveries, problems },
    seconds: Math.round((nowMs() - started) / 1000),
    at: new Date().toISOString(),
  };
}
