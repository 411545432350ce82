import { describe, expect, it } from "vitest";
import {
  instantOf,
  matchersOf,
  matcherText,
  parseDraft,
  stateAt,
} from "./silence-rows.ts";

describe("stateAt", () => {
  const row = {
    startsAt: "2026-11-28T08:00:00Z",
    endsAt: "2026-11-28T09:00:00Z",
  };
  it.each([
    ["2026-11-28T07:59:59Z", "pending"],
    ["2026-11-28T08:00:00Z", "active"],
    ["2026-11-28T08:59:59Z", "active"],
    ["2026-11-28T09:00:00Z", "expired"],
  ])("%s: %s", (now, state) => {
    expect(stateAt(row, Date.parse(now))).toBe(state);
  });
});

it.each([
  ['customer_id="C-1"', { name: "customer_id", sign: "=", value: "C-1" }],
  ["severity=~high|low", { name: "severity", sign: "=~", value: "high|low" }],
  ['a!="say \\"x\\""', { name: "a", sign: "!=", value: 'say "x"' }],
  ["no matcher", null],
])("%s in the form", (text, draft) => {
  expect(parseDraft(text)).toEqual(draft);
  if (draft) expect(parseDraft(matcherText(draft))).toEqual(draft);
});

it("an alert's like is of its rule and customer", () => {
  expect(matchersOf({ ruleId: "ORD-01", customerId: 'C"1' })).toEqual([
    'customer_id="C\\"1"',
    'alertname="ORD-01"',
  ]);
});

it.each([
  ["2026-11-28T16:30", "2026-11-28T08:30:00.000Z"],
  ["", null],
])("%s in the zone on screen", (local, instant) => {
  expect(instantOf(local)).toBe(instant);
});
