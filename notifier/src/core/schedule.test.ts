import { describe, expect, it } from "vitest";
import { createZoneOffset } from "../zone-offset.ts";
import { calendarOf } from "./ical.ts";
import {
  emptyRoster,
  onCallAt,
  shiftsOf,
  type Roster,
  type Rotation,
  type Schedule,
} from "./schedule.ts";
import { qualityOf } from "./schedule-quality.ts";
import { instantOf } from "./wall-clock.ts";

const zoneOffset = createZoneOffset();
const zones = {
  calendar: {
    holidays: new Set(["2026-10-01"]),
    workdays: new Set(["2026-10-10"]),
  },
  zoneOffset,
};
const wall = (text: string): number => Date.parse(`${text}:00Z`);

function rotation(over: Partial<Rotation> = {}): Rotation {
  return {
    ...{ name: "week", people: ["li", "han"], endsAtWall: null, turnDays: 7 },
    ...{ startsAtWall: wall("2026-03-02T09:00"), during: [], ...over },
  };
}
const scheduleOf = (zone: string, ...rotations: Rotation[]): Schedule => ({
  ...{ id: "duty", name: "值班", team: null, zone, rotations },
});
const at = (
  schedule: Schedule,
  text: string,
  roster: Partial<Roster> = {},
): readonly [string | null, string] => {
  const all = { ...emptyRoster, ...roster };
  const { person, by } = onCallAt(schedule, all, Date.parse(text), zones);
  return [person, by];
};

describe("a rotation", () => {
  it.each([
    ["before the first turn", "2026-03-02T08:59:59+08:00", null],
    ["first turn", "2026-03-02T09:00:00+08:00", "li"],
    ["a moment before the hand-over", "2026-03-09T08:59:59+08:00", "li"],
    ["the hand-over", "2026-03-09T09:00:00+08:00", "han"],
    ["round again", "2026-03-16T09:00:00+08:00", "li"],
  ])("%s", (_, text, person) => {
    const [found] = at(scheduleOf("Asia/Shanghai", rotation()), text);
    expect(found).toBe(person);
  });

  it.each([
    // Clocks in Berlin leap on 29 March 2026, 02:00 to 03:00.
    ["before the leap", "2026-03-30T08:59:00+02:00", "han"],
    ["hands over at nine of the new time", "2026-03-30T09:00:00+02:00", "li"],
    [
      "one hour late would be nine of the old",
      "2026-03-30T09:59:00+02:00",
      "li",
    ],
    // And go back on 25 October, 03:00 to 02:00.
    ["autumn, before", "2026-10-26T08:59:00+01:00", "han"],
    ["autumn, at nine", "2026-10-26T09:00:00+01:00", "li"],
  ])("keeps its wall time in Berlin: %s", (_, text, person) => {
    const [found] = at(scheduleOf("Europe/Berlin", rotation()), text);
    expect(found).toBe(person);
  });

  it("hands over once in an hour that happens twice", () => {
    const daily = rotation({
      startsAtWall: wall("2026-10-24T02:30"),
      turnDays: 1,
    });
    const berlin = scheduleOf("Europe/Berlin", daily);
    const people = ["00:29", "00:31", "01:00", "01:29", "01:31", "02:00"].map(
      (time) => at(berlin, `2026-10-25T${time}:00Z`)[0],
    );
    expect(people).toEqual(["li", "han", "han", "han", "han", "han"]);
  });

  it("hands over at a time that is leapt over", () => {
    const leapt = instantOf(
      wall("2026-03-29T02:30"),
      "Europe/Berlin",
      zoneOffset,
    );
    expect(new Date(leapt).toISOString()).toBe("2026-03-29T01:30:00.000Z");
  });
});

const day = 86_400_000;
const nights = rotation({
  ...{ name: "night", people: ["wang"] },
  during: [
    {
      ...{ times: [{ from: 0, to: 480 }], weekdays: [], daysOfMonth: [] },
      ...{ months: [], years: [], days: null, zone: "Asia/Shanghai" },
    },
  ],
});
const share = (from: string, to: string) => ({
  ...{ schedule: "duty", from: Date.parse(from), to: Date.parse(to) },
});
const noon = share("2026-03-03T12:00:00+08:00", "2026-03-03T18:00:00+08:00");

describe("layers", () => {
  const schedule = scheduleOf("Asia/Shanghai", rotation(), nights);
  const override = { id: "o1", person: "wang", ...noon };
  const swap = { id: "s1", gives: "li", takes: "zhao", ...noon };
  it.each([
    ["the last rotation wins", "2026-03-03T07:59:00+08:00", {}, "wang"],
    ["and ends", "2026-03-03T08:00:00+08:00", {}, "li"],
    [
      "an override",
      "2026-03-03T12:00:00+08:00",
      { overrides: [override] },
      "wang",
    ],
    ["its end", "2026-03-03T18:00:00+08:00", { overrides: [override] }, "li"],
    [
      "the later override",
      "2026-03-03T13:00:00+08:00",
      { overrides: [override, { ...override, id: "o2", person: "zhao" }] },
      "zhao",
    ],
    ["a swap", "2026-03-03T13:00:00+08:00", { swaps: [swap] }, "zhao"],
    [
      "a swap nobody took",
      "2026-03-03T13:00:00+08:00",
      { swaps: [{ ...swap, takes: null }] },
      "li",
    ],
    [
      "a swap of somebody who is not on call",
      "2026-03-03T13:00:00+08:00",
      { swaps: [{ ...swap, gives: "han" }] },
      "li",
    ],
    [
      "another schedule's swap",
      "2026-03-03T13:00:00+08:00",
      { swaps: [{ ...swap, schedule: "other" }] },
      "li",
    ],
  ] as const)("%s", (_, text, roster, person) => {
    expect(at(schedule, text, roster)[0]).toBe(person);
  });
});

describe("shifts", () => {
  const from = Date.parse("2026-03-01T09:00:00+08:00");
  const range = { from, to: from + 10 * day };
  const schedule = scheduleOf("Asia/Shanghai", rotation());
  const shifts = shiftsOf(schedule, emptyRoster, range, zones);

  it("lie side by side and name the gap", () => {
    expect(shifts.map(({ person, by }) => [person, by])).toEqual([
      [null, "gap"],
      ["li", "rotation"],
      ["han", "rotation"],
    ]);
    expect(shifts[0]?.from).toBe(range.from);
    expect(shifts.at(-1)?.to).toBe(range.to);
    for (const [i, { to }] of shifts.slice(0, -1).entries()) {
      expect(shifts[i + 1]?.from).toBe(to);
    }
  });

  it("say at every instant what one asks for that instant", () => {
    const busy = scheduleOf("Europe/Berlin", rotation({ turnDays: 1 }), nights);
    const start = Date.parse("2026-03-25T00:00:00Z");
    const span = { from: start, to: start + 8 * day };
    const roster = {
      ...emptyRoster,
      swaps: [{ id: "s", gives: "li", takes: "zhao", ...noon }],
    };
    for (const shift of shiftsOf(busy, roster, span, zones)) {
      for (const instant of [shift.from, shift.to - 1]) {
        const found = onCallAt(busy, roster, instant, zones);
        expect(found.person).toBe(shift.person);
      }
    }
  });

  it("are judged", () => {
    const codes = qualityOf(shifts).reasons.map(({ code }) => code);
    expect(codes).toEqual(["gap", "uneven_load"]);
    const lone = shiftsOf(
      scheduleOf("Asia/Shanghai", rotation({ people: ["li"] })),
      emptyRoster,
      { from: from + day, to: from + 11 * day },
      zones,
    );
    expect(qualityOf(lone)).toEqual({
      score: 75,
      reasons: [{ code: "single_person", points: 25, value: 240 }],
    });
    const even = shiftsOf(
      schedule,
      emptyRoster,
      { from: from + day, to: from + 15 * day },
      zones,
    );
    expect(qualityOf(even)).toEqual({ score: 100, reasons: [] });
  });

  it("make a calendar whose lines are short and escaped", () => {
    const name = "信控, 值班; 非常长的名字".repeat(4);
    const text = calendarOf([{ id: "duty", name, shifts }], {
      ...{ name, gapName: "缺岗", now: from, nameOf: (id) => id },
    });
    const lines = text.split("\r\n");
    for (const line of lines) {
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    }
    const whole = text.replaceAll("\r\n ", "");
    expect(whole).toContain(String.raw`SUMMARY:缺岗 · 信控\, 值班\;`);
    expect(whole).toContain("DTSTART:20260301T010000Z");
    expect(whole.match(/BEGIN:VEVENT/g)).toHaveLength(3);
    expect(text.endsWith("END:VCALENDAR\r\n")).toBe(true);
  });
});
