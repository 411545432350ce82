/** Programs the stack needs, through apt when root on Debian, else named. */
import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { step } from "./progress.ts";

const run = promisify(execFile);

interface Need {
  readonly program: string;
  readonly debian: string;
  /** A file that shows the package is there, when it has no program. */
  readonly file?: string;
}

const needs: Readonly<Record<string, Need>> = {
  java: { program: "java", debian: "openjdk-17-jre-headless" },
  maven: { program: "mvn", debian: "maven" },
  redis: { program: "redis-server", debian: "redis-server" },
  chromium: { program: "chromium", debian: "chromium" },
  kcat: { program: "kcat", debian: "kcat" },
  font: {
    program: "",
    debian: "fonts-noto-cjk",
    file: "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
  },
};
export type NeedName =
  "java" | "maven" | "redis" | "chromium" | "kcat" | "font";

function isThere(need: Need): boolean {
  if (need.file !== undefined) return existsSync(need.file);
  try {
    execFileSync("sh", ["-c", `command -v ${need.program}`], {
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}

function isRootOnDebian(): boolean {
  return process.getuid?.() === 0 && existsSync("/etc/debian_version");
}

/** Installs what is missing, or throws an error that says what to install. */
export async function ensurePrograms(
  names: readonly NeedName[],
): Promise<void> {
  const missing = names
    .flatMap((name) => needs[name] ?? [])
    .filter((need) => !isThere(need))
    .map((need) => need.debian);
  if (missing.length === 0) return;
  const list = missing.join(" ");
  if (!isRootOnDebian()) {
    throw new Error(`please install first: ${list}`);
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { env, maxBuffer: 64 * 1024 * 1024 };
  await step(`Debian packages: ${list}`, async () => {
    await run("apt-get", ["update", "-qq"], options);
    const flags = ["install", "-y", "-qq", "--no-install-recommends"];
    await run("apt-get", [...flags, ...missing], options);
  });
}
