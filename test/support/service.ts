/** A service of the product as a process of its own, on a free port. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { freePort } from "./ports.ts";
import { waitFor } from "./stack.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Lines of output kept for a failing test's message. */
const linesMax = 50;

export interface Service {
  readonly url: string;
  readonly pid: number;
  /** Kills it at once, as kill -9 does, and waits until it is gone. */
  readonly kill: () => Promise<void>;
  /** SIGTERM; answers the exit code. */
  readonly stop: () => Promise<number | null>;
  /** Its last lines of output. */
  readonly output: () => string;
}

let home: string | null = null;

/** Home of the services of this test file: they share its keys. */
export function testHome(): string {
  if (home !== null) return home;
  const made = mkdtempSync(join(tmpdir(), "riskwall-home-"));
  process.once("exit", () => {
    rmSync(made, { recursive: true, force: true });
  });
  home = made;
  return made;
}

export interface ServiceOptions {
  /** Entry file from the repository's root. */
  readonly entry: string;
  /** Name of the variable that takes the port. */
  readonly portVariable: string;
  readonly env: Readonly<Record<string, string>>;
  /** Default: a free one. */
  readonly port?: number;
  /** Resolve without waiting for readyz. */
  readonly unready?: boolean;
}

/** Starts a service and waits until it is ready; stops it with the test. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${String(port)}`;
  const child = spawn(process.execPath, [options.entry], {
    cwd: root,
    env: {
      ...process.env,
      RISKWALL_HOME: testHome(),
      ...options.env,
      [options.portVariable]: String(port),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let lines: string[] = [];
  const keep = (bytes: Buffer): void => {
    lines = [...lines, ...bytes.toString().split("\n")].slice(-linesMax);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const gone = new Promise<number | null>((done) => {
    child.once("exit", (code) => {
      done(code);
    });
  });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return gone;
  };
  onTestFinished(async () => {
    await end("SIGKILL");
  });
  const service: Service = {
    url,
    pid: child.pid ?? -1,
    kill: async () => {
      await end("SIGKILL");
    },
    stop: async () => end("SIGTERM"),
    output: () => lines.join("\n"),
  };
  if (options.unready !== true) {
    await waitFor(async () => {
      if (child.exitCode !== null) throw new Error(service.output());
      return (await fetch(`${url}/readyz`)).ok;
    });
  }
  return service;
}
