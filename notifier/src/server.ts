/** HTTP of the notifier: health, deliveries, dead letters, trying things out. */
import { randomUUID } from "node:crypto";
import Fastify, { type FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import { z } from "zod";
import type { BoundChannel } from "./channels/channel-kinds.ts";
import { limitsAsOf } from "./channels/provider-limits.ts";
import type { Sending } from "./channels/channel.ts";
import { severities, type Brief, type Labels } from "./core/brief.ts";
import type { Plan } from "./core/plan.ts";
import type { ZoneOffset } from "./core/time-intervals.ts";
import { simulate } from "./core/simulate.ts";
import { whoGetsIt } from "./core/who-gets-it.ts";
import { composeNotice } from "./core/notice.ts";
import type { Transmit } from "./io/transmit.ts";
import type { Outbox } from "./outbox/outbox.ts";
import { addOncallRoutes } from "./oncall-routes.ts";
import { letterOf } from "./send-due.ts";

/** Dead letters listed at once. */
const deadListMax = 200;
const idParam = z.object({ id: z.string().min(1).max(200) });

const whoBody = z.object({
  severity: z.enum(severities),
  rule: z.string().min(1).max(100),
  customer: z.string().min(1).max(200),
  at: z.iso.datetime({ offset: true }).optional(),
});

const aheadBody = whoBody.extend({
  /** Minutes until somebody acknowledges it; null = nobody does. */
  ackAfterMinutes: z.number().min(0).max(10_080).nullable().default(null),
  hours: z.number().min(1).max(168).default(4),
});

/** An alert as far as routing looks at it. */
function exampleBrief(
  severity: string,
  ruleId: string,
  customerId: string,
): Brief {
  const [none, zero] = ["", "0.00"];
  return {
    ...{ alertId: "example", ruleId, severity, customerId, state: "open" },
    ...{ ruleName: { zh: none, en: none }, customerName: customerId },
    ...{ openedAt: none, updatedAt: none, eventTime: none },
    ...{ titleZh: none, titleEn: none, reasons: [] },
    suggestedAction: { zh: none, en: none },
    ...{ moneyAtRisk: zero, exposureBefore: zero, exposureAfter: zero },
    ...{ limit: null, currency: none, score: 0, class: none, pd: none },
    ...{ orderId: null, invoiceId: null },
  };
}

interface Part {
  readonly up: boolean;
  /** Without it nothing works; a standby does not route. */
  readonly needed: boolean;
}

export interface ServerDeps {
  readonly outbox: Outbox;
  readonly channel: (id: string) => BoundChannel | null;
  readonly channels: () => readonly BoundChannel[];
  readonly plan: () => Plan;
  readonly zoneOffset: ZoneOffset;
  /** Labels of what fires now, for inhibition. */
  readonly firing: () => readonly Labels[];
  readonly transmit: Transmit;
  readonly publicUrl: string;
  readonly now: () => number;
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
    const parsed = whoBody.safeParse(request.body);
    if (!parsed.success) {
      const title = z.prettifyError(parsed.error);
      return problem(reply, 422, "invalid_body", title);
    }
    const { severity, rule, customer, at } = parsed.data;
    const moment = {
      plan: deps.plan(),
      now: at === undefined ? now() : Date.parse(at),
      zoneOffset: deps.zoneOffset,
    };
    const brief = exampleBrief(severity, rule, customer);
    return { items: whoGetsIt(brief, moment, deps.firing()), next: null };
  });

  app.post("/v1/oncall/simulate", (request, reply) => {
    const parsed = aheadBody.safeParse(request.body);
    if (!parsed.success) {
      const title = z.prettifyError(parsed.error);
      return problem(reply, 422, "invalid_body", title);
    }
    const { severity, rule, customer, at } = parsed.data;
    const { ackAfterMinutes: minutes, hours } = parsed.data;
    const items = simulate(
      exampleBrief(severity, rule, customer),
      {
        plan: deps.plan(),
        now: at === undefined ? now() : Date.parse(at),
        zoneOffset: deps.zoneOffset,
      },
      {
        ackAfterMs: minutes === null ? null : minutes * 60_000,
        horizonMs: hours * 3_600_000,
      },
    );
    return { items, next: null };
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

async function problem(
  reply: {
    status: (code: number) => typeof reply;
    send: (body: object) => unknown;
    type: (text: string) => typeof reply;
  },
  status: number,
  code: string,
  title: string,
): Promise<unknown> {
  return Promise.resolve(
    reply
      .status(status)
      .type("application/problem+json")
      .send({ status, code, title }),
  );
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
