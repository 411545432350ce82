/** HTTP of the notifier: health, deliveries, dead letters, trying things out. */
import { randomUUID } from "node:crypto";
import Fastify, { type FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import { z } from "zod";
import type { BoundChannel } from "./channels/channel-kinds.ts";
import { limitsAsOf } from "./channels/provider-limits.ts";
import type { Sending } from "./channels/channel.ts";
import type { Labels } from "./core/brief.ts";
import { whoGetsIt } from "./core/who-gets-it.ts";
import { composeNotice } from "./core/notice.ts";
import type { Transmit } from "./io/transmit.ts";
import type { Outbox } from "./outbox/outbox.ts";
import { exampleBody, exampleBrief } from "./example-alert.ts";
import { addOncallRoutes, type OncallDeps } from "./oncall-routes.ts";
import { invalid, problem } from "./problem.ts";
import { letterOf } from "./send-due.ts";

/** Dead letters listed at once. */
const deadListMax = 200;
const idParam = z.object({ id: z.string().min(1).max(200) });

interface Part {
  readonly up: boolean;
  /** Without it nothing works; a standby does not route. */
  readonly needed: boolean;
}

export interface ServerDeps extends OncallDeps {
  readonly outbox: Outbox;
  readonly channel: (id: string) => BoundChannel | null;
  readonly channels: () => readonly BoundChannel[];
  /** Labels of what fires now, for inhibition. */
  readonly firing: () => readonly Labels[];
  readonly transmit: Transmit;
  readonly publicUrl: string;
  readonly registry: Registry;
  readonly parts: () => Readonly<Record<string, Part>>;
}

export function buildServer(deps: ServerDeps): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: 64 * 1024 });
  const { outbox, now } = deps;
  app.setErrorHandler(async (error, _, reply) => {
    if (!(error instanceof z.ZodError)) throw error;
    const title = z.prettifyError(error);
    return problem(reply, 400, "invalid_path", title);
  });

  app.get("/livez", () => ({ status: "ok" }));
  app.get("/startupz", async (_, reply) => {
    const started = deps.parts()["started"]?.up === true;
    return reply.status(started ? 200 : 503).send({ started });
  });
  app.get("/readyz", async (_, reply) => {
    const parts = deps.parts();
    const ready = Object.values(parts).every(({ up, needed }) => up || !needed);
    return reply.status(ready ? 200 : 503).send({
      ready,
      parts: Object.fromEntries(
        Object.entries(parts).map(([name, { up }]) => [name, up]),
      ),
    });
  });
  app.get("/metrics", async (_, reply) =>
    reply.type(deps.registry.contentType).send(await deps.registry.metrics()),
  );

  app.get("/v1/alerts/:id/deliveries", async (request) => {
    const { id } = idParam.parse(request.params);
    const { deliveries, acknowledged } = await outbox.ofAlert(id);
    return { items: deliveries, acknowledgedAt: acknowledged, next: null };
  });

  app.get("/v1/deadletters", async () => ({
    items: await outbox.dead(deadListMax),
    next: null,
  }));
  app.post("/v1/deadletters/:id/resend", async (request, reply) => {
    const { id } = idParam.parse(request.params);
    if (await outbox.resend(id, now())) return reply.status(202).send({ id });
    return problem(reply, 404, "delivery_unknown", "No such dead letter");
  });

  app.get("/v1/channels", async () => ({
    items: await Promise.all(
      deps.channels().map(async ({ id, kind, enabled, language }) => {
        const { health, why, fails, pausedUntil } = await outbox.health(id);
        const seen = { health: health ?? "unknown", why: why ?? "" };
        return {
          ...{ id, kind, enabled, language, ...seen },
          failures: Number(fails ?? "0"),
          pausedUntil: Number(pausedUntil ?? "0"),
        };
      }),
    ),
    limitsAsOf,
    routingVersion: deps.plan().version,
    next: null,
  }));

  app.post("/v1/routing/who", (request, reply) => {
    const parsed = exampleBody.safeParse(request.body);
    if (!parsed.success) return invalid(reply, "invalid_body", parsed.error);
    const { at } = parsed.data;
    const moment = {
      plan: deps.plan(),
      now: at === undefined ? now() : Date.parse(at),
      zoneOffset: deps.zoneOffset,
    };
    const brief = exampleBrief(parsed.data);
    return { items: whoGetsIt(brief, moment, deps.firing()), next: null };
  });

  addOncallRoutes(app, deps);

  app.post("/v1/channels/:id/test", async (request, reply) => {
    const { id } = idParam.parse(request.params);
    const channel = deps.channel(id);
    if (!channel) {
      return problem(reply, 404, "channel_unknown", "No such channel");
    }
    const notice = composeNotice({
      ...{
        kind: "test",
        groupId: "test",
        labels: {},
        receiver: "test",
        seq: 1,
      },
      ...{ firing: [], resolved: [], storm: false, at: now() },
    });
    const deliveryId = `msg_${randomUUID()}`;
    const sending = channel.build(letterOf(notice, deliveryId, channel, deps));
    const sent = await deps.transmit(sending, channel.allowPrivate);
    const outcome =
      sent.kind === "reply" ? channel.judge(sent.reply, now()) : sent;
    const answer = sent.kind === "reply" ? sent.reply : null;
    return { request: masked(sending), outcome, answer };
  });
  return app;
}

const secretHeaders: ReadonlySet<string> = new Set([
  "authorization",
  "webhook-signature",
]);
const secretFields = /("(?:routing_key|sign)"\s*:\s*")[^"]+/g;

/** What would be sent, without what nobody should see. */
export function masked(sending: Sending): object {
  if (sending.kind === "mail") {
    const { server, ...mail } = sending;
    return { ...mail, server: { ...server, password: "…" } };
  }
  const { origin, pathname } = new URL(sending.url);
  const start = pathname.slice(0, Math.ceil(pathname.length / 2));
  const headers = Object.fromEntries(
    Object.entries(sending.headers).map(([name, value]) => [
      name,
      secretHeaders.has(name) ? "…" : value,
    ]),
  );
  const body = sending.body.toString().replace(secretFields, "$1…");
  return { method: sending.method, url: `${origin}${start}…`, headers, body };
}
