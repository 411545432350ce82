/**
 * Tokens that show one alert without sign-in. They travel in messages, in the
 * fragment of an address, so that no server on the way sees them:
 *
 *   token = "rw_alert_" issued "_" mac
 *   issued = seconds since 1970, base 36
 *   mac    = base64url(HMAC-SHA256(key, issued "\n" alertId))
 *
 * The alert is not in the token: it opens the one it was made for, and no other.
 */
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/** A link works for so long after it was sent. */
export const alertLinkMs = 86_400_000;

/** Key of the links: what services of one home share, for this use alone. */
export function alertLinkKey(serviceSecret: string): Buffer {
  const key = hkdfSync("sha256", serviceSecret, "", "riskwall alert links", 32);
  return Buffer.from(key);
}

function macOf(key: Buffer, issued: string, alertId: string): Buffer {
  return createHmac("sha256", key).update(`${issued}\n${alertId}`).digest();
}

export function alertLinkToken(
  key: Buffer,
  alertId: string,
  nowMs: number,
): string {
  const issued = Math.floor(nowMs / 1000).toString(36);
  return `rw_alert_${issued}_${macOf(key, issued, alertId).toString("base64url")}`;
}

const shape = /^rw_alert_([0-9a-z]{1,9})_([\w-]{43})$/;

/** When a token was made for this alert, ms; null: not for it, or run out. */
export function alertLinkIssuedAt(
  key: Buffer,
  token: string,
  alertId: string,
  nowMs: number,
): number | null {
  const [, issued, mac = ""] = shape.exec(token) ?? [];
  if (issued === undefined) return null;
  const wanted = macOf(key, issued, alertId);
  const given = Buffer.from(mac, "base64url");
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    return null;
  }
  const issuedAt = parseInt(issued, 36) * 1000;
  return nowMs < issuedAt + alertLinkMs ? issuedAt : null;
}

/** A text with the tokens in it made useless. */
export function hideAlertLinks(text: string): string {
  return text.replace(/rw_alert_[\w-]+/g, "rw_alert_…");
}
