/**
 * Keys that the services of one home share: files of mode 0600 beside
 * credentials.json, made by whoever starts first. Services on other machines
 * get copies of them.
 */
import { randomBytes } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** A file of a home is there, but not as it was made. */
export class BrokenKeyFile extends Error {}

/** Reads a file of the home, or makes it; of two that make it one wins. */
function readOrMake(home: string, name: string, make: () => string): string {
  const file = join(home, name);
  if (!existsSync(file)) {
    mkdirSync(home, { recursive: true });
    const part = `${file}.${randomBytes(6).toString("hex")}`;
    writeFileSync(part, make(), { mode: 0o600 });
    try {
      // Unlike a rename this never replaces what another just made.
      linkSync(part, file);
    } catch (error) {
      if (!existsSync(file)) throw error;
    } finally {
      unlinkSync(part);
    }
  }
  return readFileSync(file, "utf8");
}

const secretPattern = /^rw_service_[\w-]{43}$/;

/** What services show each other: HOME/service.key. */
export function serviceSecret(home: string): string {
  const text = readOrMake(
    home,
    "service.key",
    () => `rw_service_${randomBytes(32).toString("base64url")}\n`,
  ).trim();
  if (secretPattern.test(text)) return text;
  throw new BrokenKeyFile("service.key is not complete: remove it or mend it");
}

/** Keys that secrets of the settings are sealed with. */
export interface SealingKeys {
  /** Id of the key that seals; the others only open. */
  readonly current: string;
  /** 32 bytes by id. */
  readonly keys: ReadonlyMap<string, Buffer>;
}

const keyBytes = 32;

function newSealingKeys(): string {
  const id = randomBytes(4).toString("hex");
  const keys = { [id]: randomBytes(keyBytes).toString("base64") };
  return `${JSON.stringify({ current: id, keys }, null, 2)}\n`;
}

function parseSealingKeys(text: string): SealingKeys | null {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) return null;
  if (!("current" in value) || !("keys" in value)) return null;
  const { current, keys } = value;
  if (typeof current !== "string") return null;
  if (typeof keys !== "object" || keys === null) return null;
  const found = new Map<string, Buffer>();
  for (const [id, key] of Object.entries(keys)) {
    const bytes = Buffer.from(String(key), "base64");
    if (bytes.length !== keyBytes) return null;
    found.set(id, bytes);
  }
  return found.has(current) ? { current, keys: found } : null;
}

/**
 * HOME/settings.key, `{current, keys: {id: base64}}`. To change the key, add
 * one and name it in `current`: what is written from then on is sealed with it.
 */
export function sealingKeys(home: string): SealingKeys {
  const text = readOrMake(home, "settings.key", newSealingKeys);
  const parsed = parseSealingKeys(text);
  if (parsed) return parsed;
  throw new BrokenKeyFile("settings.key is not complete: mend it");
}
