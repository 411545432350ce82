/** What the doctor says of a part, and the judgments that need no server. */

export interface Finding {
  readonly part: string;
  /** `down`: no answer. `wrong`: it answers, and will not do as it is. */
  readonly state: "up" | "down" | "wrong";
  readonly at: string;
  /** What is broken; empty when up. */
  readonly what: string;
  readonly fix: string;
}

/** Largest difference of clocks: event times are judged by them. */
export const skewMaxMs = 60_000;
/** Redis fuller than this stops commits soon. */
const memoryMaxShare = 0.9;
/** A lag smaller than this is none. */
export const lagMinRecords = 1000;

export const up = (part: string, at: string): Finding => ({
  ...{ part, at, state: "up", what: "", fix: "" },
});

export const wrong = (
  part: string,
  at: string,
  what: string,
  fix: string,
): Finding => ({ part, at, state: "wrong", what, fix });

export const down = (
  part: string,
  at: string,
  what: string,
  fix: string,
): Finding => ({ part, at, state: "down", what, fix });

/** An error in one line; of a failed fetch, its cause. */
export function whyOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : { cause: null };
  if (cause instanceof Error) return cause.message || String(cause);
  return error instanceof Error ? error.message : String(error);
}

/** Numbers of a version text, for comparing. */
function versionNumbers(text: string): number[] {
  return (/^\d+(\.\d+)*/.exec(text)?.[0] ?? "0").split(".").map(Number);
}

/** True when a version is at least another: "7.0.15", "6.2". */
export function isAtLeast(version: string, least: string): boolean {
  const have = versionNumbers(version);
  for (const [i, want] of versionNumbers(least).entries()) {
    const found = have[i] ?? 0;
    if (found !== want) return found > want;
  }
  return true;
}

/** A clock that differs too much from ours, or null. `serverMs` was read between `from` and `to`. */
export function judgeSkew(
  at: string,
  serverMs: number,
  window: { readonly from: number; readonly to: number },
): Finding | null {
  const ahead = serverMs - window.to;
  const behind = window.from - serverMs;
  const skew = Math.max(ahead, behind);
  if (skew <= skewMaxMs) return null;
  const seconds = `${String(Math.round(skew / 1000))} s`;
  const what = `its clock is ${seconds} ${ahead > 0 ? "ahead" : "behind"}`;
  return wrong("clock", at, what, "synchronise the clocks (chrony, ntpd)");
}

/** A file system with less than `leastPercent` free, or null. Same units. */
export function judgeDisk(
  at: string,
  free: number,
  total: number,
  leastPercent: number,
): Finding | null {
  const percent = total === 0 ? 100 : (100 * free) / total;
  if (percent >= leastPercent) return null;
  const what = `${percent.toFixed(1)} % free, less than ${String(leastPercent)} %`;
  return wrong("disk", at, what, "free space, or grow the file system");
}

/** Fields of Redis' INFO that matter, judged. */
export function judgeRedis(
  at: string,
  info: ReadonlyMap<string, string>,
  least: string,
): Finding[] {
  const findings: Finding[] = [];
  const version = info.get("redis_version") ?? "unknown";
  if (!isAtLeast(version, least)) {
    const what = `version ${version}, needs ${least}`;
    findings.push(wrong("Redis", at, what, `install Redis ${least} or newer`));
  }
  const policy = info.get("maxmemory_policy") ?? "unknown";
  if (policy !== "noeviction") {
    const what = `maxmemory-policy is ${policy}: state would be thrown away`;
    const fix = "CONFIG SET maxmemory-policy noeviction, and in redis.conf";
    findings.push(wrong("Redis", at, what, fix));
  }
  const max = Number(info.get("maxmemory") ?? 0);
  const used = Number(info.get("used_memory") ?? 0);
  if (max > 0 && used > max * memoryMaxShare) {
    const percent = Math.round((100 * used) / max);
    const what = `${String(percent)} % of maxmemory used`;
    findings.push(wrong("Redis", at, what, "raise maxmemory"));
  }
  return findings;
}

/** A lag that grows, or null. Records behind, at two instants. */
export function judgeLag(
  part: string,
  at: string,
  lag: {
    readonly before: number;
    readonly after: number;
    readonly seconds: number;
  },
): Finding | null {
  const { before, after, seconds } = lag;
  if (after < lagMinRecords || after <= before) return null;
  const what = `${String(after)} records behind, ${String(after - before)} more than ${String(seconds)} s ago`;
  const fix =
    "is it up (above), halted (readyz), or short of CPU? Add a processor, or slow the senders";
  return wrong(part, at, what, fix);
}
