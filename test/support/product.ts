/** The whole product as its user starts it, on the test run's servers. */
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isFree } from "./ports.ts";

const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const readyMs = 240_000;

export interface Product {
  readonly wall: string;
  readonly ingest: string;
  readonly home: string;
  readonly namespace: string;
  readonly credentials: {
    readonly ingestKey: string;
    readonly operator: { readonly user: string; readonly password: string };
    readonly wallToken: string;
  };
  readonly child: ChildProcess;
  stop: () => Promise<number | null>;
}

/** A base whose five service ports are free. */
async function freeBase(): Promise<number> {
  for (;;) {
    const base = 33_000 + Math.floor(Math.random() * 20_000);
    const ports = [base, base + 100, base + 101, base + 102, base + 103];
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return base;
  }
}

/** Starts everything but the servers; the sample only where asked for. */
export async function startProduct(
  options: {
    readonly sample?: boolean;
    readonly namespace?: string;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<Product> {
  const home = mkdtempSync(join(tmpdir(), "riskwall-e2e-"));
  const base = await freeBase();
  const namespace =
    options.namespace ?? `test-${randomBytes(4).toString("hex")}`;
  const args = ["--home", home, "--port-base", String(base)];
  if (options.sample !== true) args.push("--no-sample");
  const child = spawn(
    process.execPath,
    [join(root, "deploy/local/start.ts"), ...args],
    {
      cwd: root,
      env: {
        ...process.env,
        ...options.env,
        RISKWALL_NAMESPACE: namespace,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  const ready = new Promise<void>((done, fail) => {
    const timer = setTimeout(() => {
      fail(new Error(`not ready:\n${output}`));
    }, readyMs);
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("riskwall ready in")) {
        clearTimeout(timer);
        done();
      }
    });
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.once("exit", (code) => {
      clearTimeout(timer);
      fail(new Error(`ended with ${String(code)}:\n${output}`));
    });
  });
  await ready;
  const text = readFileSync(join(home, "credentials.json"), "utf8");
  return {
    wall: `http://127.0.0.1:${String(base)}`,
    ingest: `http://127.0.0.1:${String(base + 100)}`,
    home,
    namespace,
    credentials: JSON.parse(text) as Product["credentials"],
    child,
    stop: async () => {
      if (child.exitCode !== null) return child.exitCode;
      const code = await new Promise<number | null>((done) => {
        child.once("exit", done);
        child.kill("SIGTERM");
      });
      rmSync(home, { recursive: true, force: true });
      return code;
    },
  };
}
