import { expect, test } from "vitest";
import type { Erasure } from "./erasure-store.ts";
import { createEraser } from "./erasing.ts";

const hour = 3_600_000;
const start = Date.UTC(2026, 10, 1);

function world(): {
  look: () => Promise<number>;
  said: Erasure[];
  /** Customers of whom rows are left. */
  left: Set<string>;
  asked: string[];
  since: number[];
  pass: (ms: number) => void;
} {
  let now = start;
  const said: Erasure[] = [];
  const left = new Set<string>();
  const asked: string[] = [];
  const since: number[] = [];
  const look = createEraser({
    now: () => now,
    store: {
      erasures: async (from) => {
        since.push(from);
        return Promise.resolve(said.filter((item) => item.appendedAt >= from));
      },
      erase: async ({ customerId }) => {
        asked.push(customerId);
        return Promise.resolve(left.delete(customerId));
      },
    },
  });
  const pass = (ms: number): void => {
    now += ms;
  };
  return { look, said, left, asked, since, pass };
}

const erased = (customerId: string, appendedAt: number): Erasure => ({
  ...{ customerId, appendedAt, partition: 3, offset: 40 },
});

test("the first look goes back forty days, later ones a little", async () => {
  const { look, since, pass } = world();
  await look();
  pass(10_000);
  await look();
  expect(since).toEqual([start - 40 * 24 * hour, start - hour]);
});

test("what comes late goes, too, until an hour passed with nothing left", async () => {
  const { look, said, left, asked, pass } = world();
  said.push(erased("C-1", start - 1000));
  left.add("C-1");
  expect(await look()).toBe(1);
  pass(hour / 2);
  expect(await look()).toBe(0);
  // A row that history brought late.
  left.add("C-1");
  pass(hour);
  expect(await look()).toBe(1);
  expect(await look()).toBe(0);
  expect(asked).toHaveLength(4);
  pass(hour);
  await look();
  expect(asked).toHaveLength(4);
});
