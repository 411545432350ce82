/** What leaves the service about a request, without what nobody should see. */
import { hideAlertLinks } from "@riskwall/schemas/alert-links";
import type { Sending } from "./channels/channel.ts";

/** Shorter texts are no secrets, and would hide half of a sentence. */
const hiddenMin = 6;
/** Parts of an address that may be the secret by themselves. */
const partMin = 12;

/** Secrets, and those of their parts that are secrets alone. */
function partsOf(secret: string): readonly string[] {
  if (!URL.canParse(secret)) return [secret];
  const { pathname, searchParams } = new URL(secret);
  const parts = [...pathname.split("/"), ...searchParams.values()];
  return [secret, ...parts.filter((part) => part.length >= partMin)];
}

/**
 * A text with every secret in it replaced, links that need no sign-in, too:
 * providers repeat what they got.
 */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .flatMap(partsOf)
    .filter((part) => part.length >= hiddenMin)
    .sort((a, b) => b.length - a.length)
    .reduce((shown, part) => shown.replaceAll(part, "…"), hideAlertLinks(text));
}

const secretHeaders: ReadonlySet<string> = new Set([
  "authorization",
  "webhook-signature",
]);
const secretFields = /("(?:routing_key|sign)"\s*:\s*")[^"]+/g;

/** A request as people may see it. */
export function masked(sending: Sending, secrets: readonly string[]): object {
  if (sending.kind === "none") return sending;
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
  const text =
    typeof sending.body === "string"
      ? sending.body.replace(secretFields, "$1…")
      : `${String(sending.body.length)} encrypted bytes`;
  const body = hideSecrets(text, secrets);
  return { method: sending.method, url: `${origin}${start}…`, headers, body };
}
