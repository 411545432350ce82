/**
 * Same log and same `logic`: same states and same outputs, to the last byte,
 * on every machine (architecture 5). When a change of the fold is meant, raise
 * `logic` from the first release on, and write the digests anew:
 * `RISKWALL_WRITE_GOLDEN=1 npm test -- --only unit --files golden`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { digestsOf, readGoldenLog, type Digests } from "./golden-log.ts";

const path = fileURLToPath(new URL("./digests.json", import.meta.url));

test("the golden log gives the same states and outputs as ever", () => {
  const lines = readGoldenLog();
  const found = digestsOf(lines, 50);
  expect(digestsOf(lines, lines.length + 1)).toEqual(found);
  if (process.env["RISKWALL_WRITE_GOLDEN"] === "1") {
    writeFileSync(path, `${JSON.stringify(found, null, 2)}\n`);
  }
  expect(found).toEqual(JSON.parse(readFileSync(path, "utf8")) as Digests);
});
