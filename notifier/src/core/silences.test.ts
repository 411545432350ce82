import { parseMatcher } from "@riskwall/schemas/matchers";
import { describe, expect, it } from "vitest";
import {
  endedNow,
  inOrder,
  silenceEntry,
  silenceFault,
  silenceMaxMs,
  silenceState,
  type KeptSilence,
} from "./silences.ts";

function silence(
  id: string,
  startsAt: number,
  endsAt: number,
  texts: readonly string[] = ['customer_id="C-1"'],
): KeptSilence {
  const matchers = texts.map((text) => {
    const parsed = parseMatcher(text);
    if (parsed.kind === "bad") throw new Error(parsed.why);
    return parsed.matcher;
  });
  return { id, matchers, startsAt, endsAt, createdBy: "li", comment: "why" };
}

it.each([
  [9, "pending"],
  [10, "active"],
  [19, "active"],
  [20, "expired"],
])("at %i it is %s", (now, state) => {
  expect(silenceState(silence("a", 10, 20), now)).toBe(state);
});

describe("a new silence", () => {
  it.each([
    [silence("a", 10, 20), null],
    [silence("a", 10, 20, []), "matches_everything"],
    [silence("a", 10, 20, ['class=""']), "matches_everything"],
    [silence("a", 10, 20, ['class!="A"', 'rule=~".*"']), "matches_everything"],
    [silence("a", 10, 20, ['class!="A"', 'rule="x"']), null],
    [silence("a", 20, 20), "ends_before_start"],
    [silence("a", 1, 5), "ends_in_the_past"],
    [silence("a", 10, 11 + silenceMaxMs), "silence_too_long"],
    [silence("a", 10, 10 + silenceMaxMs), null],
  ])("%#", (one, code) => {
    expect(silenceFault(one, 5)?.code ?? null).toBe(code);
  });
});

it("ended now is over, also when it had not begun", () => {
  for (const startsAt of [5, 50]) {
    const ended = endedNow(silence("a", startsAt, 90), 10);
    expect(silenceState(ended, 10)).toBe("expired");
    expect(ended.startsAt).toBeLessThanOrEqual(ended.endsAt);
  }
});

it("stands in the settings as a file would have it", () => {
  expect(silenceEntry(silence("a", 0, 1000))).toEqual({
    ...{ id: "a", createdBy: "li", comment: "why" },
    matchers: ['customer_id="C-1"'],
    startsAt: "1970-01-01T00:00:00.000Z",
    endsAt: "1970-01-01T00:00:01.000Z",
  });
});

it("the one that ends next comes first, what is over last", () => {
  const all = [
    ...[silence("old", 0, 10), silence("older", 0, 5)],
    ...[silence("later", 300, 400), silence("soon", 200, 500)],
    ...[silence("long", 0, 900), silence("short", 0, 150)],
    silence("b-short", 0, 150),
  ];
  expect(inOrder(all, 100).map(({ id }) => id)).toEqual([
    ...["b-short", "short", "long", "soon", "later", "old", "older"],
  ]);
});
