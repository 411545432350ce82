/** Arguments of `npm run bench`. */
import { Command } from "commander";

export interface BenchOptions {
  /** The long form: more customers, more rounds, longer. */
  readonly full: boolean;
  /** Names of the benchmarks to run, in the order they are run. */
  readonly only: readonly string[];
  /** File of the results; null = bench/results/<time>.json. */
  readonly out: string | null;
}

/** Reads the arguments; throws commander's error on one that is not known. */
export function parseBenchOptions(
  args: readonly string[],
  names: readonly string[],
): BenchOptions {
  const collect = (text: string, before: readonly string[]): string[] => [
    ...before,
    ...text.split(",").map((name) => name.trim()),
  ];
  const none: string[] = [];
  const command = new Command("riskwall bench")
    .description("measures the product and this machine's own limits")
    .option("--full", "longer, with 100,000 customers", false)
    .option(
      "--only <names>",
      `of ${names.join(", ")}; repeatable`,
      collect,
      none,
    )
    .option("--out <file>", "where the results are written")
    .exitOverride()
    .parse([...args], { from: "user" });
  const given = command.opts<{
    full: boolean;
    only: readonly string[];
    out?: string;
  }>();
  const unknown = given.only.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    command.error(
      `unknown: ${unknown.join(", ")}; there are ${names.join(", ")}`,
    );
  }
  const chosen = new Set(given.only.length > 0 ? given.only : names);
  return {
    full: given.full,
    only: names.filter((name) => chosen.has(name)),
    out: given.out ?? null,
  };
}
