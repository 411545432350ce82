/** Which customers the wall's panels show. */
import type { PortfolioRows } from "@riskwall/schemas";
import type { Scale } from "./customer-row.ts";
import type { Entry } from "./directory.ts";

/** Points of the risk map at most. */
export const mapMax = 400;
/** Entries of a ranking panel at most. */
export const rankingMax = 10;

/** The `max` entries of greatest value; ties by id. Zero and null leave. */
export function greatest(
  entries: Iterable<Entry>,
  value: (entry: Entry) => number | null,
  max: number,
): Entry[] {
  const kept: { readonly entry: Entry; readonly value: number }[] = [];
  let least = 0;
  for (const entry of entries) {
    const v = value(entry);
    if (v === null || v <= 0 || (kept.length >= max && v <= least)) continue;
    kept.push({ entry, value: v });
    if (kept.length < max * 2) continue;
    kept.sort(byValue);
    kept.length = max;
    least = kept.at(-1)?.value ?? 0;
  }
  return kept
    .sort(byValue)
    .slice(0, max)
    .map((item) => item.entry);
}

type Valued = { readonly entry: Entry; readonly value: number };

function byValue(a: Valued, b: Valued): number {
  return b.value - a.value || (a.entry.id < b.entry.id ? -1 : 1);
}

/** Half of the map by money, half by expected loss; no customer twice. */
export function riskMap(
  entries: () => Iterable<Entry>,
  scale: Scale,
): PortfolioRows["map"] {
  const risk = (entry: Entry): number | null =>
    entry.score > 0 ? entry.exposure * scale.pdOf(entry.score) : null;
  const scored = (entry: Entry): number | null =>
    entry.score > 0 ? entry.exposure : null;
  const chosen = new Map<string, Entry>();
  for (const entry of greatest(entries(), risk, mapMax / 2)) {
    chosen.set(entry.id, entry);
  }
  for (const entry of greatest(entries(), scored, mapMax)) {
    if (chosen.size >= mapMax) break;
    chosen.set(entry.id, entry);
  }
  return [...chosen.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(
      (entry) =>
        [
          entry.id,
          entry.name,
          round(entry.utilisation ?? 0, 3),
          round(scale.pdOf(entry.score), 4),
          // Whole units: a drawing needs no cents.
          Math.round(entry.exposure / 100),
          entry.class,
        ] as const,
    );
}

function round(value: number, digits: number): number {
  const by = 10 ** digits;
  return Math.round(value * by) / by;
}
