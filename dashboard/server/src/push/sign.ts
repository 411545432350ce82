/** Standard Webhooks: signature and the stable id of a delivery. */
import { createHash, createHmac } from "node:crypto";

/** `v1,<base64>`: HMAC-SHA256 of `id.timestamp.body` under a `whsec_` secret. */
export function signWebhook(
  secret: string,
  id: string,
  timestampS: number,
  body: string,
): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const text = `${id}.${String(timestampS)}.${body}`;
  return `v1,${createHmac("sha256", key).update(text).digest("base64")}`;
}

/** Id of one alert to one channel: the same after a crash, so repeats show. */
export function deliveryId(
  alertId: string,
  channel: string,
  kind: string,
): string {
  const hash = createHash("sha256").update(`${alertId}|${channel}|${kind}`);
  return `msg_${hash.digest("base64url").slice(0, 27)}`;
}
