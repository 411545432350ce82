/**
 * First credentials of a home: plaintext in HOME/credentials.json (0600), only
 * hashes in the settings topic.
 */
import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { hashPassword } from "../passwords.ts";

/** Plaintext of HOME/credentials.json (contract 1). */
export interface Credentials {
  readonly ingestKey: string;
  readonly operator: { readonly user: string; readonly password: string };
  readonly wallToken: string;
}

/** One entry of the settings topic. */
export interface Setting {
  readonly key: string;
  readonly value: string;
}

function newToken(prefix: string): string {
  const id = randomBytes(6).toString("hex");
  return `${prefix}_${id}_${randomBytes(32).toString("base64url")}`;
}

/** Id and secret hash of a token `prefix_prefix_id_secret`. */
export function tokenParts(token: string): { id: string; hash: string } {
  const match = /^rw_[a-z]+_([0-9a-f]{12})_(.+)$/.exec(token);
  if (!match?.[1] || !match[2]) throw new Error("token is malformed");
  const hash = createHash("sha256").update(match[2]).digest("hex");
  return { id: match[1], hash };
}

function parseCredentials(text: string): Credentials {
  const value: unknown = JSON.parse(text);
  const has = (object: unknown, ...names: readonly string[]): boolean =>
    typeof object === "object" &&
    object !== null &&
    names.every((name) => name in object);
  if (
    !has(value, "ingestKey", "operator", "wallToken") ||
    // Checked to be an object with that key just above.
    !has((value as { operator: unknown }).operator, "user", "password")
  ) {
    throw new Error("credentials.json is not complete: remove it or mend it");
  }
  return value as Credentials;
}

/** Reads HOME/credentials.json, or makes it. */
export function ensureCredentials(home: string): Credentials {
  const file = join(home, "credentials.json");
  if (existsSync(file)) return parseCredentials(readFileSync(file, "utf8"));
  mkdirSync(home, { recursive: true });
  const made: Credentials = {
    ingestKey: newToken("rw_live"),
    operator: {
      user: "operator",
      password: randomBytes(12).toString("base64url"),
    },
    wallToken: newToken("rw_wall"),
  };
  const part = `${file}.part`;
  writeFileSync(part, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  renameSync(part, file);
  return made;
}

/**
 * The settings entries that make the credentials work. The first user may do
 * everything: somebody has to make the others.
 */
export async function credentialSettings(
  credentials: Credentials,
): Promise<Setting[]> {
  const createdAt = new Date().toISOString();
  const key = tokenParts(credentials.ingestKey);
  const wall = tokenParts(credentials.wallToken);
  const { user, password } = credentials.operator;
  return [
    {
      key: `apikey:${key.id}`,
      value: JSON.stringify({
        id: key.id,
        name: "local stack",
        hash: key.hash,
        scopes: ["events:write", "credit:write", "orders:read", "test"],
        sources: ["*"],
        createdAt,
        revokedAt: null,
      }),
    },
    {
      key: `user:${user}`,
      value: JSON.stringify({
        user,
        role: "administrator",
        passwordHash: await hashPassword(password),
        stamp: randomBytes(9).toString("base64url"),
        createdAt,
      }),
    },
    {
      key: `walltoken:${wall.id}`,
      value: JSON.stringify({
        id: wall.id,
        hash: wall.hash,
        createdAt,
        revokedAt: null,
      }),
    },
  ];
}

/** True when some user of the settings may make others. */
export function hasAdministrator(
  settings: ReadonlyMap<string, string>,
): boolean {
  return [...settings].some(
    ([key, value]) =>
      key.startsWith("user:") &&
      value.includes('"role":"administrator"') &&
      !value.includes('"disabled":true'),
  );
}
