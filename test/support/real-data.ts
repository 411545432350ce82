/** Data sets of real payments and orders, which are not part of the project. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const folder =
  process.env["RISKWALL_TEST_DATA"] ?? resolve(root, "../shared/data");

/** Path of a data set's file, or null where it is absent. */
export function dataFile(set: string, name: string): string | null {
  const file = join(folder, set, name);
  return existsSync(file) ? file : null;
}

/** Rows of a gzipped CSV without quoted fields, header left out. */
export function plainRows(file: string, delimiter: string): string[][] {
  const [, ...lines] = gunzipSync(readFileSync(file))
    .toString("utf8")
    .split(/\r?\n/);
  return lines
    .filter((line) => line !== "")
    .map((line) => line.split(delimiter));
}

/** Cents of a decimal text, half away from zero; null when it is no number. */
export function centsOf(text: string | undefined): bigint | null {
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text ?? "");
  if (!match) return null;
  const digits = `${match[3] ?? ""}000`;
  const whole = BigInt((match[2] ?? "0") + digits.slice(0, 2));
  const up = Number(digits[2]) >= 5 ? 1n : 0n;
  return (match[1] === "-" ? -1n : 1n) * (whole + up);
}

/**
 * Chance that a bad one scores lower than a good one, ties counted half: the
 * area under the ROC curve by ranks (Mann-Whitney).
 */
export function areaUnderCurve(
  rows: readonly { readonly score: number; readonly bad: boolean }[],
): number {
  const byScore = Map.groupBy(rows, (row) => row.score);
  let goodsAbove = rows.filter((row) => !row.bad).length;
  const goods = goodsAbove;
  const bads = rows.length - goods;
  let wins = 0;
  for (const score of [...byScore.keys()].sort((a, b) => a - b)) {
    const same = byScore.get(score) ?? [];
    const bad = same.filter((row) => row.bad).length;
    const good = same.length - bad;
    goodsAbove -= good;
    wins += bad * (goodsAbove + good / 2);
  }
  return wins / (goods * bads);
}
