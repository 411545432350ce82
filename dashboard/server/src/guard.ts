/**
 * The one door of every route: who asks, whether they may, and where a browser
 * sent it from. A route says what it needs when it is made; one that does not
 * say is refused before the server listens.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  isOwnOrigin,
  judge,
  rolesThatMay,
  type Caller,
  type Identity,
  type Need,
} from "./access.ts";
import type { AlertLinks } from "./people/alert-links.ts";
import type { AuditTrail } from "./audit/trail.ts";
import { Problem } from "./problem.ts";
import type { Sessions } from "./io/sessions.ts";
import type { Settings } from "./io/settings.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Absent = nobody may. */
    needs?: Need;
    /** Each call is a read of this customer's data and goes to the audit log. */
    readsCustomer?: boolean;
  }
  interface FastifyRequest {
    identity: Identity | null;
  }
  interface FastifyInstance {
    /** Every route there is, and what it needs. */
    routeNeeds: RouteNeed[];
  }
}

export interface RouteNeed {
  readonly method: string;
  readonly url: string;
  readonly needs: Need;
}

export interface GuardDeps {
  readonly sessions: Pick<Sessions, "find">;
  readonly settings: Pick<Settings, "byToken">;
  readonly alertLinks: Pick<AlertLinks, "identify">;
  readonly audit: AuditTrail;
  readonly cookieName: string;
  readonly publicUrl: string;
}

/** Routes of plugins, which cannot say what they need themselves. */
const pluginRoutes: readonly (readonly [string, Need])[] = [
  // Files of the web app and the reference of the API hold no data.
  ["/docs/api", "open"],
  ["/*", "open"],
];

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

function needOf(url: string, declared: Need | undefined): Need | undefined {
  if (declared !== undefined) return declared;
  return pluginRoutes.find(
    ([start]) => url === start || url.startsWith(`${start}/`),
  )?.[1];
}

/** 403 when a browser asks from a foreign page. */
function checkOrigin(request: FastifyRequest, publicUrl: string): void {
  const { origin, host } = request.headers;
  if (isOwnOrigin(origin, host, publicUrl)) return;
  const title = "A page of another origin may not act here";
  throw new Problem(403, "origin_forbidden", title);
}

function refusal(
  verdict: "sign-in" | "forbidden" | "change-password",
  need: Need,
): Problem {
  switch (verdict) {
    case "sign-in":
      return new Problem(401, "unauthorized", "Sign in first");
    case "change-password":
      return new Problem(
        403,
        "password_change_required",
        "Choose a password of your own first",
      );
    case "forbidden":
      return new Problem(403, "forbidden", "Your role does not allow this", {
        roles: rolesThatMay(need),
      });
  }
}

/** The identity of a request that the guard let in. */
export function callerOf(request: FastifyRequest): Caller {
  const { identity } = request;
  if (identity === null) throw refusal("sign-in", "known");
  return { ...identity, address: request.ip, requestId: request.id };
}

/** Asks for more than the route as a whole does: a file instead of a view. */
export async function demand(
  request: FastifyRequest,
  need: Need,
  audit: AuditTrail,
): Promise<void> {
  const verdict = judge(request.identity, need);
  if (verdict === "allowed") return;
  if (request.identity !== null) {
    const path = request.routeOptions.url ?? request.url;
    await audit.refused(callerOf(request), `${request.method} ${path}`, need);
  }
  throw refusal(verdict, need);
}

/** The `:id` of a route: what its link has to be for. */
function idOf(request: FastifyRequest): string {
  const { params } = request;
  return typeof params === "object" && params !== null && "id" in params
    ? String(params.id)
    : "";
}

export function addGuard(app: FastifyInstance, deps: GuardDeps): void {
  const { sessions, settings, audit } = deps;
  app.decorateRequest("identity", null);
  app.decorate("routeNeeds", []);

  app.addHook("onRoute", (route) => {
    const needs = needOf(route.url, route.config?.needs);
    if (needs === undefined) {
      const method = String(route.method);
      throw new Error(`route ${method} ${route.url} does not say its needs`);
    }
    route.config = { ...route.config, needs };
    for (const method of [route.method].flat()) {
      app.routeNeeds.push({ method, url: route.url, needs });
    }
  });

  const identify = async (
    request: FastifyRequest,
  ): Promise<Identity | null> => {
    const { authorization } = request.headers;
    const bearer = /^Bearer (\S+)$/.exec(authorization ?? "")?.[1];
    if (bearer === undefined) {
      return sessions.find(request.cookies[deps.cookieName] ?? "");
    }
    return bearer.startsWith("rw_alert_")
      ? deps.alertLinks.identify(bearer, idOf(request))
      : settings.byToken(bearer);
  };

  app.addHook("onRequest", async (request) => {
    if (request.is404) return;
    const { config } = request.routeOptions;
    if (!safeMethods.has(request.method)) checkOrigin(request, deps.publicUrl);
    // Never undefined: such a route was refused when it was made.
    const need = config.needs ?? "administer";
    if (need === "open") return;
    request.identity = await identify(request);
    await demand(request, need, audit);
    if (config.readsCustomer === true) {
      const part = request.routeOptions.url ?? "";
      await audit.customerRead(callerOf(request), idOf(request), part);
    }
  });
}
