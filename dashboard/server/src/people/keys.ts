/** API keys of the gateway. A key is shown once; its hash is kept. */
import { createHash, randomBytes } from "node:crypto";
import type { Caller } from "../access.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { Settings, Token } from "../io/settings.ts";
import { Problem } from "../problem.ts";

export const keyScopes = [
  "events:write",
  "credit:write",
  "orders:read",
  "test",
] as const;
export type KeyScope = (typeof keyScopes)[number];

const hourMs = 3_600_000;

export interface KeyFields {
  readonly name: string;
  readonly scopes: readonly KeyScope[];
  /** Sources it may name in events; `*` = any. */
  readonly sources: readonly string[];
}

export interface NewKey extends KeyFields {
  readonly test: boolean;
  readonly expiresAt: number | null;
}

/** A key as pages see it: without its hash. */
export interface KeyView {
  readonly keyId: string;
  readonly name: string;
  /** How the key begins: to know it again. */
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly sources: readonly string[];
  readonly test: boolean;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

export interface Keys {
  list: () => readonly KeyView[];
  create: (
    who: Caller,
    wanted: NewKey,
  ) => Promise<KeyView & { readonly key: string }>;
  change: (who: Caller, id: string, fields: KeyFields) => Promise<KeyView>;
  /** A new key of the same rights; the old one ends after the overlap. */
  rotate: (
    who: Caller,
    id: string,
    overlapHours: number,
  ) => Promise<KeyView & { readonly key: string }>;
  revoke: (who: Caller, id: string, reason: string | null) => Promise<void>;
}

export interface KeysDeps {
  readonly settings: Pick<Settings, "keys" | "key">;
  readonly audit: Pick<AuditTrail, "done">;
  readonly putKey: (key: Token) => Promise<void>;
  readonly now: () => number;
}

const prefixOf = ({ id, test }: Pick<Token, "id" | "test">): string =>
  `rw_${test ? "test" : "live"}_${id}`;

function keyView(key: Token): KeyView {
  const { id, hash: _, mask: __, ...rest } = key;
  return { ...rest, keyId: id, prefix: prefixOf(key) };
}

function facts({ name, scopes, sources, expiresAt }: Token): object {
  return { name, scopes, sources, expiresAt };
}

export function createKeys(deps: KeysDeps): Keys {
  const { settings, audit, putKey } = deps;

  const find = (id: string): Token => {
    const key = settings.key(id);
    if (!key) throw new Problem(404, "key_unknown", "No such key");
    if (key.revokedAt === null) return key;
    throw new Problem(409, "key_revoked", "The key was revoked");
  };
  const iso = (ms: number): string => new Date(ms).toISOString();

  const make = async (
    who: Caller,
    wanted: NewKey,
  ): Promise<{ readonly key: Token; readonly text: string }> => {
    const secret = randomBytes(32).toString("base64url");
    const { name, scopes, sources, test, expiresAt } = wanted;
    const key: Token = {
      id: randomBytes(6).toString("hex"),
      hash: createHash("sha256").update(secret).digest("hex"),
      ...{ name, test, scopes: [...scopes], sources: [...sources] },
      ...{ createdAt: iso(deps.now()), createdBy: who.user },
      expiresAt: expiresAt === null ? null : iso(expiresAt),
      ...{ revokedAt: null, mask: null },
    };
    await putKey(key);
    return { key, text: `${prefixOf(key)}_${secret}` };
  };

  return {
    list: () =>
      settings
        .keys()
        .map(keyView)
        .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)),
    create: async (who, wanted) => {
      const { key, text } = await make(who, wanted);
      await audit.done(who, {
        ...{ action: "key.create", targetKind: "key", targetId: key.id },
        after: facts(key),
      });
      return { ...keyView(key), key: text };
    },
    change: async (who, id, fields) => {
      const before = find(id);
      const { name, scopes, sources } = fields;
      const after = {
        ...before,
        ...{ name, scopes: [...scopes], sources: [...sources] },
      };
      await putKey(after);
      await audit.done(who, {
        ...{ action: "key.change", targetKind: "key", targetId: id },
        ...{ before: facts(before), after: facts(after) },
      });
      return keyView(after);
    },
    rotate: async (who, id, overlapHours) => {
      const old = find(id);
      const { name, sources, test } = old;
      // Scopes were checked when the old key was made.
      const scopes = keyScopes.filter((scope) => old.scopes.includes(scope));
      const wanted = { name, scopes, sources, test, expiresAt: null };
      const { key, text } = await make(who, wanted);
      const ends = iso(deps.now() + overlapHours * hourMs);
      const sooner = old.expiresAt !== null && old.expiresAt < ends;
      const expiresAt = sooner ? old.expiresAt : ends;
      await putKey({ ...old, expiresAt });
      await audit.done(who, {
        ...{ action: "key.rotate", targetKind: "key", targetId: id },
        before: facts(old),
        after: { newKey: key.id, expiresAt },
      });
      return { ...keyView(key), key: text };
    },
    revoke: async (who, id, reason) => {
      const key = find(id);
      await putKey({ ...key, revokedAt: iso(deps.now()) });
      await audit.done(who, {
        ...{ action: "key.revoke", targetKind: "key", targetId: id },
        ...{ reason, before: facts(key) },
      });
    },
  };
}
