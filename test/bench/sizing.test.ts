import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  carries,
  computedPart,
  cpuSecondsPerMillion,
  figuresText,
  measuredOf,
  needOf,
  withResults,
  type Measured,
} from "./sizing.ts";

const page = readFileSync(
  new URL("../../docs/sizing.md", import.meta.url),
  "utf8",
);

const measured: Measured = {
  cpu: {
    ...{ processor: 300, historian: 150, dashboard: 50, clickhouse: 40 },
    ...{ kafka: 30, ingest: 20, redis: 10 },
  },
  resident: {
    ...{ processor: 700, historian: 800, dashboard: 400, clickhouse: 300 },
    ...{ kafka: 400, ingest: 200, redis: 10 },
  },
  customerBytes: 2048,
  logBytes: 100,
};

/** Prettier aligns tables: cells count, not the space between. */
const cells = (text: string): string =>
  text.replace(/-{3,}/g, "---").replace(/ +/g, " ");

test("a load takes its share of CPU, processors and memory", () => {
  expect(cpuSecondsPerMillion(measured)).toBe(600);
  expect(carries(measured, "processor")).toBe(2000);
  const need = needOf(measured, { eventsPerSecond: 5000, customers: 2 ** 20 });
  expect(need).toMatchObject({ cpus: 5, processors: 3, historyLags: true });
  expect(need.redisMiB).toBeCloseTo(10 + 2048 * 1.3);
  expect(need.memoryMiB).toBeCloseTo(need.redisMiB + 2100 + 3 * 700);
  const idle = needOf(measured, { eventsPerSecond: 1, customers: 0 });
  expect(idle).toMatchObject({ processors: 1, historyLags: false });
});

test("the page says what follows from the figures it states", () => {
  expect(cells(computedPart(page))).toBe(cells(figuresText(measuredOf(page))));
});

test("a results file of the benchmark gives its figures", () => {
  const figures = [
    {
      ...{ name: "CPU per event, all processes", value: 1, unit: "µs" },
      note: "processor 287, redis 17, other 26",
    },
  ];
  const known = withResults(
    measured,
    JSON.stringify({ results: [{ figures }] }),
  );
  expect(known.cpu).toMatchObject({ processor: 287, redis: 17, kafka: 30 });
  expect(known.resident).toEqual(measured.resident);
});
