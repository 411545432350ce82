/** `POST /v1/events` and `GET /v1/limits` (contract 2). */
import type { IncomingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import {
  answerBatch,
  type BatchDeps,
  type BatchOptions,
} from "../answer-batch.ts";
import { answerStream } from "../answer-stream.ts";
import type { Authorise } from "../authorise.ts";
import { inflate, readWhole } from "../body.ts";
import type { Idempotent } from "../idempotency.ts";
import { limits } from "../limits.ts";
import { RequestRefused } from "../problem.ts";
import { rateHeaders } from "../take.ts";
import { eventsDocs, limitsDocs } from "./docs.ts";

export interface EventsDeps extends BatchDeps {
  readonly authorise: Authorise;
  readonly idempotent: Idempotent;
}

type Shape = BatchOptions["shape"] | "lines";

const shapes: ReadonlyMap<string, Shape> = new Map([
  ["application/json", "any"],
  ["application/cloudevents+json", "one"],
  ["application/cloudevents-batch+json", "array"],
  ["application/x-ndjson", "lines"],
  ["application/ndjson", "lines"],
]);

/** What a body of this media type holds; refuses others, and other charsets. */
function shapeOf(contentType: string | undefined): Shape {
  const [type = "", ...parameters] = (contentType ?? "")
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const shape = shapes.get(type);
  const foreign = parameters.some(
    (item) => item.startsWith("charset=") && !/^charset="?utf-8"?$/.test(item),
  );
  if (shape === undefined || foreign) {
    throw new RequestRefused("media_type_unsupported");
  }
  return shape;
}

/** Seconds of `Prefer: wait=N` (RFC 7240), at most the limit. */
function waitSeconds(headers: IncomingHttpHeaders): number {
  const given = headers["prefer"];
  const text = Array.isArray(given) ? given.join(",") : (given ?? "");
  const [, seconds] = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})/i.exec(text) ?? [];
  return Math.min(limits.waitMaxSeconds, Number(seconds ?? 0));
}

/** The body as a stream, also where the request has none. */
export function bodyOf(body: unknown): Readable {
  return body instanceof Readable ? body : Readable.from([]);
}

function refuseEarly(headers: IncomingHttpHeaders, maxBytes: number): void {
  const length = Number(headers["content-length"] ?? 0);
  if (length > maxBytes) {
    throw new RequestRefused(
      "body_too_large",
      `at most ${String(maxBytes)} bytes`,
    );
  }
}

export function addEvents(app: FastifyInstance, deps: EventsDeps): void {
  app.get("/v1/limits", { schema: limitsDocs }, () => limits);
  app.post<{ Querystring: { historical?: string; redrive?: string } }>(
    "/v1/events",
    { schema: eventsDocs },
    async (request, reply) => {
      const redrive = request.query.redrive === "true";
      const key = deps.authorise(request, "events:write");
      if (redrive) deps.authorise(request, "credit:write");
      const { headers } = request;
      const shape = shapeOf(headers["content-type"]);
      const lines = shape === "lines";
      const max = lines ? limits.ndjsonMaxBytes : limits.batchMaxBytes;
      refuseEarly(headers, max);
      const encoding = headers["content-encoding"];
      const raw = inflate(bodyOf(request.body), encoding, max);
      const historical = request.query.historical === "true";
      const options = { key, historical, redrive };
      const answer = await deps.idempotent(
        request,
        key.id,
        raw,
        async (guarded) =>
          lines
            ? answerStream(guarded, deps, options, request.id)
            : answerBatch(await readWhole(guarded.body), deps, {
                ...options,
                shape,
                waitSeconds: waitSeconds(headers),
                requestId: request.id,
              }),
      );
      const problem = "code" in answer.body && "title" in answer.body;
      return reply
        .status(answer.status)
        .headers({ ...rateHeaders(deps, key), ...answer.headers })
        .type(problem ? "application/problem+json" : "application/json")
        .send(answer.body);
    },
  );
}
