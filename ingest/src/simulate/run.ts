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
  amountText,
  dayOf,
  dayText,
  lifeOf,
  orderEvents,
  usualAmount,
  type SimEvent,
} from "./behaviour.ts";
import { createEpisode, episodeKinds } from "./episodes.ts";
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
const retryMaxMs = 10_000;
const firstEpisodeMs = 6000;
const episodeEveryMs = 25_000;

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
        },
        body:
          type === "application/x-ndjson" ? gzipSync(body, { level: 1 }) : body,
        signal: AbortSignal.timeout(60_000),
      });
      const text = await reply.text();
      if (reply.status === 202) return;
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
  historical: boolean,
): Promise<void> {
  for (let i = 0; i < events.length; i += chunkEvents) {
    const lines = events
      .slice(i, i + chunkEvents)
      .map((event) => JSON.stringify(event));
    const path = historical ? "/v1/events?historical=true" : "/v1/events";
    await post(options, path, `${lines.join("\n")}\n`, "application/x-ndjson");
  }
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
      await postEvents(options, batch, true);
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

async function runLive(
  options: RunOptions,
  population: readonly Profile[],
  random: Random,
  progress: Progress,
  save: () => void,
  truthFile: string,
  stopped: () => boolean,
): Promise<void> {
  const stream = random.fork(`live-${String(progress.liveOrders)}`);
  const started = Date.now();
  const simulated = (): number =>
    progress.anchor + (Date.now() - progress.anchor) * options.speed;
  const planned: { readonly at: number; readonly event: SimEvent }[] = [];
  let nextEpisode = started + firstEpisodeMs;
  let taken = 0;
  const troubled = new Set<string>();
  while (!stopped()) {
    const now = Date.now();
    if (
      options.durationSeconds !== null &&
      now - started > options.durationSeconds * 1000
    )
      return;
    const ready = population.slice(0, Math.max(20, progress.posted));
    const due =
      Math.floor(((now - started) / 1000) * (options.rate / 3)) - taken;
    for (let i = 0; i < Math.min(due, 50); i += 1) {
      taken += 1;
      const profile = stream.pick(ready);
      if (troubled.has(profile.id)) continue;
      planned.push(...liveOrder(profile, stream, progress, simulated(), now));
    }
    if (now >= nextEpisode) {
      nextEpisode = now + episodeEveryMs * (0.7 + stream.next() * 0.6);
      const profile = stream.pick(
        ready.filter((item) => item.tenureDays > 200),
      );
      const kind =
        progress.episodes === 0 ? "large-order" : stream.pick(episodeKinds);
      const episode = createEpisode(
        kind,
        profile,
        stream,
        simulated(),
        progress.episodes,
      );
      progress.episodes += 1;
      troubled.add(profile.id);
      appendFileSync(truthFile, `${JSON.stringify(episode.truth)}\n`);
      for (const { afterMs, event } of episode.events)
        planned.push({ at: now + afterMs / options.speed, event });
      save();
    }
    planned.sort((a, b) => a.at - b.at);
    const sending: SimEvent[] = [];
    while (planned[0] && planned[0].at <= now) {
      const item = planned.shift();
      if (item) sending.push(item.event);
    }
    if (sending.length > 0) await postEvents(options, sending, false);
    await new Promise((go) => setTimeout(go, 250));
  }
}

/** A live order; part of them settle soon, so that the wall moves both ways. */
function liveOrder(
  profile: Profile,
  random: Random,
  progress: Progress,
  simulatedNow: number,
  now: number,
): { at: number; event: SimEvent }[] {
  progress.liveOrders += 1;
  const today = dayOf(simulatedNow);
  const n = 1_000_000 + progress.liveOrders;
  const amount = usualAmount(profile, random, today, today) * 0.8;
  const [placed] = orderEvents(profile, random, {
    n,
    day: today,
    hour: 10,
    amount,
  });
  if (!placed) return [];
  const key = `${profile.id}-${String(n)}`;
  const out = [
    {
      at: now,
      event: { ...placed, time: new Date(simulatedNow).toISOString() },
    },
  ];
  const pay = amountText(
    usualAmount(profile, random, today, today),
    profile.currency,
  );
  out.push({
    at: now + random.whole(500, 4000),
    event: {
      id: `${key}-livepay`,
      source: "sim-bank",
      type: "payment.received",
      time: new Date(simulatedNow).toISOString(),
      data: {
        customerId: profile.id,
        paymentId: `PL-${key}`,
        amount: pay,
        currency: profile.currency,
        valueDate: dayText(today),
        method: "transfer",
      },
    },
  });
  if (random.chance(0.4)) {
    out.push({
      at: now + random.whole(1000, 6000),
      event: {
        id: `${key}-liveinvoice`,
        source: "sim-erp",
        type: "invoice.issued",
        time: new Date(simulatedNow).toISOString(),
        data: {
          customerId: profile.id,
          invoiceId: `INV-${key}`,
          orderId: `SO-${key}`,
          amount: amountText(amount, profile.currency),
          currency: profile.currency,
          issueDate: dayText(today),
          dueDate: dayText(today + profile.terms),
        },
      },
    });
  }
  return out;
}
