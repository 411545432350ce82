/** Refusals of the notifier's port: problem documents (RFC 9457). */
import type { FastifyReply } from "fastify";
import { z } from "zod";

export async function problem(
  reply: FastifyReply,
  status: number,
  code: string,
  title: string,
  extra: object = {},
): Promise<FastifyReply> {
  return reply
    .status(status)
    .type("application/problem+json")
    .send({ status, code, title, ...extra });
}

/** 422 for a body or query of the wrong shape; names the first wrong path. */
export async function invalid(
  reply: FastifyReply,
  code: "invalid_body" | "invalid_query",
  error: z.ZodError,
): Promise<FastifyReply> {
  const path = error.issues[0]?.path.map(String).join(".") ?? "";
  return problem(reply, 422, code, z.prettifyError(error), { path });
}
