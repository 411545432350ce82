/**
 * Debian's libfaketime before the clocks of the broker and of the product:
 * the wall clock steps when told, what counts elapsed time does not.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchNamespace } from "../bench/bench-namespace.ts";
import { ownProcesses } from "../bench/processes.ts";
import { waitFor } from "../support/stack.ts";
import { killNow, pause, type Ground } from "./fault.ts";

const library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
/** libfaketime looks at its file once in so many seconds. */
const lookSeconds = 1;
const brokerUpMs = 60_000;

export interface FalseClocks {
  /** Steps the broker's clock to so far from the true one; seen after this. */
  readonly stepBroker: (aheadMs: number) => Promise<void>;
  readonly stepProduct: (aheadMs: number) => Promise<void>;
  readonly ground: Ground;
}

function variables(file: string): Record<string, string> {
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: String(lookSeconds),
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    FAKETIME_DONT_RESET: "1",
    // The remedy for other libraries' timed waits makes a JVM's wait for ever.
    FAKETIME_FORCE_MONOTONIC_FIX: "0",
  };
}

/** Ends the broker; the supervisor starts it in the environment of now. */
async function restartBroker(space: BenchNamespace): Promise<void> {
  const broker = ownProcesses().find(({ role }) => role === "kafka");
  if (!broker) throw new Error("no broker of our own runs");
  killNow(broker.pid);
  await waitFor(
    async () => {
      const [other] = ownProcesses().filter(({ role }) => role === "kafka");
      if (other === undefined || other.pid === broker.pid) return false;
      return (await space.ends(space.topics.events)).length > 0;
    },
    { timeoutMs: brokerUpMs, everyMs: 250 },
  );
}

/** Starts the broker anew under a clock of its own; the product gets another. */
export async function takeClocks(space: BenchNamespace): Promise<FalseClocks> {
  if (!existsSync(library)) {
    throw new Error("libfaketime is missing: apt-get install libfaketime");
  }
  const home = mkdtempSync(join(tmpdir(), "riskwall-clock-"));
  const files = {
    broker: join(home, "broker"),
    product: join(home, "product"),
  };
  const step = (file: string, aheadMs: number): void => {
    writeFileSync(file, `${aheadMs < 0 ? "" : "+"}${String(aheadMs / 1000)}\n`);
  };
  const seen = async (): Promise<void> => pause(lookSeconds * 2000);
  step(files.broker, 0);
  step(files.product, 0);
  // What the supervisor starts from here on has this run's environment.
  const forBroker = variables(files.broker);
  Object.assign(process.env, forBroker);
  const release = (): void => {
    for (const name of Object.keys(forBroker)) {
      Reflect.deleteProperty(process.env, name);
    }
  };
  try {
    await restartBroker(space);
  } finally {
    release();
  }
  return {
    stepBroker: async (aheadMs) => {
      step(files.broker, aheadMs);
      await seen();
    },
    stepProduct: async (aheadMs) => {
      step(files.product, aheadMs);
      await seen();
    },
    ground: {
      env: variables(files.product),
      close: async () => {
        await restartBroker(space);
        rmSync(home, { recursive: true, force: true });
      },
    },
  };
}
