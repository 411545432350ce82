/** The verdict as people and programs read it (contract 6). */
import { comparedFields, notComparedFields } from "./compare.ts";
import type { Verdict } from "./verify.ts";

export type Output = "table" | "json" | "ndjson";

/** Data on stdout, what was and was not compared on stderr. */
export function printVerdict(
  verdict: Verdict,
  output: Output,
  explain: string | null,
): void {
  const customers = [...verdict.differing.keys()].sort();
  const { compared } = verdict;
  const write = (text: string): void => {
    process.stdout.write(`${text}\n`);
  };
  const explained =
    explain === null ? [] : (verdict.differing.get(explain) ?? []);
  switch (output) {
    case "json": {
      const counts = { compared, differing: customers.length, customers };
      const more = explain === null ? {} : { explain: explained };
      write(JSON.stringify({ ...counts, ...more }));
      break;
    }
    case "ndjson":
      for (const id of explain === null ? customers : [explain]) {
        for (const item of verdict.differing.get(id) ?? []) {
          write(JSON.stringify({ customerId: id, ...item }));
        }
      }
      break;
    case "table":
      write(`compared  ${String(compared)}`);
      write(`differing ${String(customers.length)}`);
      for (const id of customers) write(`  ${id}`);
      for (const item of explained) {
        write(`${item.field}\n  log   ${item.oracle}\n  state ${item.state}`);
      }
  }
  process.stderr.write(`compared fields: ${comparedFields.join(", ")}\n`);
  process.stderr.write(`not compared: ${notComparedFields.join(", ")}\n`);
}
