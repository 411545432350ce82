/** Who asks, and what the key may do. */
import type { FastifyRequest } from "fastify";
import type { Rights } from "./accept.ts";
import type { ApiKey, Settings } from "./io/settings.ts";
import { RequestRefused } from "./problem.ts";

export type Scope = "events:write" | "credit:write" | "orders:read";
export type Authorise = (request: FastifyRequest, scope: Scope) => ApiKey;

/** The key of the request; refuses with 401 or 403. */
export function createAuthorise(settings: Pick<Settings, "keyOf">): Authorise {
  return (request, scope) => {
    const given = request.headers.authorization ?? "";
    const [, token] = /^Bearer +(\S+)$/i.exec(given) ?? [];
    const key = token === undefined ? null : settings.keyOf(token);
    if (key === null) throw new RequestRefused("unauthorized");
    if (!key.scopes.includes(scope)) {
      throw new RequestRefused("scope_missing", `needs the scope ${scope}`);
    }
    return key;
  };
}

/** What a batch sent under the key may hold. */
export function rightsOf(key: ApiKey): Rights {
  return {
    scopes: new Set(key.scopes),
    sources: key.sources.includes("*") ? null : new Set(key.sources),
  };
}
