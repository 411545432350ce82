import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isPassword } from "../passwords.ts";
import {
  credentialSettings,
  ensureCredentials,
  tokenParts,
} from "./credentials.ts";

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), "riskwall-test-"));
  onTestFinished(() => {
    rmSync(home, { recursive: true });
  });
  return home;
}

test("made once, readable by the owner alone, the same ever after", () => {
  const home = newHome();
  const made = ensureCredentials(home);
  expect(made.ingestKey).toMatch(/^rw_live_[0-9a-f]{12}_[\w-]{43}$/);
  expect(made.wallToken).toMatch(/^rw_wall_[0-9a-f]{12}_[\w-]{43}$/);
  expect(made.operator.user).toBe("operator");
  expect(statSync(join(home, "credentials.json")).mode & 0o777).toBe(0o600);
  expect(ensureCredentials(home)).toEqual(made);
});

test("an incomplete file is refused, not replaced", () => {
  const home = newHome();
  writeFileSync(join(home, "credentials.json"), '{"ingestKey":"x"}');
  expect(() => ensureCredentials(home)).toThrow("not complete");
});

test("settings hold hashes that fit, and no secret", async () => {
  const made = ensureCredentials(newHome());
  const settings = await credentialSettings(made);
  const text = JSON.stringify(settings);
  const secret = made.ingestKey.split("_").slice(3).join("_");
  expect(text).not.toContain(secret);
  expect(text).not.toContain(made.operator.password);
  const { id, hash } = tokenParts(made.ingestKey);
  expect(hash).toBe(createHash("sha256").update(secret).digest("hex"));
  expect(settings.map((item) => item.key)).toEqual([
    `apikey:${id}`,
    "user:operator",
    `walltoken:${tokenParts(made.wallToken).id}`,
  ]);
  const user = JSON.parse(settings[1]?.value ?? "{}") as {
    readonly passwordHash: string;
  };
  const { password } = made.operator;
  expect(await isPassword(password, user.passwordHash)).toBe(true);
});
