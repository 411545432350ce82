import { describe, expect, test } from "vitest";
import { parseEvent } from "../core/parse-event.ts";
import { shippedTextReader } from "../text-reader.ts";
import {
  dayOf,
  dormantDays,
  isQuietDay,
  lifeOf,
  type SimEvent,
} from "./behaviour.ts";
import { createEpisode, episodeKinds, slideTruth } from "./episodes.ts";
import { createOwed } from "./owed.ts";
import { createPopulation, type Profile } from "./population.ts";
import { createRandom } from "./random.ts";
import { historyOf } from "./run.ts";
import { scoreRules } from "./score.ts";

const anchor = Date.parse("2026-11-20T10:00:00+08:00");
const dayMs = 86_400_000;
const readText = shippedTextReader();

function livesOf(seed: string, count: number): SimEvent[] {
  const random = createRandom(seed);
  return createPopulation(random, count, 3).flatMap(
    (profile) => historyOf(profile, random, anchor).past,
  );
}

function population(count: number): Profile[] {
  return createPopulation(createRandom("test"), count, 3);
}

describe("the simulator", () => {
  test("the same seed gives the same events, another seed others", () => {
    const first = JSON.stringify(livesOf("a", 20));
    expect(JSON.stringify(livesOf("a", 20))).toBe(first);
    expect(JSON.stringify(livesOf("b", 20))).not.toBe(first);
  });

  test("every event passes the gateway's own checks, ids do not repeat", () => {
    const events = livesOf("a", 60);
    const refused = events.filter(
      (event) =>
        parseEvent(event, {
          now: anchor,
          latest: null,
          historical: true,
          readText,
        }).kind !== "business",
    );
    expect(refused).toEqual([]);
    expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
    expect(events.every((e) => Date.parse(e.time) < anchor)).toBe(true);
  });

  test("complaints are read as they are meant", () => {
    const meanings = new Map<string, Set<string>>();
    const note = (kind: string, data: unknown): void => {
      const { text } = data as { text: string };
      const seen = meanings.get(kind) ?? new Set();
      meanings.set(kind, seen.add(readText(text).meaning));
    };
    for (const { type, data } of livesOf("a", 60)) {
      if (type === "complaint.opened") note("life", data);
    }
    const [profile] = population(1);
    if (!profile) throw new Error("nobody");
    for (const kind of ["complaint-burst", "liquidity-language"] as const) {
      for (let seed = 0; seed < 20; seed += 1) {
        const random = createRandom(`${kind}${String(seed)}`);
        const { events } = createEpisode(kind, profile, random, anchor, seed);
        for (const { event } of events) note(kind, event.data);
      }
    }
    expect([...meanings].map(([kind, said]) => [kind, [...said]])).toEqual([
      ["life", ["fault"]],
      ["complaint-burst", ["fault"]],
      ["liquidity-language", ["liquidity"]],
    ]);
  });

  test("customers order and banks pay on working days", () => {
    const events = livesOf("a", 60);
    const quiet = events.filter(
      (event) =>
        ["order.placed", "payment.received"].includes(event.type) &&
        isQuietDay(dayOf(Date.parse(event.time))),
    );
    expect(quiet).toEqual([]);
  });

  test("it does what a credit manager would recognise", () => {
    const events = livesOf("a", 200);
    const of = (type: string): SimEvent[] =>
      events.filter((event) => event.type === type);
    const orders = of("order.placed").length;
    expect(of("order.cancelled").length / orders).toBeGreaterThan(0.005);
    expect(of("complaint.opened").length).toBeGreaterThan(0);
    expect(of("complaint.resolved").length).toBeGreaterThan(0);
    const parts = of("payment.received").filter(({ id }) =>
      /pay[ab]$/.test(id),
    );
    expect(parts.length).toBeGreaterThan(0);
    const names = population(200).map((profile) => profile.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.some((name) => /[\u4e00-\u9fff]/.test(name))).toBe(true);
    expect(names.some((name) => /^[A-Z]/.test(name))).toBe(true);
  });

  test("a dormant customer stopped ordering, a sliding one stopped paying", () => {
    const all = population(2000);
    const end = dayOf(anchor);
    const life = (profile: Profile): SimEvent[] =>
      lifeOf(profile, createRandom(profile.id), end - profile.tenureDays, end);
    const dormant = all.filter(({ plight }) => plight === "dormant");
    const sliding = all.filter(({ plight }) => plight === "sliding");
    expect(dormant.length).toBeGreaterThan(5);
    expect(sliding.length).toBeGreaterThan(2);
    for (const profile of dormant.slice(0, 5)) {
      const orders = life(profile).filter((e) => e.type === "order.placed");
      const last = Math.max(...orders.map((e) => Date.parse(e.time)));
      expect((anchor - last) / dayMs).toBeGreaterThan(dormantDays - 10);
    }
    for (const profile of sliding) {
      const events = life(profile);
      const invoices = events.filter((e) => e.type === "invoice.issued");
      // One order may be paid in two parts.
      const settled = new Set(
        events
          .filter((event) => event.type === "payment.received")
          .map((event) => event.id.replace(/-pay[ab]?$/, "")),
      );
      expect(settled.size).toBeLessThan(invoices.length);
    }
  });

  test.each(episodeKinds)("the truth of %s names its events", (kind) => {
    const [profile] = population(1);
    if (!profile) throw new Error("nobody");
    const episode = createEpisode(kind, profile, createRandom("e"), anchor, 7);
    const ids = episode.events.map(({ event }) => event.id);
    expect(episode.truth).toMatchObject({ kind, eventIds: ids });
    expect(episode.truth.expectedRules.length).toBeGreaterThan(0);
    for (const { event, afterMs } of episode.events) {
      const context = {
        now: anchor + afterMs,
        latest: null,
        historical: false,
        readText,
      };
      expect(parseEvent(event, context).kind).toBe("business");
    }
  });

  test("an early payment is of an invoice that stands, and comes once", () => {
    const [profile] = population(1);
    if (!profile) throw new Error("nobody");
    const { past, coming } = historyOf(profile, createRandom("test"), anchor);
    const owed = createOwed();
    owed.note(coming);
    const issued = new Set(
      past
        .filter((event) => event.type === "invoice.issued")
        .map((event) => event.data["invoiceId"]),
    );
    const paid: string[] = [];
    for (;;) {
      const next = owed.take(profile.id, anchor);
      if (next === null) break;
      expect(issued.has(next.data["invoiceId"])).toBe(true);
      expect(next.data["valueDate"]).toBe("2026-11-20");
      paid.push(next.id);
    }
    expect(new Set(paid).size).toBe(paid.length);
    expect(paid.length).toBeGreaterThan(0);
  });
});

describe("the score of the rules", () => {
  const truth = {
    ...slideTruth({ id: "C-1" } as Profile, anchor),
    expectedRules: ["PAY-01"],
  };
  const alert = { ruleId: "PAY-01", customerId: "C-1", muted: false };

  test("found in time, not found too late, and muted ones count when matched", () => {
    const rows = scoreRules(
      [truth, { ...truth, customerId: "C-2" }],
      [
        { ...alert, openedAt: anchor + 5000, muted: true },
        { ...alert, customerId: "C-2", openedAt: anchor + truth.withinMs + 1 },
        { ...alert, customerId: "C-9", openedAt: anchor, muted: true },
      ],
    );
    expect(rows).toEqual([
      {
        rule: "PAY-01",
        planted: 2,
        found: 1,
        raised: 2,
        recall: 0.5,
        precision: 0.5,
        medianSecondsToAlert: 5,
      },
    ]);
  });
});
