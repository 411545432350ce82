/** Refusals of the notifier's port as RFC 9457 problem documents. */
import type { FastifyReply } from "fastify";
import type { z } from "zod";

export interface Refusal {
  readonly status: number;
  /** Stable. */
  readonly code: string;
  readonly title: string;
  /** Field that is wrong; absent where it is no matter of one. */
  readonly path?: string;
}

export async function refuse(
  reply: FastifyReply,
  refusal: Refusal,
): Promise<FastifyReply> {
  const { status } = refusal;
  return reply
    .status(status)
    .type("application/problem+json")
    .send({ type: "about:blank", ...refusal });
}

/** What is wrong with a body or query: its first wrong field. */
export function invalid(error: z.ZodError, code = "invalid_body"): Refusal {
  const [issue] = error.issues;
  const path = issue?.path.map(String).join(".") ?? "";
  return { status: 422, code, path, title: issue?.message ?? "not valid" };
}
