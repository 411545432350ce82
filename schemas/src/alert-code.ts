/**
 * A short code of an alert, for messages that may hold no link: a person types
 * it on the phone's page. Without signs that look alike.
 */
const signs = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const length = 4;

/** FNV-1a over the id, four signs of five bits. Two open alerts may share one. */
export function alertCode(alertId: string): string {
  let hash = 0x811c9dc5;
  for (const sign of alertId) {
    hash = Math.imul(hash ^ (sign.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  hash = (hash ^ (hash >>> 15)) >>> 0;
  return Array.from(
    { length },
    (_, i) => signs[(hash >>> (5 * i)) & 31] ?? "",
  ).join("");
}
