import { expect, it } from "vitest";
import { stem } from "./stem.ts";

it.each([
  ["refuse", "refused", "refuses", "refusing"],
  ["sue", "sued", "suing", "sues"],
  ["stop", "stopped", "stopping", "stops"],
  ["crack", "cracked", "cracking", "cracks"],
  ["delay", "delayed", "delaying", "delays"],
  ["bankruptcy", "bankruptcies"],
  ["damage", "damaged", "damages"],
  ["cancel", "cancelled", "cancelling"],
])("%s has one stem", (...words) => {
  expect(new Set(words.map(stem)).size).toBe(1);
});

it.each([
  ["goods", "good"],
  ["pass", "pa"],
  ["paid", "pay"],
  ["string", "str"],
])("%s is not %s", (word, other) => {
  expect(stem(word)).not.toBe(stem(other));
});
