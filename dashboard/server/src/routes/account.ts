/** One's own account: password, second factor, sessions. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { AuditTrail } from "../audit/trail.ts";
import { callerOf } from "../guard.ts";
import type { Sessions } from "../io/sessions.ts";
import type { Account } from "../people/account.ts";
import { Problem } from "../problem.ts";
import { describeRoute, readBody, readId } from "./request.ts";
import { admit } from "./session.ts";

export interface AccountRoutesDeps {
  readonly account: Account;
  readonly sessions: Sessions;
  readonly audit: AuditTrail;
  readonly cookieName: string;
  readonly onSessionEnd: (session: string) => void;
}

const tag = "account";
const password = z.string().min(1).max(500);
const passwordBody = z.object({ current: password, next: password });
const proofBody = z.object({ password });
const codeBody = z.object({ code: z.string().trim().min(1).max(40) });

export function accountRoutes(
  app: FastifyInstance,
  deps: AccountRoutesDeps,
): void {
  const { account, sessions } = deps;

  app.post(
    "/api/account/password",
    describeRoute({
      needs: "self",
      summary: "Change your password; your other sessions end",
      tag,
      body: passwordBody,
      answer: "`{user}` and a new session cookie",
    }),
    async (request, reply) => {
      const who = callerOf(request);
      const { current, next } = readBody(passwordBody, request);
      const user = await account.changePassword(who, current, next);
      const entry = { user, how: "password", note: "new password" } as const;
      await admit(deps, request, reply, entry);
      return { user: user.user };
    },
  );

  app.post(
    "/api/account/two-factor",
    describeRoute({
      needs: "self",
      summary: "Begin with an authenticator app",
      tag,
      body: proofBody,
      answer: "`{secret, uri}`; nothing changes before the first code",
    }),
    async (request) =>
      account.beginEnrolment(
        callerOf(request),
        readBody(proofBody, request).password,
      ),
  );

  app.post(
    "/api/account/two-factor/confirm",
    describeRoute({
      needs: "self",
      summary: "The first code of the app: from now on it is asked for",
      tag,
      body: codeBody,
      answer: "`{recoveryCodes}`, shown this once",
    }),
    async (request) => ({
      recoveryCodes: await account.confirmEnrolment(
        callerOf(request),
        readBody(codeBody, request).code,
      ),
    }),
  );

  app.post(
    "/api/account/two-factor/remove",
    describeRoute({
      needs: "self",
      summary: "Sign in without the app again",
      tag,
      body: proofBody,
      answer: "Nothing",
      status: 204,
    }),
    async (request, reply) => {
      const given = readBody(proofBody, request).password;
      await account.removeSecondFactor(callerOf(request), given);
      return reply.status(204).send();
    },
  );

  app.get(
    "/api/account/sessions",
    describeRoute({
      needs: "self",
      summary: "Your sessions, the newest first",
      tag,
      answer: "A page of sessions; `current` marks this one",
    }),
    async (request) => {
      const who = callerOf(request);
      const items = await sessions.list(who.user);
      const marked = items.map((item) => ({
        ...item,
        current: item.id === who.session,
      }));
      return { items: marked, next: null };
    },
  );

  app.delete(
    "/api/account/sessions/:id",
    describeRoute({
      needs: "self",
      summary: "End one of your sessions",
      tag,
      id: "session id",
      answer: "Nothing",
      status: 204,
    }),
    async (request, reply) => {
      const who = callerOf(request);
      const id = readId(request);
      if (!(await sessions.end(who.user, id))) {
        throw new Problem(404, "session_unknown", "No such session");
      }
      deps.onSessionEnd(id);
      const targetId = who.user;
      await deps.audit.done(who, {
        ...{ action: "session.revoke", targetKind: "user", targetId },
      });
      return reply.status(204).send();
    },
  );
}
