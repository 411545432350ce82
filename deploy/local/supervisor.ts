/**
 * Owns the processes it starts: writes each one's log, restarts a crashed one
 * with back-off, and ends all of them in reverse order, by process id.
 */
import { spawn, type ChildProcess } from "node:child_process";
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
  statSync,
} from "node:fs";
import { join } from "node:path";

/** First pause before a restart; doubles to the maximum. */
export const restartMs = 250;
export const restartMaxMs = 10_000;
/**
 * A process that ran this long served: it is started again at once. One that
 * cannot run at all dies sooner, and waits longer each time.
 */
const stableMs = 5000;
/** Time a process has to end by itself before it is killed. */
const endMs = 5000;
/** Log files beyond this are kept once as `.1` and begun anew. */
const logMaxBytes = 20 * 1024 * 1024;

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /**
   * Nice value, 0 to 19: how far it gives way to the others where the machine
   * is full. 0 when absent.
   */
  readonly nice?: number;
  /** Resolves true once the process serves. Polled until `readyMs` passed. */
  readonly ready: () => Promise<boolean>;
  readonly readyMs: number;
  /** False: when it ends, it stays ended (the sample feeder). */
  readonly restart?: boolean;
}

interface Owned {
  readonly spec: ProcessSpec;
  child: ChildProcess | null;
  startedAt: number;
  pauseMs: number;
  ended: Promise<void>;
}

/**
 * `nice` becomes the program itself, so the process id stays the same; set
 * from within, it would miss the threads that run already.
 */
function commandOf({
  nice = 0,
  command,
  args,
}: ProcessSpec): [string, ...string[]] {
  if (nice === 0) return [command, ...args];
  return ["nice", "-n", String(nice), command, ...args];
}

/** Pause before the next restart. */
export function nextPause(pauseMs: number, ranMs: number): number {
  if (ranMs >= stableMs) return restartMs;
  return Math.min(restartMaxMs, pauseMs * 2);
}

export interface Supervisor {
  /** Starts a process and waits until it is ready; throws with its log's end. */
  start: (spec: ProcessSpec) => Promise<void>;
  stop: () => Promise<void>;
  pids: () => ReadonlyMap<string, number>;
}

export function createSupervisor(
  home: string,
  say: (line: string) => void,
): Supervisor {
  const owned: Owned[] = [];
  let stopping = false;
  const logDir = join(home, "log");
  mkdirSync(logDir, { recursive: true });

  const launch = (item: Owned): void => {
    const { spec } = item;
    const file = join(logDir, `${spec.name}.log`);
    if (existsSync(file) && statSync(file).size > logMaxBytes) {
      renameSync(file, `${file}.1`);
    }
    const out = createWriteStream(file, { flags: "a" });
    const [command, ...args] = commandOf(spec);
    const child = spawn(command, args, {
      cwd: spec.cwd,
      env: { ...process.env, ...spec.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.pipe(out, { end: false });
    child.stderr.pipe(out, { end: false });
    item.child = child;
    item.startedAt = Date.now();
    item.ended = new Promise((done) => {
      const end = (how: string): void => {
        if (item.child !== child) return;
        item.child = null;
        out.end();
        done();
        if (stopping || spec.restart === false) return;
        item.pauseMs = nextPause(item.pauseMs, Date.now() - item.startedAt);
        say(`${spec.name} ended (${how}); again in ${String(item.pauseMs)} ms`);
        setTimeout(() => {
          if (!stopping) launch(item);
        }, item.pauseMs);
      };
      child.once("error", (error) => {
        end(error.message);
      });
      child.once("exit", (code, signal) => {
        end(signal ?? `code ${String(code)}`);
      });
    });
  };

  const endOne = async (item: Owned): Promise<void> => {
    const { child } = item;
    if (!child?.pid) return;
    child.kill("SIGTERM");
    const killer = setTimeout(() => {
      child.kill("SIGKILL");
    }, endMs);
    await item.ended;
    clearTimeout(killer);
  };

  return {
    start: async (spec) => {
      const item: Owned = {
        spec,
        child: null,
        startedAt: 0,
        pauseMs: restartMs / 2,
        ended: Promise.resolve(),
      };
      owned.push(item);
      launch(item);
      const deadline = Date.now() + spec.readyMs;
      while (!(await spec.ready())) {
        if (stopping) throw new Error(`${spec.name}: stopping`);
        if (Date.now() > deadline) {
          throw new Error(
            `${spec.name} was not ready in ${String(spec.readyMs / 1000)} s; see ${join(logDir, `${spec.name}.log`)}`,
          );
        }
        await new Promise((go) => setTimeout(go, 50));
      }
    },
    stop: async () => {
      stopping = true;
      // Services first, side by side; then the servers below them, Kafka last.
      const groups = new Map<number, Owned[]>();
      for (const item of owned) {
        const rank = stopRank(item.spec.name);
        groups.set(rank, [...(groups.get(rank) ?? []), item]);
      }
      for (const rank of [...groups.keys()].sort((a, b) => a - b)) {
        await Promise.all((groups.get(rank) ?? []).map(endOne));
      }
    },
    pids: () =>
      new Map(
        owned.flatMap((item) =>
          item.child?.pid ? [[item.spec.name, item.child.pid] as const] : [],
        ),
      ),
  };
}

function stopRank(name: string): number {
  if (name === "kafka") return 2;
  return ["registry", "redis", "clickhouse"].includes(name) ? 1 : 0;
}
