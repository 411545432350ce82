/** Reading requests: who, queries, bodies, pages. One way for every route. */
import type { FastifyRequest, FastifySchema } from "fastify";
import { z } from "zod";
import { isOwnOrigin, may, type Identity } from "../access.ts";
import { parseInstant } from "../core/zone.ts";
import { sessionCookie, type Sessions } from "../io/sessions.ts";
import type { Settings } from "../io/settings.ts";
import { Problem } from "../problem.ts";

/** Items of one page at most, and when nothing is asked. */
export const pageMax = 200;
export const pageDefault = 50;

export interface Gatekeeper {
  /** Identity of the request, or a 401 problem. */
  reader: (request: FastifyRequest) => Promise<Identity>;
  /** As `reader`, with the right and the proof to change something. */
  operator: (request: FastifyRequest) => Promise<Identity>;
}

export function createGatekeeper(
  sessions: Pick<Sessions, "find">,
  settings: Pick<Settings, "byToken">,
): Gatekeeper {
  const reader = async (request: FastifyRequest): Promise<Identity> => {
    const { authorization } = request.headers;
    const bearer = /^Bearer (\S+)$/.exec(authorization ?? "")?.[1];
    const identity =
      bearer === undefined
        ? await sessions.find(request.cookies[sessionCookie] ?? "")
        : settings.byToken(bearer);
    if (identity === null || !may(identity, "read")) {
      throw new Problem(401, "unauthorized", "Sign in first");
    }
    return identity;
  };
  return {
    reader,
    operator: async (request) => {
      const identity = await reader(request);
      if (!may(identity, "operate")) {
        throw new Problem(403, "forbidden", "Needs the role operator");
      }
      checkOrigin(request);
      return identity;
    },
  };
}

/** 403 when a browser asks from a foreign page. */
export function checkOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  if (isOwnOrigin(origin, host)) return;
  const title = "A page of another origin may not act here";
  throw new Problem(403, "origin_forbidden", title);
}

function refuse(code: string, what: string, error: z.ZodError): never {
  const [issue] = error.issues;
  throw new Problem(422, code, `${what} is not valid`, {
    path: issue?.path.map(String).join(".") ?? "",
    detail: z.prettifyError(error),
  });
}

/** Checked query of a request; 422 names the first wrong path. */
export function readQuery<Schema extends z.ZodType>(
  schema: Schema,
  request: FastifyRequest,
): z.output<Schema> {
  const result = schema.safeParse(request.query);
  return result.success
    ? result.data
    : refuse("invalid_query", "The query", result.error);
}

/** Checked JSON body of a request. */
export function readBody<Schema extends z.ZodType>(
  schema: Schema,
  request: FastifyRequest,
): z.output<Schema> {
  const result = schema.safeParse(request.body);
  return result.success
    ? result.data
    : refuse("invalid_body", "The body", result.error);
}

const idParams = z.object({ id: z.string().min(1).max(200) });

/** The `:id` of a route. */
export function readId(request: FastifyRequest): string {
  const result = idParams.safeParse(request.params);
  if (!result.success) throw new Problem(404, "not_found", "No such id");
  return result.data.id;
}

/** An instant (RFC 3339 with offset) or a plain date, as ms. */
export const instant = z
  .string()
  .describe("RFC 3339 instant, or a date in the reporting zone")
  .transform((text, context) => {
    const ms = parseInstant(text);
    if (ms !== null) return ms;
    context.addIssue({ code: "custom", message: "is no instant" });
    return z.NEVER;
  });

/** A comma separated list; empty text = no filter. */
export const wordList = z
  .string()
  .default("")
  .transform((text) => text.split(",").filter((word) => word !== ""));

const placeShape = z.tuple([z.number(), z.string()]);

/** `cursor` and `limit` of every page. */
export const paging = {
  cursor: z
    .string()
    .optional()
    .describe("`next` of the page before")
    .transform((text, context) => {
      if (text === undefined || text === "") return null;
      const parsed = placeShape.safeParse(parseCursor(text));
      if (parsed.success) return { at: parsed.data[0], id: parsed.data[1] };
      context.addIssue({ code: "custom", message: "is not one of ours" });
      return z.NEVER;
    }),
  limit: z.coerce.number().int().min(1).max(pageMax).default(pageDefault),
};

/** JSON of a cursor; undefined when it is not one. */
export function parseCursor(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function makeCursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** A page as the contract has it. */
export function pageBody<Item>(page: {
  readonly items: readonly Item[];
  readonly next: { readonly at: number; readonly id: string } | null;
}): { readonly items: readonly Item[]; readonly next: string | null } {
  const { items, next } = page;
  return { items, next: next && makeCursor([next.at, next.id]) };
}

function jsonSchema(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
  });
  return rest;
}

export interface RouteText {
  readonly summary: string;
  readonly tag: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly id?: string;
  /** What a good answer holds. */
  readonly answer: string;
  readonly status?: number;
  /** True when nobody needs to sign in. */
  readonly open?: boolean;
}

/** The OpenAPI text of a route; requests are checked by the handler itself. */
export function describeRoute(text: RouteText): FastifySchema {
  const { query, body, id } = text;
  const problem = {
    description: "RFC 9457 problem document with a stable `code`",
    content: { "application/problem+json": { schema: { type: "object" } } },
  };
  return {
    summary: text.summary,
    tags: [text.tag],
    ...(text.open === true
      ? {}
      : { security: [{ session: [] }, { bearer: [] }] }),
    ...(query === undefined ? {} : { querystring: jsonSchema(query) }),
    ...(body === undefined ? {} : { body: jsonSchema(body) }),
    ...(id === undefined
      ? {}
      : {
          params: {
            type: "object",
            properties: { id: { type: "string", description: id } },
            required: ["id"],
          },
        }),
    response: {
      [text.status ?? 200]: {
        description: text.answer,
        type: "object",
        additionalProperties: true,
      },
      "4xx": problem,
      "5xx": problem,
    },
  };
}
