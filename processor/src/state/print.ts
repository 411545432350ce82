/** What the state verbs say when they are done. */
import type { Manifest } from "./manifest.ts";
import type { RebuildResult } from "./rebuild.ts";

/** Differing names printed in a table; JSON has all. */
const namesMax = 50;

export function printRebuild(
  result: RebuildResult,
  seconds: number,
  output: string,
): string {
  const { records, customers, compared, differing, switched } = result;
  const recordsPerSecond = Math.round(records / Math.max(seconds, 0.001));
  if (output !== "table") {
    const rounded = Number(seconds.toFixed(3));
    return `${JSON.stringify({
      ...{ records, customers, seconds: rounded, recordsPerSecond },
      ...{ compared, differing: differing.length, names: differing, switched },
    })}\n`;
  }
  const n = (value: number): string => value.toLocaleString("en-GB");
  const lines = [
    `${n(records)} records folded into ${n(customers)} customers in ${seconds.toFixed(1)} s, ${n(recordsPerSecond)} a second`,
    `${n(compared)} compared with the live state, ${n(differing.length)} differ`,
    ...differing.slice(0, namesMax).map((name) => `  ${name}`),
  ];
  if (differing.length > namesMax) lines.push("  …");
  lines.push(
    switched
      ? "the rebuilt state is the live one now"
      : "the rebuilt state is removed; --switch makes it the live one",
  );
  return `${lines.join("\n")}\n`;
}

export function printCopy(
  verb: "saved" | "restored",
  manifest: Manifest,
  seconds: number,
  output: string,
): string {
  const subjects = manifest.subjects.reduce((sum, n) => sum + n, 0);
  const customers = manifest.customers ?? subjects;
  const records = manifest.cut.reduce((sum, n) => sum + n, 0);
  const rows = Object.values(manifest.tables).reduce((sum, n) => sum + n, 0);
  if (output !== "table") {
    const rounded = Number(seconds.toFixed(3));
    const { cut, tables, createdAt } = manifest;
    return `${JSON.stringify({
      ...{ customers, records, rows, seconds: rounded, createdAt, cut, tables },
    })}\n`;
  }
  const n = (value: number): string => value.toLocaleString("en-GB");
  return `${verb} in ${seconds.toFixed(1)} s: ${n(customers)} customers at ${n(records)} records of the log, ${n(rows)} rows of history\n`;
}
