/** Which build this is: version of the package and commit of the checkout. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Build {
  readonly version: string;
  /** Short hash; "unknown" outside a checkout, with the reason in `problem`. */
  readonly commit: string;
  readonly problem: string | null;
}

export function readBuild(root: string): Build {
  const text = readFileSync(join(root, "package.json"), "utf8");
  const { version } = JSON.parse(text) as { readonly version: string };
  try {
    const commit = execFileSync(
      "git",
      ["-C", root, "rev-parse", "--short", "HEAD"],
      { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    ).trim();
    return { version, commit, problem: null };
  } catch (error) {
    const problem = String(error).split("\n")[0] ?? "";
    return { version, commit: "unknown", problem };
  }
}
