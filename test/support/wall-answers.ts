/** The routes of composed walls over the real keeper of walls, in memory. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { parseLayout } from "@riskwall/schemas/wall-layout";
import type { Caller } from "../../dashboard/server/src/access.ts";
import { Problem } from "../../dashboard/server/src/problem.ts";
import {
  createWallShelf,
  settingKeyOf,
} from "../../dashboard/server/src/walls/wall-shelf.ts";
import { createWalls } from "../../dashboard/server/src/walls/walls.ts";

const who: Caller = {
  ...{ user: "li", role: "analyst", address: "::1", requestId: "r" },
};

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return JSON.parse(Buffer.concat(chunks).toString() || "{}");
}

export function createWallAnswers(): (
  request: IncomingMessage,
  reply: ServerResponse,
) => Promise<void> {
  const shelf = createWallShelf();
  const id = (key: string): string => key.slice("wall:".length);
  const walls = createWalls({
    shelf,
    audit: { done: async () => Promise.resolve() },
    put: (version) => {
      const { layout, note, at, by } = version;
      shelf.put(id(settingKeyOf(version)), { layout, note, at, by });
      return Promise.resolve();
    },
    drop: (version) => {
      shelf.put(id(settingKeyOf(version)), null);
      return Promise.resolve();
    },
    now: Date.now,
  });
  const answer = async (request: IncomingMessage): Promise<unknown> => {
    const url = new URL(request.url ?? "/", "http://wall");
    const [, , , wallId, part] = url.pathname.split("/");
    if (request.method === "GET") {
      if (wallId === undefined) return { items: walls.list(), next: null };
      if (part === "versions") {
        return { items: walls.versions(wallId), next: null };
      }
      const version = Number(url.searchParams.get("version") ?? "0");
      return walls.read(wallId, version === 0 ? undefined : version);
    }
    // As the page sends it; the layout is checked.
    const { layout, note, expected } = (await bodyOf(request)) as {
      readonly layout: unknown;
      readonly note: string;
      readonly expected: number;
    };
    const parsed = parseLayout(layout);
    if (parsed.layout === null) throw new Problem(422, "invalid_layout", "");
    const draft = { layout: parsed.layout, note };
    return wallId === undefined
      ? walls.create(who, draft)
      : walls.save(who, wallId, { ...draft, expected });
  };
  return async (request, reply) => {
    reply.setHeader("content-type", "application/json");
    try {
      reply.end(JSON.stringify(await answer(request)));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      reply.statusCode = error.status;
      reply.end(JSON.stringify(error.document("r")));
    }
  };
}
