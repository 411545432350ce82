/** Where alerts are pushed to. */
import { checkTarget } from "@riskwall/schemas/outbound-target";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { LogWriter } from "../io/kafka.ts";
import { severityNames, type Settings, type Webhook } from "../io/settings.ts";
import type { AuditTrail } from "../audit/trail.ts";
import { callerOf } from "../guard.ts";
import { Problem } from "../problem.ts";
import { describeRoute, readBody, readId } from "./request.ts";

export interface WebhooksDeps {
  readonly settings: Pick<Settings, "webhook" | "webhooks">;
  readonly writer: Pick<LogWriter, "setting">;
  readonly audit: Pick<AuditTrail, "done">;
}

const tag = "settings";
const secretPattern = /^whsec_[A-Za-z0-9+/]{16,}={0,2}$/;
const webhookBody = z.object({
  url: z.url().max(2000),
  secret: z
    .string()
    .regex(secretPattern)
    .optional()
    .describe("`whsec_` and base64; absent keeps the one that is set"),
  minSeverity: z.enum(severityNames).default("high"),
  enabled: z.boolean().default(true),
  allowPrivate: z
    .boolean()
    .default(false)
    .describe("plain http and addresses inside the house are meant"),
});

function masked<Hook extends Omit<Webhook, "secret">>(
  hook: Hook,
): Hook & { readonly secret: string } {
  return { ...hook, secret: "whsec_…" };
}

export function webhookRoutes(app: FastifyInstance, deps: WebhooksDeps): void {
  const { settings, writer, audit } = deps;

  const readHookId = (id: string): string => {
    if (/^[a-z0-9-]{1,40}$/.test(id)) return id;
    const title = "An id is of a-z, 0-9 and dashes";
    throw new Problem(422, "bad_id", title, { path: "id" });
  };

  app.get(
    "/api/settings/webhooks",
    describeRoute({
      needs: "configure",
      summary: "Webhooks; secrets are masked",
      tag,
      answer: "A page of webhooks",
    }),
    async () => {
      const items = settings.webhooks().map(masked);
      return { items, next: null };
    },
  );

  app.put(
    "/api/settings/webhooks/:id",
    describeRoute({
      needs: "configure",
      summary: "Set a webhook for new alerts",
      tag,
      id: "a name of your own",
      body: webhookBody,
      answer: "`{id}`",
      status: 202,
    }),
    async (request, reply) => {
      const id = readHookId(readId(request));
      const body = readBody(webhookBody, request);
      const secret = body.secret ?? settings.webhook(id)?.secret;
      if (secret === undefined) {
        const title = "A new webhook needs a secret";
        throw new Problem(422, "invalid_body", title, { path: "secret" });
      }
      const target = await checkTarget(body.url, body.allowPrivate);
      if (target.kind === "refused") {
        throw new Problem(422, "url_refused", target.why, { path: "url" });
      }
      const known = settings.webhook(id);
      await writer.setting(`webhook:${id}`, { id, ...body, secret });
      await audit.done(callerOf(request), {
        ...{ action: "webhook.set", targetKind: "webhook", targetId: id },
        ...{ before: known && masked(known), after: masked({ ...body, id }) },
      });
      return reply.status(202).send({ id });
    },
  );

  app.delete(
    "/api/settings/webhooks/:id",
    describeRoute({
      needs: "configure",
      summary: "Remove a webhook",
      tag,
      id: "its name",
      answer: "Nothing",
      status: 204,
    }),
    async (request, reply) => {
      const id = readHookId(readId(request));
      const known = settings.webhook(id);
      if (known === null) {
        throw new Problem(404, "webhook_unknown", "No such webhook");
      }
      await writer.setting(`webhook:${id}`, null);
      await audit.done(callerOf(request), {
        ...{ action: "webhook.remove", targetKind: "webhook", targetId: id },
        before: masked(known),
      });
      return reply.status(204).send();
    },
  );
}
