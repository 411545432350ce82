/** Reloads, a picture that moves, and calm after crashes (ux 2.8). */
import { onScopeDispose, ref, type Ref } from "vue";
import {
  entryOf,
  isCrashLoop,
  shiftAt,
  startsKept,
  untilReload,
} from "./unattended.ts";

const startsKey = "riskwall.wall.starts";
const versionEveryMs = 300_000;
/** A new version is told before it is loaded. */
export const noticeS = 10;
const shiftTickMs = 60_000;

export interface Unattended {
  /** After several crashes: no ornaments, no rotation. */
  readonly safe: boolean;
  /** Offset of the picture in pixels. */
  readonly shift: Readonly<Ref<readonly [number, number]>>;
  /** Seconds until a new version is loaded; null = none is due. */
  readonly reloadIn: Readonly<Ref<number | null>>;
}

function readStarts(): number[] {
  return (sessionStorage.getItem(startsKey) ?? "")
    .split(",")
    .map(Number)
    .filter((at) => at > 0);
}

function writeStarts(starts: readonly number[]): void {
  sessionStorage.setItem(startsKey, starts.join(","));
}

/** Starts that ended without a goodbye are counted; this one begins. */
function countStart(): boolean {
  const now = Date.now();
  const before = startsKept(readStarts(), now);
  writeStarts([...before, now]);
  return isCrashLoop(before, now);
}

async function isOtherVersion(): Promise<boolean> {
  const own = document.querySelector("script[src]")?.getAttribute("src");
  const reply = await fetch("/wall", { cache: "no-store" });
  const there = reply.ok ? entryOf(await reply.text()) : null;
  return there !== null && own !== null && there !== own;
}

export function useUnattended(isConnected: () => boolean): Unattended {
  const safe = countStart();
  const shift = ref(shiftAt(Date.now()));
  const reloadIn = ref<number | null>(null);
  const onEnd = (): void => {
    writeStarts([]);
  };
  addEventListener("pagehide", onEnd);

  let nightly: ReturnType<typeof setTimeout> | null = null;
  const planNight = (): void => {
    nightly = setTimeout(() => {
      // Without a server the page would not come back.
      if (isConnected()) location.reload();
      else planNight();
    }, untilReload(new Date()));
  };
  planNight();

  const countDown = (): void => {
    if (reloadIn.value === null) return;
    reloadIn.value -= 1;
    if (reloadIn.value <= 0) location.reload();
  };
  const askVersion = async (): Promise<void> => {
    try {
      if (await isOtherVersion()) reloadIn.value ??= noticeS;
    } catch (reason) {
      console.info("the version was not told", String(reason));
    }
  };
  const timers = [
    setInterval(() => {
      shift.value = shiftAt(Date.now());
    }, shiftTickMs),
    setInterval(countDown, 1000),
    setInterval(() => {
      if (isConnected()) void askVersion();
    }, versionEveryMs),
  ];
  onScopeDispose(() => {
    onEnd();
    removeEventListener("pagehide", onEnd);
    if (nightly !== null) clearTimeout(nightly);
    for (const timer of timers) clearInterval(timer);
  });
  return { safe, shift, reloadIn };
}
