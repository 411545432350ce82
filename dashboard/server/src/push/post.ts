/** One signed POST to one webhook: pinned address, no redirects, bounded. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import type { Webhook } from "../io/settings.ts";
import type { Delivery } from "./outbox.ts";
import { outcomeOf, type Outcome } from "./retry.ts";
import { signWebhook } from "./sign.ts";
import { checkTarget, type Target } from "./target.ts";

export const timeoutMs = 15_000;
/** Bytes of a reply read at most; nothing in it is used. */
const replyMaxBytes = 65_536;

interface Reply {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

type OkTarget = Extract<Target, { readonly kind: "ok" }>;

async function send(
  target: OkTarget,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<Reply> {
  const { url, address, family } = target;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((done, fail) => {
    const call = request(url, {
      method: "POST",
      headers: { ...headers, "content-length": Buffer.byteLength(body) },
      signal: AbortSignal.timeout(timeoutMs),
      agent: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      // The checked address is the one connected to: names may move meanwhile.
      lookup: (_name, options, found) => {
        if (options.all === true) found(null, [{ address, family }]);
        else found(null, address, family);
      },
    });
    call.once("error", fail);
    call.once("response", (reply) => {
      let bytes = 0;
      reply.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > replyMaxBytes) reply.destroy();
      });
      reply.once("close", () => {
        const retryAfter = reply.headers["retry-after"];
        done({ status: reply.statusCode ?? 0, retryAfter });
      });
    });
    call.end(body);
  });
}

/** Sends a delivery once and says what became of it. */
export async function postDelivery(
  hook: Webhook,
  delivery: Delivery,
  nowMs: number,
): Promise<Outcome> {
  const target = await checkTarget(hook.url, hook.allowPrivate);
  if (target.kind === "refused") return { kind: "fail", why: target.why };
  if (target.kind === "unresolved") {
    return { kind: "retry", why: target.why, afterMs: null };
  }
  const { id, body } = delivery;
  const seconds = Math.floor(nowMs / 1000);
  const headers = {
    "content-type": "application/json",
    "user-agent": "riskwall",
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": signWebhook(hook.secret, id, seconds, body),
  };
  try {
    const { status, retryAfter } = await send(target, headers, body);
    return outcomeOf(status, retryAfter, nowMs);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: "retry", why, afterMs: null };
  }
}
