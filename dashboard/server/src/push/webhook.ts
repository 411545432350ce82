/**
 * Standard Webhooks: signature, headers, and where a hook may point. The id of
 * a delivery never changes, so the receiver can drop repeats.
 */
import { createHash, createHmac } from "node:crypto";
import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";

/** `v1,<base64>` of `id.timestamp.body` under a `whsec_` secret. */
export function signWebhook(
  secret: string,
  id: string,
  timestampSeconds: number,
  body: string,
): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const text = `${id}.${String(timestampSeconds)}.${body}`;
  return `v1,${createHmac("sha256", key).update(text).digest("base64")}`;
}

/** Stable id of one alert to one channel. */
export function deliveryId(
  alertId: string,
  channel: string,
  kind: string,
): string {
  return `msg_${createHash("sha256").update(`${alertId}|${channel}|${kind}`).digest("base64url").slice(0, 27)}`;
}

const blocked = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  blocked.addSubnet(net, bits, "ipv4");
}
for (const [net, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
  ["::ffff:0:0", 96],
] as const) {
  blocked.addSubnet(net, bits, "ipv6");
}

/** Why a URL may not be called, or null. Resolves every address of the host. */
export async function urlProblem(
  url: string,
  allowPrivate: boolean,
): Promise<string | null> {
  const { protocol, hostname, username } = new URL(url);
  if (username !== "") return "no credentials in the URL";
  if (allowPrivate)
    return protocol === "https:" || protocol === "http:"
      ? null
      : "http or https only";
  if (protocol !== "https:") return "https only";
  const host = hostname.replace(/^\[|\]$/g, "");
  const found = isIP(host)
    ? [{ address: host, family: isIP(host) }]
    : await lookup(host, { all: true });
  const inside = found.some(({ address, family }) =>
    blocked.check(address, family === 6 ? "ipv6" : "ipv4"),
  );
  return inside ? "the address is not public" : null;
}

export type Outcome =
  | { readonly kind: "ok" }
  | {
      readonly kind: "retry";
      readonly afterMs: number | null;
      readonly why: string;
    }
  | { readonly kind: "disable"; readonly why: string }
  | { readonly kind: "fail"; readonly why: string };

/** Classes of ux 3.1: what to do after a reply. */
export function outcomeOf(status: number, retryAfter: string | null): Outcome {
  if (status >= 200 && status < 300) return { kind: "ok" };
  const why = `status ${String(status)}`;
  if (status === 410) return { kind: "disable", why };
  const again =
    status === 408 || status === 425 || status === 429 || status >= 500;
  if (!again) return { kind: "fail", why };
  const seconds = Number(retryAfter);
  return {
    kind: "retry",
    why,
    afterMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null,
  };
}
