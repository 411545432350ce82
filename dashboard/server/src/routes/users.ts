/** Users, as an administrator keeps them. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { roles } from "../access.ts";
import type { AuditTrail } from "../audit/trail.ts";
import { callerOf } from "../guard.ts";
import type { Attempts } from "../io/attempts.ts";
import type { Sessions } from "../io/sessions.ts";
import { passwordMin, type People } from "../people/people.ts";
import { Problem } from "../problem.ts";
import { describeRoute, readBody, readId } from "./request.ts";

export interface UsersDeps {
  readonly people: People;
  readonly sessions: Sessions;
  readonly attempts: Pick<Attempts, "isLocked">;
  readonly audit: AuditTrail;
  /** Called when all sessions of a user ended. */
  readonly onUserEnd: (user: string) => void;
}

const tag = "users";
const reason = z.string().trim().max(2000).optional();
const newUser = z.object({
  user: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._@-]{0,63}$/)
    .describe("a-z, 0-9 and . _ @ -"),
  name: z.string().trim().max(100).default(""),
  role: z.enum(roles),
  password: z
    .string()
    .max(500)
    .optional()
    .describe(
      `at least ${String(passwordMin)} characters; absent: one is made, and is to be changed at the first sign-in`,
    ),
});
const userChange = z
  .object({
    name: z.string().trim().max(100).optional(),
    role: z.enum(roles).optional(),
    disabled: z.boolean().optional(),
    reason,
  })
  .refine(
    ({ name, role, disabled }) =>
      name !== undefined || role !== undefined || disabled !== undefined,
    "names at least one of name, role, disabled",
  );
const reasonBody = z.object({ reason }).default({});

export function userRoutes(app: FastifyInstance, deps: UsersDeps): void {
  const { people, sessions, attempts } = deps;
  const needs = "administer";
  const id = "user name";

  app.get(
    "/api/users",
    describeRoute({
      ...{ needs, tag },
      summary: "Users, by name",
      answer: "A page of users with their sessions and whether they are locked",
    }),
    async () => {
      const items = await Promise.all(
        people.list().map(async (user) => ({
          ...user,
          locked: await attempts.isLocked(user.user),
          sessions: (await sessions.list(user.user)).length,
        })),
      );
      return { items, next: null };
    },
  );

  app.post(
    "/api/users",
    describeRoute({
      ...{ needs, tag },
      summary: "Make a user",
      body: newUser,
      answer: "`{user, password}`; the password only where it was made here",
      status: 201,
    }),
    async (request, reply) => {
      const { password = null, ...rest } = readBody(newUser, request);
      const made = { ...rest, password };
      const answer = await people.create(callerOf(request), made);
      return reply.status(201).send(answer);
    },
  );

  app.put(
    "/api/users/:id",
    describeRoute({
      ...{ needs, tag, id },
      summary: "Change name or role, disable or enable; holds at once",
      body: userChange,
      answer: "The user",
    }),
    async (request) => {
      const { reason: why = null, ...wanted } = readBody(userChange, request);
      const change = { ...wanted, reason: why };
      return people.change(callerOf(request), readId(request), change);
    },
  );

  app.post(
    "/api/users/:id/password",
    describeRoute({
      ...{ needs, tag, id },
      summary: "Make a new password, to be changed at the next sign-in",
      body: reasonBody,
      answer: "`{user, password}`, shown this once",
    }),
    async (request) => {
      const why = readBody(reasonBody, request).reason ?? null;
      return people.resetPassword(callerOf(request), readId(request), why);
    },
  );

  app.post(
    "/api/users/:id/unlock",
    describeRoute({
      ...{ needs, tag, id },
      summary: "Lift the lock after too many wrong passwords",
      answer: "Nothing",
      status: 204,
    }),
    async (request, reply) => {
      await people.unlock(callerOf(request), readId(request));
      return reply.status(204).send();
    },
  );

  app.delete(
    "/api/users/:id/two-factor",
    describeRoute({
      ...{ needs, tag, id },
      summary: "Remove a second factor that was lost",
      answer: "Nothing",
      status: 204,
    }),
    async (request, reply) => {
      const who = callerOf(request);
      await people.removeSecondFactor(who, readId(request), null);
      return reply.status(204).send();
    },
  );

  app.get(
    "/api/users/:id/sessions",
    describeRoute({
      ...{ needs, tag, id },
      summary: "Sessions of a user",
      answer: "A page of sessions",
    }),
    async (request) => ({
      items: await sessions.list(readId(request)),
      next: null,
    }),
  );

  app.delete(
    "/api/users/:id/sessions",
    describeRoute({
      ...{ needs, tag, id },
      summary: "End all sessions of a user",
      answer: "Nothing",
      status: 204,
    }),
    async (request, reply) => {
      const name = readId(request);
      const ended = await sessions.endAll(name);
      if (ended === 0) {
        throw new Problem(404, "session_unknown", "No session of this user");
      }
      deps.onUserEnd(name);
      await deps.audit.done(callerOf(request), {
        ...{ action: "session.revoke", targetKind: "user", targetId: name },
        after: { ended },
      });
      return reply.status(204).send();
    },
  );
}
