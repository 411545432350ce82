import {
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { BrokenKeyFile, sealingKeys, serviceSecret } from "./home-keys.ts";

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), "riskwall-test-"));
  onTestFinished(() => {
    rmSync(home, { recursive: true });
  });
  return home;
}

test("made once, for the owner alone, and nothing is left beside them", () => {
  const home = newHome();
  const secret = serviceSecret(home);
  const keys = sealingKeys(home);
  expect(serviceSecret(home)).toBe(secret);
  expect(sealingKeys(home)).toEqual(keys);
  expect(keys.keys.get(keys.current)).toHaveLength(32);
  const files = readdirSync(home).sort();
  expect(files).toEqual(["service.key", "settings.key"]);
  for (const file of files) {
    expect(statSync(join(home, file)).mode & 0o777).toBe(0o600);
  }
  expect(serviceSecret(newHome())).not.toBe(secret);
});

test.each(["", "short", "rw_service_x"])("a service.key of %j", (text) => {
  const home = newHome();
  writeFileSync(join(home, "service.key"), text);
  expect(() => serviceSecret(home)).toThrow(BrokenKeyFile);
});

test.each([
  "null",
  "{}",
  '{"current":"a","keys":{}}',
  '{"current":"a","keys":{"a":"AAAA"}}',
])("a settings.key of %s", (text) => {
  const home = newHome();
  writeFileSync(join(home, "settings.key"), text);
  expect(() => sealingKeys(home)).toThrow(BrokenKeyFile);
});
