/** Sign-in and sign-out. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import {
  sessionCookie,
  sessionSeconds,
  type Sessions,
} from "../io/sessions.ts";
import { Problem } from "../problem.ts";
import {
  checkOrigin,
  describeRoute,
  readBody,
  type Gatekeeper,
} from "./request.ts";

const credentials = z.object({
  user: z.string().min(1).max(200),
  password: z.string().min(1).max(500),
});

export interface SessionDeps {
  readonly gate: Gatekeeper;
  readonly sessions: Sessions;
  /** Called when a session ended. */
  readonly onSignOut: (token: string) => void;
}

export function sessionRoutes(app: FastifyInstance, deps: SessionDeps): void {
  const { gate, sessions } = deps;
  const tag = "session";

  app.post(
    "/api/session",
    {
      schema: describeRoute({
        summary: "Sign in",
        tag,
        body: credentials,
        answer: "`{user, role}` and the session cookie",
        open: true,
      }),
    },
    async (request, reply) => {
      checkOrigin(request);
      const { user, password } = readBody(credentials, request);
      const result = await sessions.signIn(user, password, request.ip);
      if (result.kind === "paused") {
        const title = "Too many attempts; wait";
        const { seconds } = result;
        throw new Problem(429, "too_many_attempts", title, {}, seconds);
      }
      if (result.kind === "refused") {
        const title = "User or password is wrong";
        throw new Problem(401, "bad_credentials", title);
      }
      void reply.setCookie(sessionCookie, result.token, {
        httpOnly: true,
        sameSite: "strict",
        secure: request.protocol === "https",
        path: "/",
        maxAge: sessionSeconds,
      });
      return { user, role: "operator" };
    },
  );

  app.get(
    "/api/session",
    {
      schema: describeRoute({
        summary: "Who is signed in",
        tag,
        answer: "`{user, role}`",
      }),
    },
    async (request) => gate.reader(request),
  );

  app.delete(
    "/api/session",
    {
      schema: describeRoute({
        summary: "Sign out",
        tag,
        answer: "Nothing",
        status: 204,
        open: true,
      }),
    },
    async (request, reply) => {
      checkOrigin(request);
      const token = request.cookies[sessionCookie];
      if (token !== undefined) {
        await sessions.signOut(token);
        deps.onSignOut(token);
      }
      void reply.clearCookie(sessionCookie, { path: "/" });
      return reply.status(204).send();
    },
  );
}
