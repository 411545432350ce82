/** Signatures of the channels, and the stable id of a delivery. */
import { createHash, createHmac } from "node:crypto";

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest();

/**
 * Standard Webhooks: `v1,<base64>` of HMAC-SHA256 of `id.timestamp.body` under
 * a `whsec_` secret. Several secrets with a space between them, as while one
 * follows another, give as many signatures.
 */
export function signWebhook(
  secrets: string,
  id: string,
  timestampS: number,
  body: string,
): string {
  const text = `${id}.${String(timestampS)}.${body}`;
  return secrets
    .split(" ")
    .map((secret) => Buffer.from(secret.replace(/^whsec_/, ""), "base64"))
    .map((key) => `v1,${hmac(key, text).toString("base64")}`)
    .join(" ");
}

/** Feishu: the joined text is the *key*, the message empty; seconds. */
export function signFeishu(secret: string, timestampS: number): string {
  return hmac(`${String(timestampS)}\n${secret}`, "").toString("base64");
}

/** DingTalk: the secret is the key, the joined text the message; ms. */
export function signDingtalk(secret: string, timestampMs: number): string {
  return hmac(secret, `${String(timestampMs)}\n${secret}`).toString("base64");
}

/** Hexadecimal SHA-256. */
export function sha256Hex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Id of one message of a group to one channel: repeats show by it. */
export function deliveryId(...parts: readonly (string | number)[]): string {
  const hash = createHash("sha256").update(parts.join("|"));
  return `msg_${hash.digest("base64url").slice(0, 27)}`;
}
