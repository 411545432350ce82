/** Links to the wall without sign-in: read only, masked, revocable. */
import { createHash, randomBytes } from "node:crypto";
import type { Caller } from "../access.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { Mask } from "../core/mask.ts";
import type { Settings, Token } from "../io/settings.ts";
import { Problem } from "../problem.ts";

/** Links in force at the same time at most. */
export const linksMax = 100;

export interface NewWallLink {
  readonly name: string;
  readonly mask: Mask;
  readonly expiresAt: number | null;
}

/** A link as pages see it: without its hash. */
export interface WallLinkView {
  readonly linkId: string;
  readonly name: string;
  /** How the token begins: to know it again. */
  readonly prefix: string;
  /** Null: the token of the first start, which sees what a viewer sees. */
  readonly mask: Mask | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

export interface WallLinks {
  /** The newest first. */
  list: () => readonly WallLinkView[];
  create: (
    who: Caller,
    wanted: NewWallLink,
  ) => Promise<WallLinkView & { readonly token: string }>;
  revoke: (who: Caller, id: string, reason: string | null) => Promise<void>;
}

export interface WallLinksDeps {
  readonly settings: Pick<Settings, "wallTokens" | "wallToken">;
  readonly audit: Pick<AuditTrail, "done">;
  readonly putToken: (token: Token) => Promise<void>;
  readonly now: () => number;
}

function linkView(token: Token): WallLinkView {
  const { id, name, mask, createdAt, createdBy, expiresAt, revokedAt } = token;
  const prefix = `rw_wall_${id}`;
  return {
    ...{ linkId: id, name, prefix, mask, createdAt, createdBy },
    ...{ expiresAt, revokedAt },
  };
}

function facts({ name, mask, expiresAt }: Token): object {
  return { name, mask, expiresAt };
}

export function createWallLinks(deps: WallLinksDeps): WallLinks {
  const { settings, audit } = deps;
  const iso = (ms: number): string => new Date(ms).toISOString();
  const isInForce = ({ revokedAt, expiresAt }: Token): boolean =>
    revokedAt === null &&
    (expiresAt === null || Date.parse(expiresAt) > deps.now());

  return {
    list: () =>
      settings
        .wallTokens()
        .map(linkView)
        .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)),
    create: async (who, { name, mask, expiresAt }) => {
      if (settings.wallTokens().filter(isInForce).length >= linksMax) {
        throw new Problem(409, "too_many_links", "Revoke a link first");
      }
      const secret = randomBytes(32).toString("base64url");
      const token: Token = {
        id: randomBytes(6).toString("hex"),
        hash: createHash("sha256").update(secret).digest("hex"),
        ...{ name, mask, scopes: [], sources: [], test: false },
        ...{ createdAt: iso(deps.now()), createdBy: who.user },
        expiresAt: expiresAt === null ? null : iso(expiresAt),
        revokedAt: null,
      };
      await deps.putToken(token);
      await audit.done(who, {
        ...{ action: "wall.share", targetKind: "wall", targetId: token.id },
        after: facts(token),
      });
      const view = linkView(token);
      return { ...view, token: `${view.prefix}_${secret}` };
    },
    revoke: async (who, id, reason) => {
      const token = settings.wallToken(id);
      if (!token) throw new Problem(404, "link_unknown", "No such link");
      if (token.revokedAt !== null) {
        throw new Problem(409, "link_revoked", "The link was revoked");
      }
      await deps.putToken({ ...token, revokedAt: iso(deps.now()) });
      await audit.done(who, {
        ...{ action: "wall.revoke", targetKind: "wall", targetId: id },
        ...{ reason, before: facts(token) },
      });
    },
  };
}
