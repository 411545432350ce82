/** A processor beside the product's own, in the same group. */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { waitFor } from "../support/stack.ts";

const entry = resolve(
  fileURLToPath(new URL("../../processor/src/main.ts", import.meta.url)),
);

export interface ExtraProcessor {
  readonly pid: number;
  /** What it logged so far. */
  readonly log: () => string;
  /** Asks it to end, and waits. */
  readonly stop: () => Promise<void>;
}

/** Where a processor runs, if not beside the others. */
export interface ProcessorPlace {
  /** Program and arguments before its own command line. */
  readonly within: readonly string[];
}

export async function startExtraProcessor(
  namespace: string,
  { within }: ProcessorPlace = { within: [] },
): Promise<ExtraProcessor> {
  const [command = process.execPath, ...args] = [
    ...within,
    process.execPath,
    entry,
  ];
  const child = spawn(command, args, {
    env: {
      ...process.env,
      RISKWALL_NAMESPACE: namespace,
      RISKWALL_PROCESSOR_PORT: "0",
      LOG_LEVEL: "info",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  const take = (chunk: Buffer): void => {
    log += chunk.toString();
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  await waitFor(() => log.includes('"joined"'), { timeoutMs: 60_000 });
  const { pid } = child;
  if (pid === undefined) throw new Error("the processor did not start");
  return {
    pid,
    log: () => log,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      await new Promise((done) => {
        child.once("exit", done);
        child.kill("SIGTERM");
      });
    },
  };
}
