/**
 * Secrets inside entries of the settings topic, sealed by AES-256-GCM:
 *
 *   sealed  = "rwsealed:1:" keyId ":" base64url(iv[12] tag[16] ciphertext)
 *
 * The entry's key and the field are authenticated with it, so a sealed text
 * moved elsewhere does not open. What was written before, plain, is read as it
 * stands, and sealed when its entry is written next.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { SealingKeys } from "./home-keys.ts";

/** Fields that are secrets, by the kind of entry: the text before the colon. */
const secretFields: Readonly<Record<string, readonly string[]>> = {
  channel: [
    ...["url", "secret", "bearer", "password"],
    ...["routingKey", "apiKey", "integrationKey"],
    ...["endpoint", "auth", "privateKey"],
    ...["accessKeySecret", "secretKey", "authToken", "appSecret"],
  ],
  // A browser that pushes go to: who knows these may push to it.
  push: ["endpoint", "auth"],
  vapid: ["privateKey"],
  webhook: ["secret"],
  user: ["totp.secret"],
};

const prefix = "rwsealed:1:";
const ivBytes = 12;
const tagBytes = 16;
const shape = /^rwsealed:1:([0-9a-z]+):([\w-]+)$/;

/** An entry cannot be read: another key, or another text. */
export class Unsealable extends Error {
  override readonly name = "Unsealable";
}

export interface Sealing {
  /** The entry as it may be stored. */
  readonly seal: (key: string, value: object) => object;
  /** The entry as it was meant; throws `Unsealable`. */
  readonly open: (key: string, value: unknown) => unknown;
}

type Tree = Readonly<Record<string, unknown>>;

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Changes the text at a path, where there is one. */
function changeAt(
  tree: Tree,
  [name = "", ...rest]: readonly string[],
  change: (text: string) => string,
): Tree {
  const value = tree[name];
  if (rest.length > 0) {
    return isTree(value)
      ? { ...tree, [name]: changeAt(value, rest, change) }
      : tree;
  }
  return typeof value === "string" && value !== ""
    ? { ...tree, [name]: change(value) }
    : tree;
}

function changeSecrets(
  key: string,
  value: Tree,
  change: (text: string, bound: Buffer) => string,
): Tree {
  const kind = key.slice(0, Math.max(0, key.indexOf(":")));
  const fields = Object.hasOwn(secretFields, kind) ? secretFields[kind] : [];
  return (fields ?? []).reduce(
    (tree, field) =>
      changeAt(tree, field.split("."), (text) =>
        change(text, Buffer.from(`${key}\n${field}`)),
      ),
    value,
  );
}

export function createSealing({ current, keys }: SealingKeys): Sealing {
  const sealText = (text: string, bound: Buffer): string => {
    const key = keys.get(current);
    if (!key) throw new Unsealable(`no key ${current}`);
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(bound);
    const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    const all = Buffer.concat([iv, cipher.getAuthTag(), body]);
    return `${prefix}${current}:${all.toString("base64url")}`;
  };
  const openText = (text: string, bound: Buffer): string => {
    if (!text.startsWith(prefix)) return text;
    const [, id = "", packed = ""] = shape.exec(text) ?? [];
    const key = keys.get(id);
    if (!key) throw new Unsealable(`sealed with a key that is not here: ${id}`);
    const all = Buffer.from(packed, "base64url");
    const iv = all.subarray(0, ivBytes);
    const tag = all.subarray(ivBytes, ivBytes + tagBytes);
    try {
      const cipher = createDecipheriv("aes-256-gcm", key, iv, {
        authTagLength: tagBytes,
      });
      cipher.setAAD(bound).setAuthTag(tag);
      const body = all.subarray(ivBytes + tagBytes);
      return cipher.update(body, undefined, "utf8") + cipher.final("utf8");
    } catch (cause) {
      throw new Unsealable("a sealed secret was changed", { cause });
    }
  };
  return {
    seal: (key, value) =>
      isTree(value) ? changeSecrets(key, value, sealText) : value,
    open: (key, value) =>
      isTree(value) ? changeSecrets(key, value, openText) : value,
  };
}

/** Texts of an entry that are secrets, as it was meant. */
export function secretsIn(key: string, value: unknown): readonly string[] {
  const found: string[] = [];
  if (isTree(value)) {
    changeSecrets(key, value, (text) => {
      found.push(text);
      return text;
    });
  }
  return found;
}
