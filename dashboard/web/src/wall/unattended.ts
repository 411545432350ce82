/** What keeps a wall going that nobody looks after (ux 2.8). Pure. */

/** Starts in a row without a proper end, within the window: a crash loop. */
export const crashesMax = 3;
export const crashWindowMs = 600_000;
/** Each night at this hour of the box's own clock. */
export const reloadHour = 4;
/** The picture moves by this many pixels, so that nothing burns in. */
export const shiftPixels = 2;
export const shiftEveryMs = 300_000;

/** Starts that a later one still has to know of. */
export function startsKept(starts: readonly number[], now: number): number[] {
  return starts.filter((at) => at <= now && now - at < crashWindowMs);
}

export function isCrashLoop(starts: readonly number[], now: number): boolean {
  return startsKept(starts, now).length >= crashesMax;
}

/** ms until the next nightly reload; never less than a minute away. */
export function untilReload(now: Date): number {
  const next = new Date(now);
  next.setHours(reloadHour, 0, 0, 0);
  if (next.getTime() - now.getTime() < 60_000) next.setDate(next.getDate() + 1);
  return next.getTime() - now.getTime();
}

/** Offset of the picture, going round a small square. */
export function shiftAt(now: number): readonly [number, number] {
  const corners = [
    [0, 0],
    [shiftPixels, 0],
    [shiftPixels, shiftPixels],
    [0, shiftPixels],
  ] as const;
  return corners[Math.floor(now / shiftEveryMs) % corners.length] ?? [0, 0];
}

/** The entry script a page was made of: another one is another version. */
export function entryOf(html: string): string | null {
  return /<script[^>]+src="([^"]+)"/.exec(html)?.[1] ?? null;
}
