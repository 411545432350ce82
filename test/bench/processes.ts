/** CPU time and memory of this process and all below it, from /proc. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What a command line is called in the figures; the first that fits. */
const roles: readonly (readonly [RegExp, string])[] = [
  [/kafka\.Kafka/, "kafka"],
  [/apicurio/, "registry"],
  [/redis-server/, "redis"],
  [/clickhouse-server\.ts/, "clickhouse"],
  [/ingest\/src\/main\.ts/, "ingest"],
  [/processor\/src\/main\.ts/, "processor"],
  [/processor\/src\/history\/main\.ts/, "historian"],
  [/dashboard\/server\/src\/main\.ts/, "dashboard"],
  [/deploy\/local\/start\.ts/, "supervisor"],
  [/chromium/, "browser"],
  [/ingest\/src\/cli\.ts/, "simulator"],
];

export interface ProcessInfo {
  readonly pid: number;
  readonly role: string;
  /** User and system time since its start, s. */
  readonly cpuSeconds: number;
  /** The same of its children that have ended, s. */
  readonly endedSeconds: number;
  readonly residentBytes: number;
}

let ticks: number | null = null;
function ticksPerSecond(): number {
  ticks ??= Number(execFileSync("getconf", ["CLK_TCK"]).toString());
  return ticks;
}

/** Text of a file of /proc; null when the process is gone. */
function readProc(path: string): string | null {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return null;
    throw error;
  }
}

function childrenOf(pid: number): number[] {
  const text = readProc(`${String(pid)}/task/${String(pid)}/children`) ?? "";
  return text
    .split(" ")
    .filter((word) => word !== "")
    .map(Number);
}

function inspect(pid: number): ProcessInfo | null {
  const command = readProc(`${String(pid)}/cmdline`);
  const stat = readProc(`${String(pid)}/stat`);
  const status = readProc(`${String(pid)}/status`);
  if (command === null || stat === null || status === null) return null;
  const words = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const role = roles.find(([pattern]) => pattern.test(command))?.[1];
  return {
    pid,
    role: role ?? (pid === process.pid ? "bench" : "other"),
    // Fields 14 to 17 of proc(5); `words` begins with field 3.
    cpuSeconds: (Number(words[11]) + Number(words[12])) / ticksPerSecond(),
    endedSeconds: (Number(words[13]) + Number(words[14])) / ticksPerSecond(),
    residentBytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? "0") * 1024,
  };
}

/** This process and everything it started, directly or not. */
export function ownProcesses(): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  const open = [process.pid];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    const info = inspect(pid);
    if (info !== null) found.push(info);
    // Children of other threads than the first are not made here.
    open.push(...childrenOf(pid));
  }
  return found;
}

/** Sum of a number per role. */
export function byRole(
  processes: readonly ProcessInfo[],
  number: (info: ProcessInfo) => number,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const info of processes) {
    sums.set(info.role, (sums.get(info.role) ?? 0) + number(info));
  }
  return sums;
}

/** CPU seconds per role between two looks; processes that ended are left out. */
export function cpuBetween(
  before: readonly ProcessInfo[],
  after: readonly ProcessInfo[],
): ReadonlyMap<string, number> {
  const was = new Map(before.map((info) => [info.pid, info.cpuSeconds]));
  return byRole(after, (info) => info.cpuSeconds - (was.get(info.pid) ?? 0));
}

/** Sum of the product's roles, and each of them, the largest first. */
export function productShares(
  shares: ReadonlyMap<string, number>,
  digits: number,
): { readonly total: number; readonly text: string } {
  const parts = [...shares]
    .filter(([role]) => role !== "bench")
    .sort((a, b) => b[1] - a[1]);
  return {
    total: parts.reduce((total, [, share]) => total + share, 0),
    text: parts
      .map(([role, share]) => `${role} ${share.toFixed(digits)}`)
      .join(", "),
  };
}

/** CPU seconds the whole machine has been busy since its start. */
function machineBusySeconds(): number {
  const line = readProc("stat")?.split("\n")[0]?.split(/\s+/).slice(1) ?? [];
  const [user, nice, system, , , irq, soft] = line.map(Number);
  const busy = [user, nice, system, irq, soft];
  return busy.reduce<number>((sum, n) => sum + (n ?? 0), 0) / ticksPerSecond();
}

/** CPU seconds of this process and all it ever started. */
function ownBusySeconds(): number {
  return ownProcesses().reduce(
    (sum, info) => sum + info.cpuSeconds + info.endedSeconds,
    0,
  );
}

/** Begins to watch; the answer says how many CPUs others used since. */
export function watchOthers(): () => number {
  const started = performance.now();
  const before = machineBusySeconds() - ownBusySeconds();
  return () => {
    const passed = (performance.now() - started) / 1000;
    const others = machineBusySeconds() - ownBusySeconds() - before;
    return Math.max(0, others / passed);
  };
}
