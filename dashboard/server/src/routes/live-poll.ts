/** The live protocol by long poll, where sockets are blocked (ux 2.4, 8). */
import {
  liveTopics,
  topicKey,
  type SubscribeReply,
  type SubscribeRequest,
} from "@riskwall/schemas/live";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Feed } from "../core/feed.ts";
import type { Broadcast } from "../live/broadcast.ts";
import type { AuditTrail } from "../audit/trail.ts";
import { maskReply } from "../core/mask.ts";
import { callerOf, demand } from "../guard.ts";
import { Problem } from "../problem.ts";
import { describeRoute, readQuery } from "./request.ts";

/** How long a poll waits for something new. */
export const pollWaitMs = 20_000;
/** Polls waiting at the same time at most. */
export const pollsMax = 500;

export interface LivePollDeps {
  readonly audit: AuditTrail;
  readonly feed: Feed;
  readonly broadcast: Broadcast;
  readonly subscribe: (request: SubscribeRequest) => Promise<SubscribeReply>;
  readonly now: () => number;
}

const pollQuery = z.object({
  epoch: z.string().max(64).optional(),
  seq: z.coerce.number().int().min(0).default(0),
  waitMs: z.coerce
    .number()
    .int()
    .min(0)
    .max(pollWaitMs)
    .default(pollWaitMs)
    .describe("how long to wait for something new"),
  id: z.string().min(1).max(200).optional().describe("of a customer"),
});
const params = z.object({ topic: z.enum(liveTopics) });

function isNothing(reply: SubscribeReply): boolean {
  return "deltas" in reply && reply.deltas.length === 0;
}

export function livePollRoutes(app: FastifyInstance, deps: LivePollDeps): void {
  let waiting = 0;

  app.get(
    "/api/live/:topic",
    describeRoute({
      needs: "watch",
      summary: "Snapshot or the next deltas of a live topic",
      tag: "live",
      query: pollQuery,
      answer: "`{snapshot}` or `{deltas}`, and the heartbeat as `hb`",
    }),
    async (request) => {
      const parsed = params.safeParse(request.params);
      const { epoch, seq, id, waitMs } = readQuery(pollQuery, request);
      if (!parsed.success || (parsed.data.topic === "customer") !== !!id) {
        throw new Problem(404, "topic_unknown", "No such live topic");
      }
      const { topic } = parsed.data;
      if (id !== undefined) {
        await demand(request, "look", deps.audit);
        await deps.audit.customerRead(callerOf(request), id, "live");
      }
      const asked: SubscribeRequest = {
        topic,
        ...(id === undefined ? {} : { params: { id } }),
        ...(epoch === undefined ? {} : { have: { epoch, seq } }),
      };
      let reply = await deps.subscribe(asked);
      if (isNothing(reply) && waitMs > 0 && waiting < pollsMax) {
        waiting += 1;
        await deps.broadcast.next(topicKey(topic, asked.params), waitMs);
        waiting -= 1;
        reply = await deps.subscribe(asked);
      }
      if ("error" in reply) {
        const { code, message } = reply.error;
        throw new Problem(code.endsWith("unknown") ? 404 : 503, code, message);
      }
      const mask = request.identity?.mask;
      if (mask !== undefined) reply = maskReply(reply, mask);
      return { ...reply, hb: deps.feed.heartbeat(deps.now()) };
    },
  );
}
