/**
 * kill -9 of the only processor under load: until the first new commit of the
 * one the supervisor starts again, and until every partition has committed.
 */
import { loadConfig } from "../../processor/src/config.ts";
import { waitFor } from "../support/stack.ts";
import {
  hasReached,
  sum,
  withNamespace,
  withProduct,
  type BenchNamespace,
} from "./bench-namespace.ts";
import type { Benchmark } from "./benchmark.ts";
import { roundsOf } from "./figure.ts";
import { nowMs, runPaced } from "./paced.ts";
import { ownProcesses } from "./processes.ts";
import { createTraffic, type Traffic } from "./traffic.ts";

const eventsPerSecond = 500;
const eventsPerSend = 50;
const customers = 2000;
/** Load of one round at most. */
const roundMaxSeconds = 60;
/** The kill comes when so many events of the round are committed. */
const eventsBeforeKill = 1000;
const pollMs = 10;

interface Recovered {
  readonly firstMs: number;
  readonly allMs: number;
}

function processorPid(): number {
  const found = ownProcesses().filter(({ role }) => role === "processor");
  const [processor] = found;
  if (processor === undefined || found.length !== 1) {
    throw new Error(`${String(found.length)} processors run`);
  }
  return processor.pid;
}

async function killAndWait(space: BenchNamespace): Promise<Recovered> {
  const pid = processorPid();
  const killed = nowMs();
  process.kill(pid, "SIGKILL");
  await waitFor(() => ownProcesses().every((info) => info.pid !== pid), {
    everyMs: pollMs,
  });
  const before = await space.committed();
  await waitFor(
    async () =>
      (await space.committed()).some((next, p) => next > (before[p] ?? 0)),
    { everyMs: pollMs },
  );
  const firstMs = nowMs() - killed;
  const wanted = before.map((next) => next + 1);
  await waitFor(async () => hasReached(await space.committed(), wanted), {
    everyMs: pollMs,
  });
  return { firstMs, allMs: nowMs() - killed };
}

/** One kill while events arrive; ends when all of them are committed. */
async function runRound(
  space: BenchNamespace,
  traffic: Traffic,
): Promise<Recovered> {
  const enough = new AbortController();
  const load = runPaced({
    rate: eventsPerSecond / eventsPerSend,
    seconds: roundMaxSeconds,
    signal: enough.signal,
    send: async () =>
      space.append(
        Array.from({ length: eventsPerSend }, () => traffic.next(Date.now())),
      ),
  });
  try {
    const before = sum(await space.committed());
    await waitFor(
      async () => sum(await space.committed()) >= before + eventsBeforeKill,
    );
    return await killAndWait(space);
  } finally {
    enough.abort();
    await load;
    await space.settled();
  }
}

export const recovery: Benchmark = {
  name: "recovery",
  run: async ({ full }) => {
    const rounds = full ? 10 : 4;
    return withNamespace(async (space) =>
      withProduct(space, async () => {
        const traffic = createTraffic(customers);
        await space.fill(traffic.introductions());
        await space.settled();
        const results: Recovered[] = [];
        for (let round = 0; round < rounds; round += 1) {
          results.push(await runRound(space, traffic));
        }
        const seconds = (of: (item: Recovered) => number): number[] =>
          results.map((item) => of(item) / 1000);
        const limit = {
          what: "s, the session that must end first",
          value: loadConfig({}).sessionMs / 1000,
        };
        const first = roundsOf(seconds(({ firstMs }) => firstMs));
        const note = `${String(eventsPerSecond)} events/s, ${String(rounds)} kills; the supervisor starts the processor again`;
        return [
          {
            name: "kill -9 to first new commit, median",
            ...{ ...first, unit: "s", target: { atMost: 9 }, limit, note },
          },
          {
            name: "kill -9 to first new commit, longest",
            ...{ value: first.range[1], unit: "s", samples: rounds },
            ...{ target: { atMost: 9 }, limit },
          },
          {
            name: "kill -9 to commits of every partition, median",
            ...{ ...roundsOf(seconds(({ allMs }) => allMs)), unit: "s" },
          },
        ];
      }),
    );
  },
};
