/** `POST /v1/history/seal`: a historical source is complete. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Authorise } from "../authorise.ts";
import { inflate, readWhole } from "../body.ts";
import { parseInstant } from "../core/instants.ts";
import type { Encoder, LogAppender } from "../io/kafka.ts";
import { limits } from "../limits.ts";
import { RequestRefused } from "../problem.ts";
import { sealDocs } from "./docs.ts";
import { bodyOf } from "./events.ts";

export interface HistoryDeps {
  readonly authorise: Authorise;
  readonly appender: LogAppender;
  readonly encoder: Encoder;
}

const body = z.object({
  source: z.string().min(1).max(128),
  floor: z.string(),
});

function parseSeal(text: string): { source: string; floor: number } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new RequestRefused("not_json", String(error));
  }
  const parsed = body.safeParse(json);
  if (!parsed.success) {
    throw new RequestRefused("bad_value", z.prettifyError(parsed.error));
  }
  const floor = parseInstant(parsed.data.floor);
  if (floor === null)
    throw new RequestRefused("bad_value", "floor: an instant");
  return { source: parsed.data.source, floor };
}

export function addHistory(app: FastifyInstance, deps: HistoryDeps): void {
  app.post("/v1/history/seal", { schema: sealDocs }, async (request, reply) => {
    deps.authorise(request, "credit:write");
    const raw = inflate(
      bodyOf(request.body),
      request.headers["content-encoding"],
      limits.eventMaxBytes,
    );
    const seal = parseSeal(await readWhole(raw));
    await deps.appender.append(deps.encoder.control("HistorySealed", seal));
    return reply.status(202).send({ sealed: seal.source });
  });
}
