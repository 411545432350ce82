import { expect, test } from "vitest";
import { createRowQueue } from "./row-queue.ts";

const rows = (...offsets: number[]) =>
  offsets.map((offset) => ({ offset, appendedAt: 0, value: null }));
const offsets = (list: readonly { readonly offset: number }[]): number[] =>
  list.map(({ offset }) => offset);

test("batches that follow each other are taken as one, a gap parts them", () => {
  const queue = createRowQueue();
  queue.push(rows(1, 2));
  queue.push([]);
  queue.push(rows(3, 4));
  queue.push(rows(9));
  expect(queue.size()).toBe(5);
  expect(offsets(queue.take())).toEqual([1, 2, 3, 4]);
  expect(queue.size()).toBe(1);
  expect(offsets(queue.take())).toEqual([9]);
  expect(queue.take()).toEqual([]);
  queue.push(rows(10));
  queue.clear();
  expect([queue.size(), queue.take()]).toEqual([0, []]);
});
