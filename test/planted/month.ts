/** A simulated month folded in one process: what was planted, what was raised. */
import { parseEvent } from "../../ingest/src/core/parse-event.ts";
import type { SimEvent } from "../../ingest/src/simulate/behaviour.ts";
import type { Truth } from "../../ingest/src/simulate/episodes.ts";
import type { Month } from "../../ingest/src/simulate/month.ts";
import { at as instant } from "../../ingest/src/simulate/month-story.ts";
import { dayText } from "../../ingest/src/simulate/behaviour.ts";
import { rates } from "../../ingest/src/simulate/population.ts";
import type { RaisedAlert } from "../../ingest/src/simulate/score.ts";
import { shippedTextReader } from "../../ingest/src/text-reader.ts";
import type { Verdict } from "../oracle/verify.ts";
import {
  createFoldWorld,
  type FoldWorld,
  type FoldWorldOptions,
} from "./fold-world.ts";

const readText = shippedTextReader();
/** History is loaded so long before the month begins. */
const loadedBeforeMs = 3_600_000;

export interface PlayedMonth {
  readonly truths: readonly Truth[];
  readonly alerts: readonly RaisedAlert[];
  readonly customers: number;
  readonly events: number;
  readonly records: number;
  /** What the separately written fold says of the states; null: not asked. */
  readonly verdict: Verdict | null;
}

function take(
  world: FoldWorld,
  event: SimEvent,
  at: number,
  historical: boolean,
): void {
  const parsed = parseEvent(event, {
    ...{ now: at, latest: null, historical },
    readText,
  });
  if (parsed.kind === "business") {
    const { name, value } = parsed;
    world.append({ name, value } as Parameters<FoldWorld["append"]>[0], at);
  } else if (parsed.kind === "fx") {
    world.append({ name: "Fx", value: parsed.value }, at);
  } else if (historical) {
    throw new Error(`${event.id}: ${parsed.problem.message}`);
  } else world.refused();
}

export interface PlayOptions extends FoldWorldOptions {
  readonly first: number;
  readonly days: number;
}

/** Plays a month from its first record; the same month plays the same way. */
export function playMonth(month: Month, options: PlayOptions): PlayedMonth {
  const world = createFoldWorld(options);
  const begin = instant(options.first, 0);
  const loaded = begin - loadedBeforeMs;
  const asOf = dayText(options.first - 1);
  const fx: SimEvent = {
    ...{ id: `fx-${asOf}`, source: "sim-erp", type: "fx.published" },
    time: new Date(loaded).toISOString(),
    data: { asOf, base: "CNY", rates },
  };
  take(world, fx, loaded, true);
  for (const event of month.history) take(world, event, loaded, true);
  for (const { at, event } of month.arrivals) take(world, event, at, false);
  world.until(instant(options.first + options.days, 0));
  return {
    ...{ truths: month.truths, alerts: world.alerts() },
    ...{ customers: month.customers, records: world.records() },
    events: month.history.length + month.arrivals.length,
    verdict: options.keepLog === true ? world.verify() : null,
  };
}
