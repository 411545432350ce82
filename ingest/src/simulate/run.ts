/**
 * Feeds the simulated population: its history first, customer by customer,
 * then the live stream by the clock, with an episode now and then.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  dayOf,
  dayText,
  lifeOf,
  orderEvents,
  usualAmount,
  type SimEvent,
} from "./behaviour.ts";
import { createEpisode, episodeKinds, isFit, slideTruth } from "./episodes.ts";
import { createHistoryPace, type HistoryPace } from "./history-pace.ts";
import { createOwed } from "./owed.ts";
import { createPopulation, rates, type Profile } from "./population.ts";
import { createRandom, type Random } from "./random.ts";

export interface RunOptions {
  readonly seed: string;
  readonly customers: number;
  readonly years: number;
  readonly speed: number;
  /** Live events per second of the whole population, about. */
  readonly rate: number;
  readonly home: string;
  readonly ingestUrl: string;
  readonly key: string;
  /** Live stops after this many seconds; null = never. */
  readonly durationSeconds: number | null;
  readonly live: boolean;
  readonly say: (line: string) => void;
}

/** Events of one request. */
const chunkEvents = 2000;
/** At most this often a live order asks for its decision, which paces history. */
const askEveryMs = 500;
const askSeconds = 5;
const retryMaxMs = 10_000;
const firstEpisodeMs = 6000;
const episodeEveryMs = 25_000;
const tickMs = 250;
/** Customers that act in one tick at most. */
const ticksAtOnce = 50;
const dayMs = 86_400_000;

interface Progress {
  seed: string;
  customers: number;
  anchor: number;
  posted: number;
  sealed: boolean;
  liveOrders: number;
  episodes: number;
}

async function post(
  options: RunOptions,
  path: string,
  body: string,
  type: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (let pause = 500; ; pause = Math.min(retryMaxMs, pause * 2)) {
    let wait = pause;
    try {
      const reply = await fetch(`${options.ingestUrl}${path}`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${options.key}`,
          "content-type": type,
          ...(type === "application/x-ndjson"
            ? { "content-encoding": "gzip" }
            : {}),
          ...headers,
        },
        body:
          type === "application/x-ndjson" ? gzipSync(body, { level: 1 }) : body,
        signal: AbortSignal.timeout(60_000),
      });
      const text = await reply.text();
      if (reply.status === 202 || reply.status === 200) return;
      if (reply.status !== 429 && reply.status < 500) {
        throw new Error(
          `ingest refused: ${String(reply.status)} ${text.slice(0, 400)}`,
        );
      }
      wait = Number(reply.headers.get("retry-after") ?? "0") * 1000 || pause;
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("ingest refused"))
        throw error;
      options.say(`ingest is away, again: ${String(error)}`);
    }
    await new Promise((go) => setTimeout(go, wait));
  }
}

async function postEvents(
  options: RunOptions,
  events: readonly SimEvent[],
  pace: HistoryPace | null,
): Promise<void> {
  const path = pace ? "/v1/events?historical=true" : "/v1/events";
  for (let i = 0; i < events.length; i += chunkEvents) {
    const lines = events
      .slice(i, i + chunkEvents)
      .map((event) => JSON.stringify(event));
    await post(options, path, `${lines.join("\n")}\n`, "application/x-ndjson");
    if (!pace || !options.live) continue;
    pace.sent(lines.length);
    for (let ms = pace.pauseMs(); ms > 0; ms = pace.pauseMs()) {
      await new Promise((go) => setTimeout(go, ms));
    }
  }
}

/** Sends one order and waits for its decision: how long says the pace. */
async function postAsking(
  options: RunOptions,
  order: SimEvent,
  pace: HistoryPace,
): Promise<void> {
  const answered = pace.asked();
  await post(options, "/v1/events", JSON.stringify(order), "application/json", {
    prefer: `wait=${String(askSeconds)}`,
  });
  answered();
}

function loadProgress(options: RunOptions, file: string): Progress {
  if (existsSync(file)) {
    // Written by this file alone.
    const known = JSON.parse(readFileSync(file, "utf8")) as Progress;
    if (known.seed === options.seed && known.customers === options.customers)
      return known;
  }
  return {
    seed: options.seed,
    customers: options.customers,
    anchor: Date.now(),
    posted: 0,
    sealed: false,
    liveOrders: 0,
    episodes: 0,
  };
}

/** History of a customer up to the anchor, and what is still to come of it. */
export function historyOf(
  profile: Profile,
  random: Random,
  anchor: number,
): { past: SimEvent[]; coming: SimEvent[] } {
  const today = dayOf(anchor);
  const life = lifeOf(
    profile,
    random.fork(`life-${profile.id}`),
    today - profile.tenureDays,
    today,
  );
  const past: SimEvent[] = [];
  const coming: SimEvent[] = [];
  for (const event of life) {
    (Date.parse(event.time) < anchor ? past : coming).push(event);
  }
  return { past, coming };
}

/** Runs until done, stopped, or for ever. */
export async function runSimulation(
  options: RunOptions,
  stopped: () => boolean,
): Promise<void> {
  const folder = join(options.home, "simulate");
  mkdirSync(folder, { recursive: true });
  const stateFile = join(folder, "progress.json");
  const truthFile = join(folder, "truth.ndjson");
  const progress = loadProgress(options, stateFile);
  const save = (): void => {
    writeFileSync(`${stateFile}.part`, JSON.stringify(progress));
    renameSync(`${stateFile}.part`, stateFile);
  };
  save();
  const random = createRandom(options.seed);
  const population = createPopulation(random, options.customers, options.years);
  await publishRates(options, progress.anchor);
  const started = performance.now();
  const pace = createHistoryPace(() => performance.now());
  let events = 0;
  const history = async (): Promise<void> => {
    let batch: SimEvent[] = [];
    for (; progress.posted < population.length && !stopped();) {
      const size = progress.posted < 100 ? 20 : 100;
      for (const profile of population.slice(
        progress.posted,
        progress.posted + size,
      )) {
        batch.push(...historyOf(profile, random, progress.anchor).past);
      }
      await postEvents(options, batch, pace);
      events += batch.length;
      batch = [];
      progress.posted = Math.min(population.length, progress.posted + size);
      save();
    }
    if (progress.posted < population.length || progress.sealed) return;
    for (const source of ["sim-erp", "sim-bank", "sim-crm"]) {
      const body = JSON.stringify({
        source,
        floor: new Date(progress.anchor).toISOString(),
      });
      await post(options, "/v1/history/seal", body, "application/json");
    }
    progress.sealed = true;
    for (const profile of population) {
      if (profile.plight !== "sliding") continue;
      const truth = slideTruth(profile, progress.anchor);
      appendFileSync(truthFile, `${JSON.stringify(truth)}\n`);
    }
    save();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    options.say(
      `history: ${String(events)} events of ${String(population.length)} customers in ${seconds} s`,
    );
  };
  const live = async (): Promise<void> => {
    if (!options.live) return;
    await runLive(
      options,
      population,
      random,
      progress,
      save,
      truthFile,
      stopped,
      pace,
    );
  };
  await Promise.all([history(), live()]);
}

async function publishRates(
  options: RunOptions,
  anchor: number,
): Promise<void> {
  const day = dayText(dayOf(anchor));
  const event = {
    id: `fx-${day}-${String(anchor)}`,
    source: "sim-erp",
    type: "fx.published",
    time: new Date(anchor).toISOString(),
    data: { asOf: day, base: "CNY", rates },
  };
  await post(options, "/v1/events", JSON.stringify(event), "application/json");
}

/** Customers looked at to find the one whose next order is most due. */
const candidates = 12;
/** Share of its usual gap that has passed before a customer orders again. */
const dueShare = 0.6;

interface Planned {
  /** Wall-clock ms. */
  readonly at: number;
  readonly event: SimEvent;
}

/**
 * Live: what history left to come happens at its (simulated) time; besides, at
 * the asked rate, the customer whose order is most due orders, and another
 * pays an invoice that it owes early, so that exposure moves both ways and
 * nobody orders out of its rhythm.
 */
async function runLive(
  options: RunOptions,
  population: readonly Profile[],
  random: Random,
  progress: Progress,
  save: () => void,
  truthFile: string,
  stopped: () => boolean,
  pace: HistoryPace,
): Promise<void> {
  const stream = random.fork(`live-${String(progress.liveOrders)}`);
  const started = Date.now();
  const { anchor } = progress;
  const simulatedAt = (now: number): number =>
    anchor + (now - anchor) * options.speed;
  const wallAt = (simulated: number): number =>
    anchor + (simulated - anchor) / options.speed;
  let planned: Planned[] = [];
  const plan = (list: readonly Planned[]): void => {
    if (list.length === 0) return;
    planned = [...planned, ...list].sort((x, y) => x.at - y.at);
  };
  const owed = createOwed();
  const lastOrder = new Map<string, number>();
  const troubled = new Set<string>();
  let known = 0;
  let nextEpisode = started + firstEpisodeMs;
  let taken = 0;
  let nextAsk = started;
  let asking = Promise.resolve();
  let failure: { readonly error: unknown } | null = null;
  const throwIfFailed = (): void => {
    if (failure) throw failure.error;
  };
  /** How much of its usual gap has passed since a customer's last order. */
  const waited = (profile: Profile, simulated: number): number => {
    const last = lastOrder.get(profile.id) ?? anchor;
    return (simulated - last) / (profile.gapDays * dayMs);
  };
  const mostDue = (ready: readonly Profile[], simulated: number): Profile =>
    Array.from({ length: candidates }, () => stream.pick(ready)).reduce(
      (a, b) => (waited(b, simulated) > waited(a, simulated) ? b : a),
    );
  while (!stopped()) {
    const now = Date.now();
    const simulated = simulatedAt(now);
    if (
      options.durationSeconds !== null &&
      now - started > options.durationSeconds * 1000
    )
      break;
    const ahead = population.slice(known, progress.posted);
    known = progress.posted;
    plan(
      ahead.flatMap((profile) => {
        const { past, coming } = historyOf(profile, random, anchor);
        owed.note(coming);
        const ordered = past.findLast(({ type }) => type === "order.placed");
        if (ordered) lastOrder.set(profile.id, Date.parse(ordered.time));
        return coming.map((event) => ({
          at: wallAt(Date.parse(event.time)),
          event,
        }));
      }),
    );
    const ready = population
      .slice(0, Math.max(20, progress.posted))
      .filter((item) => item.plight === "none" && !troubled.has(item.id));
    const due =
      Math.floor(((now - started) / 1000) * (options.rate / 2)) - taken;
    for (let i = 0; i < Math.min(due, ticksAtOnce); i += 1) {
      taken += 1;
      const profile = mostDue(ready, simulated);
      if (waited(profile, simulated) >= dueShare) {
        lastOrder.set(profile.id, simulated);
        plan(
          liveOrder(profile, stream, progress, simulated).map((event) => ({
            at: Math.max(now, wallAt(Date.parse(event.time))),
            event,
          })),
        );
      }
      const paid = owed.take(stream.pick(ready).id, simulated);
      if (paid === null) continue;
      planned = planned.filter(({ event }) => event.id !== paid.id);
      plan([{ at: now + stream.whole(500, 4000), event: paid }]);
    }
    if (now >= nextEpisode) {
      nextEpisode = now + episodeEveryMs * (0.7 + stream.next() * 0.6);
      const kind =
        progress.episodes === 0 ? "large-order" : stream.pick(episodeKinds);
      const profile = victimOf(kind, population, progress, troubled, stream);
      if (profile !== null) {
        const n = progress.episodes;
        const episode = createEpisode(kind, profile, stream, simulated, n);
        progress.episodes += 1;
        troubled.add(profile.id);
        appendFileSync(truthFile, `${JSON.stringify(episode.truth)}\n`);
        plan(
          episode.events.map(({ afterMs, event }) => ({
            at: now + afterMs / options.speed,
            event,
          })),
        );
        save();
      }
    }
    const sending = planned.filter(({ at }) => at <= now);
    planned = planned.slice(sending.length);
    const asks =
      progress.sealed || now < nextAsk
        ? undefined
        : sending.find(({ event }) => event.type === "order.placed");
    if (asks) {
      nextAsk = Infinity;
      asking = postAsking(options, asks.event, pace).then(
        () => {
          nextAsk = Date.now() + askEveryMs;
        },
        (error: unknown) => {
          failure = { error };
        },
      );
    }
    const rest = sending.filter((item) => item !== asks);
    if (rest.length > 0) {
      await postEvents(
        options,
        rest.map(({ event }) => event),
        null,
      );
    }
    await new Promise((go) => setTimeout(go, tickMs));
    throwIfFailed();
  }
  await asking;
  throwIfFailed();
}

/** A customer that an episode of this kind can happen to. */
function victimOf(
  kind: string,
  population: readonly Profile[],
  progress: Progress,
  troubled: ReadonlySet<string>,
  random: Random,
): Profile | null {
  const able = population
    .slice(0, Math.max(20, progress.posted))
    .filter((item) => isFit(kind, item))
    .filter((item) => !troubled.has(item.id));
  return able.length === 0 ? null : random.pick(able);
}

/** A live order with what follows of it, the order itself at this instant. */
function liveOrder(
  profile: Profile,
  random: Random,
  progress: Progress,
  simulated: number,
): SimEvent[] {
  progress.liveOrders += 1;
  const today = dayOf(simulated);
  const [placed, ...rest] = orderEvents(profile, random, {
    n: 1_000_000 + progress.liveOrders,
    day: today,
    hour: 10,
    amount: usualAmount(profile, random, today, today),
  });
  if (!placed) return [];
  return [{ ...placed, time: new Date(simulated).toISOString() }, ...rest];
}
