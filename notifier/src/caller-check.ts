/**
 * Who may use the notifier's port: services and operators of the same home,
 * who can read its service.key. Only routes that say so are open.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { refuse } from "./problem.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Answers everybody. */
    open?: boolean;
  }
}

/** Options of a route that answers everybody. */
export const openRoute = { config: { open: true } } as const;

const digest = (text: string): Buffer =>
  createHash("sha256").update(text).digest();

/** Equal, in a time that does not tell where they differ. */
function isSame(given: string, wanted: string): boolean {
  return timingSafeEqual(digest(given), digest(wanted));
}

/** Refuses with 401 whoever does not show the secret. */
export function checkCallers(app: FastifyInstance, secret: string): void {
  app.addHook("onRequest", async (request, reply) => {
    if (request.routeOptions.config.open === true) return;
    const { authorization = "" } = request.headers;
    if (isSame(authorization, `Bearer ${secret}`)) return;
    await refuse(reply.header("www-authenticate", "Bearer"), {
      ...{ status: 401, code: "unauthorized" },
      title: "Show the service secret of this home",
    });
  });
}
