/** Dead letters: list, one decoded, sent again one by one or by a filter. */
import type { Codec } from "@riskwall/schemas/codec";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { z } from "zod";
import type { Identity } from "../access.ts";
import { personalCodes, type EventJson } from "../core/letter-body.ts";
import {
  loadDeadLetters,
  readDeadLetters,
  type DeadLetter,
  type DeadLetterFilter,
} from "../io/past-letters.ts";
import type { Past, Place } from "../io/past.ts";
import type { AuditTrail } from "../audit/trail.ts";
import { callerOf } from "../guard.ts";
import { Problem } from "../problem.ts";
import {
  redriveBatchMax,
  redriveLetters,
  type RedriveDeps,
  type RedriveResult,
} from "../redrive.ts";
import {
  describeRoute,
  makeCursor,
  pageBody,
  paging,
  readBody,
  readId,
  readQuery,
} from "./request.ts";

export interface DeadLettersDeps extends RedriveDeps {
  readonly audit: Pick<AuditTrail, "done">;
  readonly past: Past;
  readonly codec: Codec;
  readonly log: Logger;
}

/** Letters of one bulk request at most. */
export const redriveMax = 500;

const tag = "dead letters";
const filterFields = {
  code: z.string().max(100).default(""),
  source: z.string().max(100).default(""),
  stage: z.string().max(20).default(""),
  customer: z.string().max(200).default(""),
};
const listQuery = z.object({
  ...filterFields,
  redriven: z.enum(["", "yes", "no"]).default(""),
  ...paging,
});
const oneBody = z
  .object({
    event: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("sent in place of the letter's own event"),
  })
  .default({});
const manyBody = z.object({
  filter: z
    .object(filterFields)
    .refine(
      (filter) => Object.values(filter).some((value) => value !== ""),
      "names at least one of code, source, stage, customer",
    ),
  limit: z.number().int().min(1).max(redriveMax).default(redriveMax),
  cursor: paging.cursor,
});

async function loadLetter(
  deps: DeadLettersDeps,
  id: string,
): Promise<DeadLetter> {
  const [letter] = await loadDeadLetters(deps.past, deps.codec, [id]);
  if (letter) return letter;
  throw new Problem(404, "letter_unknown", "No such dead letter");
}

/** The answer to one letter; a refusal is a problem document. */
function answerOne(result: RedriveResult, duplicates: number): object {
  switch (result.outcome) {
    case "sent":
      return { ...result, seenBefore: duplicates > 0 };
    case "refused": {
      const { code, path, message } = result;
      const title = "The door refused the event";
      const reason = { code, path, message };
      throw new Problem(422, "redrive_refused", title, { reason });
    }
    case "already": {
      const { by, at } = result;
      const title = `Sent again by ${by} at ${at}`;
      throw new Problem(409, "already_redriven", title, { by, at });
    }
    case "skipped": {
      const title = "The letter holds no event that could be sent: edit one";
      throw new Problem(422, result.code, title);
    }
  }
}

async function redriveChunk(
  deps: DeadLettersDeps,
  ids: readonly string[],
  who: Identity,
): Promise<{ results: RedriveResult[]; duplicates: number }> {
  const letters = await loadDeadLetters(deps.past, deps.codec, ids);
  const allowed = letters.filter(({ code }) => !personalCodes.has(code));
  const { results, duplicates } =
    allowed.length === 0
      ? { results: [], duplicates: 0 }
      : await redriveLetters(deps, allowed, new Map(), who);
  const skipped = letters
    .filter(({ code }) => personalCodes.has(code))
    .map(({ id }) => ({ id, outcome: "skipped", code: "one_by_one" }) as const);
  return { results: [...results, ...skipped], duplicates };
}

interface ManyAnswer {
  readonly matched: number;
  readonly sent: number;
  readonly refused: number;
  readonly already: number;
  readonly skipped: number;
  readonly duplicates: number;
  readonly results: readonly RedriveResult[];
  readonly next: string | null;
}

async function redriveMany(
  deps: DeadLettersDeps,
  filter: DeadLetterFilter,
  options: { readonly after: Place | null; readonly limit: number },
  who: Identity,
): Promise<ManyAnswer> {
  const { after, limit } = options;
  const { items, next } = await readDeadLetters(
    deps.past,
    filter,
    after,
    limit,
  );
  const results: RedriveResult[] = [];
  let duplicates = 0;
  for (let i = 0; i < items.length; i += redriveBatchMax) {
    const ids = items.slice(i, i + redriveBatchMax).map(({ id }) => id);
    const chunk = await redriveChunk(deps, ids, who);
    results.push(...chunk.results);
    duplicates += chunk.duplicates;
  }
  const count = (outcome: RedriveResult["outcome"]): number =>
    results.filter((result) => result.outcome === outcome).length;
  return {
    matched: items.length,
    sent: count("sent"),
    refused: count("refused"),
    already: count("already"),
    skipped: count("skipped"),
    duplicates,
    results,
    next: next && makeCursor([next.at, next.id]),
  };
}

export function deadLetterRoutes(
  app: FastifyInstance,
  deps: DeadLettersDeps,
): void {
  const { past } = deps;

  app.get(
    "/api/deadletters",
    describeRoute({
      needs: "look",
      summary: "Records that could not be taken, newest first",
      tag,
      query: listQuery,
      answer: "A page of dead letters with their exact reason",
    }),
    async (request) => {
      const { cursor, limit, ...filter } = readQuery(listQuery, request);
      return pageBody(await readDeadLetters(past, filter, cursor, limit));
    },
  );

  app.get(
    "/api/deadletters/:id",
    describeRoute({
      needs: "look",
      summary: "One dead letter, raw and decoded, and whether it was resent",
      tag,
      id: "dead letter id",
      answer:
        "The letter; `body` is the event a redrive sends, or why there is none",
    }),
    async (request) => {
      return loadLetter(deps, readId(request));
    },
  );

  app.post(
    "/api/deadletters/:id/redrive",
    describeRoute({
      needs: "operate",
      summary: "Send one dead letter again, once, as it is or edited",
      tag,
      id: "dead letter id",
      body: oneBody,
      answer:
        "`{outcome: sent, by, at, event, resumed, seenBefore}`; 409 when it was sent before, 422 with `reason` when the door refuses it",
    }),
    async (request) => {
      const who = callerOf(request);
      const { event } = readBody(oneBody, request);
      const letter = await loadLetter(deps, readId(request));
      const edits = new Map<string, EventJson>();
      if (event !== undefined) edits.set(letter.id, event);
      const answer = await redriveLetters(deps, [letter], edits, who);
      const [result] = answer.results;
      await deps.audit.done(who, {
        ...{ action: "letter.redrive", targetKind: "letter" },
        targetId: letter.id,
        outcome: result?.outcome === "sent" ? "done" : "refused",
        after: { outcome: result?.outcome, edited: event !== undefined },
      });
      if (!result) throw new Error("a letter without a result");
      return answerOne(result, answer.duplicates);
    },
  );

  app.post(
    "/api/deadletters/redrive",
    describeRoute({
      needs: "operate",
      summary: `Send again what fits a filter, newest first, at most ${String(redriveMax)} at once`,
      tag,
      body: manyBody,
      answer:
        "`{matched, sent, refused, already, skipped, duplicates, results, next}`; `next` goes back as `cursor`",
    }),
    async (request) => {
      const who = callerOf(request);
      const { filter, cursor, limit } = readBody(manyBody, request);
      const open = { ...filter, redriven: "no" } as const;
      const answer = await redriveMany(
        deps,
        open,
        { after: cursor, limit },
        who,
      );
      const { matched, sent, refused } = answer;
      await deps.audit.done(who, {
        ...{ action: "letter.redrive-many", targetKind: "filter" },
        targetId: JSON.stringify(filter),
        after: { matched, sent, refused },
      });
      return answer;
    },
  );
}
