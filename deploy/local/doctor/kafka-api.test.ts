import { expect, it } from "vitest";
import { judgeApis, parseRanges } from "./kafka-api.ts";

const response = (entries: readonly (readonly number[])[]): Buffer => {
  const bytes = Buffer.alloc(14 + entries.length * 6);
  bytes.writeInt32BE(bytes.length - 4, 0);
  bytes.writeInt32BE(entries.length, 10);
  entries.forEach((entry, i) => {
    entry.forEach((value, k) => bytes.writeInt16BE(value, 14 + i * 6 + k * 2));
  });
  return bytes;
};

it.each([
  [
    "Kafka 3",
    [
      [0, 0, 9],
      [1, 0, 15],
      [11, 0, 9],
    ],
    "",
  ],
  [
    "Kafka 4",
    [
      [0, 3, 12],
      [1, 4, 17],
      [11, 2, 9],
    ],
    "",
  ],
  [
    "one to come",
    [
      [0, 8, 14],
      [1, 4, 17],
      [11, 2, 9],
    ],
    "Produce 8 to 14, needs 3 to 7",
  ],
  [
    "one long ago",
    [
      [0, 0, 2],
      [1, 0, 3],
      [11, 0, 2],
    ],
    "Produce 0 to 2, needs 3 to 7; Fetch 0 to 3, needs 4 to 11",
  ],
  [
    "no broker",
    [[0, 3, 12]],
    "Fetch not at all, needs 4 to 11; JoinGroup not at all, needs 0 to 5",
  ],
])("%s", (_, entries, verdict) => {
  expect(judgeApis(parseRanges(response(entries)))).toBe(verdict);
});
