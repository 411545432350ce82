/** Sign-in and sign-out, here and by way of an identity provider. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { permissionsOf, type Identity } from "../access.ts";
import type { AuditTrail } from "../audit/trail.ts";
import { callerOf } from "../guard.ts";
import { sessionMaxS, type Sessions } from "../io/sessions.ts";
import type { Settings, User } from "../io/settings.ts";
import { detourS, type Oidc } from "../people/oidc.ts";
import type { SignIn, SignInResult } from "../people/sign-in.ts";
import { Problem } from "../problem.ts";
import { describeRoute, readBody, readQuery } from "./request.ts";

const credentials = z.object({
  user: z.string().min(1).max(200),
  password: z.string().min(1).max(500),
  code: z
    .string()
    .trim()
    .max(40)
    .default("")
    .describe("of the authenticator app, or a recovery code; when asked for"),
});
const startQuery = z.object({
  then: z
    .string()
    .regex(/^\/(?![/\\])/)
    .max(1000)
    .default("/wall")
    .describe("page of this app to come back to"),
});

export interface SessionDeps {
  readonly signIn: SignIn;
  readonly sessions: Sessions;
  readonly settings: Pick<Settings, "user">;
  readonly audit: AuditTrail;
  readonly cookieName: string;
  /** Null: not configured. */
  readonly oidc: Oidc | null;
  /** Called when a session ended. */
  readonly onSessionEnd: (session: string) => void;
}

const tag = "session";

/** Who is signed in, as pages and tools see it. */
function sessionBody(identity: Identity, user: User | null): object {
  return {
    user: identity.user,
    role: identity.role,
    name: user?.name ?? "",
    may: permissionsOf(identity),
    mustChange: identity.mustChange === true,
    twoFactor: user?.totp != null,
    external: user?.external != null,
  };
}

/** Strict where a person signs in here; the cookie leaves with no link. */
export function setSessionCookie(
  reply: FastifyReply,
  name: string,
  token: string,
): void {
  void reply.setCookie(name, token, {
    httpOnly: true,
    sameSite: "strict",
    secure: name.startsWith("__Host-"),
    path: "/",
    maxAge: sessionMaxS,
  });
}

function refuse(result: Exclude<SignInResult, { readonly kind: "in" }>): never {
  switch (result.kind) {
    case "paused": {
      const title = "Too many attempts; wait";
      const { seconds } = result;
      throw new Problem(429, "too_many_attempts", title, {}, seconds);
    }
    case "refused":
      throw new Problem(
        401,
        "bad_credentials",
        "User, password or code is wrong",
      );
    case "code-wanted":
      throw new Problem(401, "code_required", "Give the code of your app, too");
  }
}

/** Opens a session for a user who has been recognised. */
export async function admit(
  deps: Pick<SessionDeps, "sessions" | "audit" | "cookieName">,
  request: FastifyRequest,
  reply: FastifyReply,
  entry: {
    readonly user: User;
    readonly how: "password" | "oidc";
    readonly note: string | null;
  },
): Promise<Identity> {
  const { user, how, note } = entry;
  const { role, mustChange } = user;
  const address = request.ip;
  const agent = request.headers["user-agent"] ?? "";
  const token = await deps.sessions.open(user, { address, agent, how });
  await deps.audit.done(
    { user: user.user, role, address, requestId: request.id },
    {
      ...{ action: "session.open", targetKind: "user", targetId: user.user },
      reason: note,
      after: { how },
    },
  );
  setSessionCookie(reply, deps.cookieName, token);
  return { user: user.user, role, mustChange };
}

export function sessionRoutes(app: FastifyInstance, deps: SessionDeps): void {
  const { sessions, settings } = deps;

  app.post(
    "/api/session",
    describeRoute({
      needs: "open",
      summary: "Sign in",
      tag,
      body: credentials,
      answer:
        "`{user, role, may}` and the session cookie; 401 `code_required` where a second factor is set",
    }),
    async (request, reply) => {
      const { ip: address, id: requestId } = request;
      const asked = readBody(credentials, request);
      const result = await deps.signIn({ ...asked, address, requestId });
      if (result.kind !== "in") return refuse(result);
      const note = result.recovery ? "with a recovery code" : null;
      const entry = { user: result.user, how: "password", note } as const;
      const identity = await admit(deps, request, reply, entry);
      return sessionBody(identity, result.user);
    },
  );

  app.get(
    "/api/session",
    describeRoute({
      needs: "known",
      summary: "Who is signed in, and what they may do",
      tag,
      answer: "`{user, role, name, may, mustChange, twoFactor, external}`",
    }),
    (request) => {
      const identity = callerOf(request);
      return sessionBody(identity, settings.user(identity.user));
    },
  );

  app.get(
    "/api/session/methods",
    describeRoute({
      needs: "open",
      summary: "Ways to sign in",
      tag,
      answer: "`{password: true, oidc: {label} | null}`",
    }),
    () => ({ password: true, oidc: deps.oidc && { label: deps.oidc.label } }),
  );

  app.delete(
    "/api/session",
    describeRoute({
      needs: "open",
      summary: "Sign out",
      tag,
      answer: "Nothing",
      status: 204,
    }),
    async (request, reply) => {
      const token = request.cookies[deps.cookieName] ?? "";
      const identity = await sessions.find(token);
      if (identity?.session !== undefined) {
        const { user, role, session } = identity;
        await sessions.end(user, session);
        deps.onSessionEnd(session);
        await deps.audit.done(
          { user, role, address: request.ip, requestId: request.id },
          { action: "session.close", targetKind: "user", targetId: user },
        );
      }
      const secure = deps.cookieName.startsWith("__Host-");
      void reply.clearCookie(deps.cookieName, { path: "/", secure });
      return reply.status(204).send();
    },
  );
}

/** The way to an identity provider and back; absent when none is configured. */
export function oidcRoutes(
  app: FastifyInstance,
  deps: SessionDeps & { readonly oidc: Oidc },
): void {
  const { oidc } = deps;
  const secure = deps.cookieName.startsWith("__Host-");
  const detourCookie = `${secure ? "__Host-" : ""}riskwall_detour`;

  app.get(
    "/api/oidc/start",
    describeRoute({
      needs: "open",
      summary: "Sign in at the identity provider",
      tag,
      query: startQuery,
      answer: "A redirect there",
      status: 302,
    }),
    async (request, reply) => {
      const { url, bound } = await oidc.begin(
        readQuery(startQuery, request).then,
      );
      void reply.setCookie(detourCookie, bound, {
        httpOnly: true,
        // It has to come along when the provider sends the browser back.
        sameSite: "lax",
        ...{ secure, path: "/", maxAge: detourS },
      });
      return reply.redirect(url, 302);
    },
  );

  app.get(
    "/api/oidc/callback",
    describeRoute({
      needs: "open",
      summary: "Back from the identity provider",
      tag,
      answer: "The session cookie, and a redirect to the page asked for",
      status: 302,
    }),
    async (request, reply) => {
      const bound = request.cookies[detourCookie] ?? "";
      void reply.clearCookie(detourCookie, { path: "/", secure });
      const { search } = new URL(request.url, "http://dashboard");
      const from = { address: request.ip, requestId: request.id };
      try {
        const { user, then } = await oidc.finish(search.slice(1), bound, from);
        const entry = { user, how: "oidc", note: null } as const;
        await admit(deps, request, reply, entry);
        return await reply.redirect(then, 302);
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 403) throw error;
        return reply.redirect(`/login?refused=${error.code}`, 302);
      }
    },
  );
}
