/** One stack per home: a lock file that names the process holding it. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The home is held by a living process. */
export class HomeHeld extends Error {}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Takes the lock; answers how to give it back. A dead holder's is taken over. */
export function lockHome(home: string): () => void {
  const file = join(home, "lock");
  if (existsSync(file)) {
    const pid = Number(readFileSync(file, "utf8"));
    if (pid > 0 && pid !== process.pid && isAlive(pid)) {
      throw new HomeHeld(
        `${home} is held by process ${String(pid)}; stop it, or choose another --home (RISKWALL_HOME)`,
      );
    }
  }
  writeFileSync(file, String(process.pid));
  return () => {
    rmSync(file, { force: true });
  };
}
