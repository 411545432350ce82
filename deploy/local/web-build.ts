/** Builds the web app when its sources changed since the last build. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { step } from "./progress.ts";

function digestOf(folder: string): string {
  const hash = createHash("sha256");
  const visit = (path: string): void => {
    for (const name of readdirSync(path).sort()) {
      if (name === "node_modules" || name === "dist") continue;
      const file = join(path, name);
      if (statSync(file).isDirectory()) visit(file);
      else hash.update(name).update(readFileSync(file));
    }
  };
  visit(folder);
  return hash.digest("hex");
}

export async function buildWeb(root: string): Promise<void> {
  const folder = join(root, "dashboard/web");
  const stamp = join(folder, "dist/.source-hash");
  const hash = createHash("sha256")
    .update(digestOf(folder))
    .update(digestOf(join(root, "schemas/src")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return;
  await step("web app", async () => {
    await new Promise<void>((done, fail) => {
      const child = spawn(
        "node",
        ["node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"],
        {
          cwd: folder,
          stdio: ["ignore", "pipe", "pipe"],
        },
      );
      let tail = "";
      const keep = (chunk: Buffer): void => {
        tail = (tail + chunk.toString()).slice(-4000);
      };
      child.stdout.on("data", keep);
      child.stderr.on("data", keep);
      child.once("error", fail);
      child.once("exit", (code) => {
        if (code === 0) done();
        else fail(new Error(`vite build failed:\n${tail}`));
      });
    });
    writeFileSync(stamp, hash);
  });
}
