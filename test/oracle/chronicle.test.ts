import { expect, test } from "vitest";
import {
  dayMs,
  event,
  readLines,
  start,
  type Line,
} from "./cases.test-support.ts";
import { rememberedMax } from "./chronicle.ts";

const order = (over: object = {}): Line["record"] =>
  event("OrderPlaced", { orderId: "O-1", amount: 100, ...over });

function customer(lines: readonly Line[]): {
  applied: number;
  duplicates: number;
  late: number;
  floor: number;
} {
  const { customers } = readLines(lines);
  const dossier = customers.get("C-1");
  return {
    applied: dossier?.events.length ?? 0,
    duplicates: dossier?.duplicates ?? 0,
    late: dossier?.late ?? 0,
    floor: dossier?.floor ?? 0,
  };
}

test("a repeat of (source, id) is a duplicate, the same id elsewhere is not", () => {
  const lines = [
    { on: 0, record: order({ eventId: "x" }) },
    { on: 1, record: order({ eventId: "x", time: start }) },
    { on: 1, record: order({ eventId: "x", source: "other" }) },
  ];
  expect(customer(lines)).toMatchObject({ applied: 2, duplicates: 1, late: 0 });
});

test.each([
  { title: "seven days back is in time", back: 7 * dayMs, applied: 1, late: 0 },
  {
    title: "a millisecond more is late",
    back: 7 * dayMs + 1,
    applied: 0,
    late: 1,
  },
  {
    title: "five minutes ahead is in time",
    back: -300_000,
    applied: 1,
    late: 0,
  },
  {
    title: "a millisecond more is refused",
    back: -300_001,
    applied: 0,
    late: 0,
  },
])("$title", ({ back, applied, late }) => {
  const lines = [
    { on: 10, record: order({ time: start + 10 * dayMs - back }) },
  ];
  expect(customer(lines)).toMatchObject({ applied, late });
});

test("history is never late until its source is sealed", () => {
  const old = { time: start - 900 * dayMs, historical: true };
  const lines: Line[] = [
    { on: 0, record: order({ ...old, eventId: "a" }) },
    { on: 0, record: order({ ...old, eventId: "a" }) },
    {
      on: 0,
      record: {
        name: "HistorySealed",
        value: { source: "test-erp", floor: start - 1 },
      },
    },
    { on: 0, record: order({ ...old, eventId: "a" }) },
  ];
  expect(customer(lines)).toMatchObject({ applied: 1, duplicates: 1, late: 1 });
});

test("an identity put out raises the floor to the end of its minute", () => {
  const lines: Line[] = Array.from({ length: rememberedMax + 1 }, (_, i) => ({
    on: 1,
    record: order({ time: start + i * 1000 }),
  }));
  lines.push({ on: 1, record: order({ time: start + 59_999 }) });
  expect(customer(lines)).toEqual({
    applied: rememberedMax + 1,
    duplicates: 0,
    late: 1,
    floor: start + 59_999,
  });
});

test("an erased customer is gone", () => {
  const { customers } = readLines([
    { on: 0, record: order() },
    { on: 1, record: event("CustomerErased", {}) },
  ]);
  expect(customers.has("C-1")).toBe(false);
});

test("log time never goes back, and a clock maps it", () => {
  const lines: Line[] = [
    {
      on: 0,
      record: {
        name: "Clock",
        value: {
          ...{ version: 1, effectiveAt: 0, speed: 10 },
          ...{ anchorAppend: start, anchorTime: start },
        },
      },
    },
    { on: 1, record: order({ time: start + 10 * dayMs }) },
    { on: 0, record: order({ time: start }) },
  ];
  const chronicle = readLines(lines);
  expect(chronicle.logTime).toBe(start + 10 * dayMs);
  expect(chronicle.customers.get("C-1")?.events).toHaveLength(2);
});
