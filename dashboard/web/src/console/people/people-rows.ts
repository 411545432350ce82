/** Rows of the people page, as the API answers them. */

export const roles = [
  "viewer",
  "operator",
  "analyst",
  "approver",
  "administrator",
] as const;
export type Role = (typeof roles)[number];

export interface UserRow {
  readonly user: string;
  readonly name: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly mustChange: boolean;
  readonly twoFactor: boolean;
  /** Issuer of the identity provider; null: signs in here. */
  readonly external: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly locked: boolean;
  readonly sessions: number;
}

export interface SessionRow {
  readonly id: string;
  readonly createdAt: string;
  readonly seenAt: string;
  readonly address: string;
  readonly agent: string;
  readonly how: "password" | "oidc";
  /** Only in the list of one's own. */
  readonly current?: boolean;
}

export const keyScopes = [
  "events:write",
  "credit:write",
  "orders:read",
  "test",
] as const;

export interface KeyRow {
  readonly keyId: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly sources: readonly string[];
  readonly test: boolean;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

/** A key whose text is shown this once. */
export interface NewKey extends KeyRow {
  readonly key: string;
}

export type KeyState = "active" | "ending" | "expired" | "revoked";

export function keyState(
  key: Pick<KeyRow, "expiresAt" | "revokedAt">,
  nowMs: number,
): KeyState {
  if (key.revokedAt !== null) return "revoked";
  if (key.expiresAt === null) return "active";
  return Date.parse(key.expiresAt) <= nowMs ? "expired" : "ending";
}

export interface AuditRow {
  readonly id: string;
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly role: string;
  readonly address: string;
  readonly action: string;
  readonly targetKind: string;
  readonly targetId: string;
  readonly outcome: "done" | "refused" | "failed";
  readonly reason: string | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly requestId: string;
  readonly hash: string;
}

function fieldsOf(value: unknown): ReadonlyMap<string, string> {
  if (typeof value !== "object" || value === null) return new Map();
  return new Map(
    Object.entries(value).map(([name, field]) => [
      name,
      typeof field === "string" ? field : JSON.stringify(field),
    ]),
  );
}

export interface AuditChange {
  readonly name: string;
  /** Null: there was none. */
  readonly from: string | null;
  readonly to: string | null;
}

/** What an entry changed, field by field; fields that stayed are left out. */
export function auditChanges(
  entry: Pick<AuditRow, "before" | "after">,
): AuditChange[] {
  const before = fieldsOf(entry.before);
  const after = fieldsOf(entry.after);
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((name) => ({
      name,
      from: before.get(name) ?? null,
      to: after.get(name) ?? null,
    }))
    .filter(({ from, to }) => from !== to && !(from === null && to === "null"));
}
