/** Reading requests: queries, bodies, pages. One way for every route. */
import type {
  FastifyContextConfig,
  FastifyRequest,
  FastifySchema,
} from "fastify";
import { z } from "zod";
import type { Need } from "../access.ts";
import { parseInstant } from "../core/zone.ts";
import { Problem } from "../problem.ts";

/** Items of one page at most, and when nothing is asked. */
export const pageMax = 200;
export const pageDefault = 50;

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

/** Words of a closed list, comma separated; another word is refused. */
export function wordsOf(known: readonly string[]) {
  const message = `is none of ${known.join(", ")}`;
  return wordList
    .refine((words) => words.every((word) => known.includes(word)), message)
    .describe(`of ${known.join(", ")}; none = all`);
}

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
  readonly needs: Need;
  /** True when a call shows data of the customer `:id`. */
  readonly readsCustomer?: boolean;
}

export interface RouteOptions {
  readonly schema: FastifySchema;
  readonly config: FastifyContextConfig;
}

/**
 * What a route needs, and its OpenAPI text; requests are checked by the
 * handler itself.
 */
export function describeRoute(text: RouteText): RouteOptions {
  const { needs, readsCustomer = false } = text;
  return { schema: schemaOf(text), config: { needs, readsCustomer } };
}

function schemaOf(text: RouteText): FastifySchema {
  const { query, body, id, needs } = text;
  const description =
    needs === "open" || needs === "known"
      ? ""
      : needs === "self"
        ? "For a signed-in person."
        : `Needs the permission \`${needs}\`.`;
  const problem = {
    description: "RFC 9457 problem document with a stable `code`",
    content: { "application/problem+json": { schema: { type: "object" } } },
  };
  return {
    summary: text.summary,
    tags: [text.tag],
    ...(description === "" ? {} : { description }),
    ...(needs === "open"
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
