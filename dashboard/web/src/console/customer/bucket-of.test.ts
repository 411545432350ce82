import { expect, it } from "vitest";
import { bucketOf } from "./bucket-of.ts";

it.each([
  [-5, "notDue"],
  [0, "notDue"],
  [1, "d1to30"],
  [30, "d1to30"],
  [31, "d31to60"],
  [60, "d31to60"],
  [61, "d61to90"],
  [90, "d61to90"],
  [91, "over90"],
])("%i days late are %s", (daysPastDue, expected) => {
  expect(bucketOf({ daysPastDue })).toBe(expected);
});
