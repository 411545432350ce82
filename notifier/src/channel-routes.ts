/** HTTP of channels: how they are, and what one answers to a test. */
import { randomUUID } from "node:crypto";
import type {
  ChannelTestView,
  ChannelView,
} from "@riskwall/schemas/notify-views";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { BoundChannel } from "./channels/channel-kinds.ts";
import { limitsAsOf } from "./channels/provider-limits.ts";
import { circuitOf, quotaLeft } from "./core/channel-state.ts";
import { composeNotice } from "./core/notice.ts";
import type { Plan } from "./core/plan.ts";
import type { Transmit } from "./io/transmit.ts";
import { hideSecrets, masked } from "./mask-sending.ts";
import { failsMax } from "./outbox/limits.ts";
import type { Outbox } from "./outbox/outbox.ts";
import { refuse } from "./problem.ts";
import { letterOf } from "./send-due.ts";

export interface ChannelDeps {
  readonly outbox: Pick<Outbox, "health" | "depth">;
  readonly channel: (id: string) => BoundChannel | null;
  readonly channels: () => readonly BoundChannel[];
  readonly plan: () => Plan;
  readonly transmit: Transmit;
  readonly publicUrl: string;
  readonly linkKey: Buffer;
  readonly now: () => number;
}

const idParam = z.object({ id: z.string().min(1).max(200) });

/** As the outbox's scripts write it. */
const healthShape = z
  .enum(["unknown", "ok", "failing", "config"])
  .default("unknown");

const instantOf = (ms: number): string | null =>
  ms > 0 ? new Date(ms).toISOString() : null;

/** A channel as people see it: nothing of its settings that is secret. */
function channelView(
  channel: BoundChannel,
  health: Readonly<Record<string, string>>,
  waiting: number,
  now: number,
): ChannelView {
  const { id, kind, enabled, language, target, rules } = channel;
  const numberOf = (name: string): number => Number(health[name] ?? "0");
  const fails = numberOf("fails");
  const pausedUntil = numberOf("pausedUntil");
  const stored = (windowMs: number) => {
    const tokens = health[`tokens${String(windowMs)}`];
    const at = numberOf(`at${String(windowMs)}`);
    return tokens === undefined ? null : { tokens: Number(tokens), at };
  };
  return {
    ...{ id, kind, enabled, language, target, waiting },
    health: healthShape.parse(health["health"]),
    why: health["why"] ?? "",
    failures: fails,
    pausedUntil,
    circuit: circuitOf({ fails, pausedUntil }, failsMax, now),
    acceptedAt: instantOf(numberOf("okAt")),
    failedAt: instantOf(numberOf("failedAt")),
    quotas: rules.quotas.map(({ permits, windowMs }) => ({
      ...{ permits, windowMs },
      ...quotaLeft({ permits, windowMs, stored: stored(windowMs) }, now),
    })),
  };
}

export function addChannelRoutes(
  app: FastifyInstance,
  deps: ChannelDeps,
): void {
  const { outbox, now } = deps;

  app.get("/v1/channels", async () => {
    const depth = await outbox.depth();
    const items = await Promise.all(
      deps.channels().map(async (channel) => {
        const { id } = channel;
        const health = await outbox.health(id);
        return channelView(channel, health, depth.get(id) ?? 0, now());
      }),
    );
    const routingVersion = deps.plan().version;
    return { items, limitsAsOf, routingVersion, next: null };
  });

  app.post("/v1/channels/:id/test", async (request, reply) => {
    const { id } = idParam.parse(request.params);
    const channel = deps.channel(id);
    if (!channel) {
      const title = "No such channel";
      return refuse(reply, { status: 404, code: "channel_unknown", title });
    }
    const notice = composeNotice({
      ...{ kind: "test", groupId: "test", labels: {} },
      ...{ receiver: "test", seq: 1 },
      ...{ firing: [], resolved: [], storm: false, at: now() },
    });
    const deliveryId = `msg_${randomUUID()}`;
    const sending = channel.build(letterOf(notice, deliveryId, channel, deps));
    const sent = await deps.transmit(sending, channel.allowPrivate);
    const outcome =
      sent.kind === "reply" ? channel.judge(sent.reply, now()) : sent;
    const hide = (text: string): string => hideSecrets(text, channel.secrets);
    const tried: ChannelTestView = {
      request: masked(sending, channel.secrets),
      outcome:
        "why" in outcome ? { ...outcome, why: hide(outcome.why) } : outcome,
      answer:
        sent.kind === "reply"
          ? { ...sent.reply, body: hide(sent.reply.body) }
          : null,
    };
    return tried;
  });
}
