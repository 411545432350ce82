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
import {
  createEpisode,
  episodeKinds,
  slideTruth,
  type Truth,
} from "./episodes.ts";
import { createMonth, monthKinds, type Month } from "./month.ts";
import { createOwed } from "./owed.ts";
import { createPopulation, type Profile } from "./population.ts";
import { createRandom } from "./random.ts";
import { historyOf } from "./run.ts";
import { falseRate, scoreRules, type RaisedAlert } from "./score.ts";

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
  const truth: Truth = {
    ...slideTruth({ id: "C-1" } as Profile, anchor),
    expectedRules: ["PAY-01"],
    consequences: ["SCR-01"],
  };
  const alert = (over: Partial<RaisedAlert>): RaisedAlert => ({
    ...{ ruleId: "PAY-01", customerId: "C-1", muted: false, told: true },
    ...{ openedAt: anchor, spokeAt: [over.openedAt ?? anchor], title: "" },
    ...over,
  });
  const row = {
    ...{ rule: "PAY-01", planted: 1, found: 1, raised: 1, right: 1 },
    ...{ following: 0, false: 0, falseTold: 0, recall: 1, precision: 1 },
    ...{ medianSecondsToAlert: null, slowestSecondsToAlert: null },
  };

  test.each<[string, Truth[], RaisedAlert[], object]>([
    [
      "found late, but in time; a muted one counts when matched",
      [truth],
      [alert({ openedAt: anchor + 5000, muted: true })],
      row,
    ],
    [
      "found too late is not found, and right all the same",
      [truth],
      [alert({ openedAt: anchor + truth.withinMs + 1 })],
      { ...row, found: 0, recall: 0 },
    ],
    [
      "what nothing explains is false, muted or of another customer",
      [truth],
      [
        alert({}),
        alert({ customerId: "C-9" }),
        alert({ customerId: "C-8", told: false }),
        alert({ customerId: "C-7", muted: true }),
      ],
      { ...row, raised: 3, false: 2, falseTold: 1, precision: 1 / 3 },
    ],
    [
      "an alert that was open speaks again",
      [{ ...truth, madeBy: "event" }],
      [
        alert({
          openedAt: anchor - 90_000,
          spokeAt: [anchor - 90_000, anchor + 400],
        }),
      ],
      {
        ...row,
        ...{ medianSecondsToAlert: 0.4, slowestSecondsToAlert: 0.4 },
      },
    ],
  ])("%s", (_, truths, alerts, expected) => {
    expect(scoreRules(truths, alerts).rules).toEqual([expected]);
    expect(scoreRules(truths, alerts).families).toEqual([
      { ...expected, rule: "PAY" },
    ]);
  });

  test("what follows counts for neither side, until its truth ends", () => {
    const follows = alert({ ruleId: "SCR-01", openedAt: anchor + 1000 });
    const ended = { ...truth, endsAt: new Date(anchor + 500).toISOString() };
    const [, open] = scoreRules([truth], [alert({}), follows]).rules;
    expect(open).toMatchObject({ following: 1, false: 0, precision: null });
    const [, late] = scoreRules([ended], [alert({}), follows]).rules;
    expect(late).toMatchObject({ following: 0, false: 1, precision: 0 });
  });

  test("false alerts are counted per customer and thirty days", () => {
    const rows = [{ ...row, falseTold: 3 }];
    expect(falseRate(rows, 100, 15).perCustomerAndMonth).toBeCloseTo(0.06);
  });
});

describe("a simulated month", () => {
  const options = {
    ...{ seed: "m", customers: 120, years: 2, days: 30, perKind: 1 },
    first: dayOf(Date.parse("2026-07-01T12:00:00+08:00")),
  };
  const month = createMonth(options);

  test("the same seed plays the same month", () => {
    const text = (of: Month): string => JSON.stringify(of);
    expect(text(createMonth(options))).toBe(text(month));
    expect(text(createMonth({ ...options, seed: "n" }))).not.toBe(text(month));
  });

  test("events come in order, once each, and pass the door", () => {
    const times = month.arrivals.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const ids = [...month.history, ...month.arrivals.map((a) => a.event)].map(
      ({ id }) => id,
    );
    expect(new Set(ids).size).toBe(ids.length);
    const refused = month.arrivals.filter(({ at, event }) => {
      const context = { now: at, latest: null, historical: false, readText };
      return parseEvent(event, context).kind === "problem";
    });
    expect(refused.every(({ event }) => event.id.startsWith("broken"))).toBe(
      true,
    );
  });

  test("every kind is planted, and no truth is told in the events", () => {
    const kinds = new Set(month.truths.map(({ kind }) => kind));
    // What a hundred customers do not have is planted in larger worlds only.
    const missing = monthKinds.filter((kind) => !kinds.has(kind));
    expect(missing.length).toBeLessThan(8);
    const ordinary = createMonth({ ...options, perKind: 0 });
    expect(new Set(ordinary.truths.map(({ kind }) => kind))).toEqual(
      new Set(["late-bill", "unreviewed"]),
    );
  });
});
