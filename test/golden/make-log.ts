/**
 * Writes the golden log anew: `node test/golden/make-log.ts`. Its records are
 * kept as they are; make it anew only when the log's own schemas change, and
 * say so in the commit, because every digest changes with it.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseEvent } from "../../ingest/src/core/parse-event.ts";
import {
  dayOf,
  lifeOf,
  type SimEvent,
} from "../../ingest/src/simulate/behaviour.ts";
import {
  createEpisode,
  episodeKinds,
} from "../../ingest/src/simulate/episodes.ts";
import {
  createPopulation,
  rates,
} from "../../ingest/src/simulate/population.ts";
import { createRandom } from "../../ingest/src/simulate/random.ts";
import { shippedTextReader } from "../../ingest/src/text-reader.ts";
import type { GoldenLine } from "./golden-log.ts";

const anchor = Date.parse("2026-06-01T04:00:00Z");
const customers = 9;
const days = 150;
const dayMs = 86_400_000;
const readText = shippedTextReader();

const random = createRandom("golden");
const population = createPopulation(random, customers, 3);
const first = dayOf(anchor) - days;
const events: SimEvent[] = population.flatMap((profile) =>
  lifeOf(profile, random.fork(profile.id), first, dayOf(anchor)),
);
episodeKinds.forEach((kind, i) => {
  const profile = population[i % customers];
  if (!profile) return;
  const at = anchor - (20 - i) * dayMs;
  const episode = createEpisode(kind, profile, random, at, i);
  events.push(...episode.events.map(({ event }) => event));
});

const lines: GoldenLine[] = [
  {
    at: first * dayMs,
    name: "Fx",
    value: { version: 1, effectiveAt: 0, base: "CNY", asOf: first, rates },
  },
];
for (let day = first; day <= dayOf(anchor) + 40; day += 1) {
  lines.push({ at: day * dayMs + 17 * 3_600_000, name: "Tick", value: {} });
}
for (const event of events) {
  const now = Date.parse(event.time);
  const parsed = parseEvent(event, {
    ...{ now, latest: null, historical: false },
    readText,
  });
  if (parsed.kind !== "business") throw new Error(`${event.id} does not pass`);
  // A part of them comes late, so that order and time differ.
  const lateMs = random.chance(0.1) ? random.whole(1, 5) * dayMs : 0;
  const { name, value } = parsed;
  lines.push({ at: now + lateMs, name, value });
}
lines.sort((a, b) => a.at - b.at);
const path = fileURLToPath(new URL("./log.ndjson", import.meta.url));
writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
process.stdout.write(`${String(lines.length)} records\n`);
