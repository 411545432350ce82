/** Where a webhook may point: public addresses by https, unless said so. */
import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";

export type Target =
  | {
      readonly kind: "ok";
      readonly url: URL;
      /** The address to connect to: no second look-up can change it. */
      readonly address: string;
      readonly family: 4 | 6;
    }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "unresolved"; readonly why: string };

// Two lists: Node checks an IPv4 address against mapped IPv6 subnets, too.
const notPublic4 = new BlockList();
const notPublic6 = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  notPublic4.addSubnet(net, bits, "ipv4");
}
for (const [net, bits] of [
  ["::", 96],
  ["::ffff:0:0", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const) {
  notPublic6.addSubnet(net, bits, "ipv6");
}

/** True for an address of the public internet. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublic4.check(address, "ipv4");
    case 6:
      return !notPublic6.check(address, "ipv6");
    default:
      return false;
  }
}

interface Address {
  readonly address: string;
  readonly family: number;
}

async function resolveHost(host: string): Promise<readonly Address[] | string> {
  if (isIP(host) !== 0) return [{ address: host, family: isIP(host) }];
  try {
    return await lookup(host, { all: true });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Checks a URL and every address of its host; answers the one to connect to. */
export async function checkTarget(
  text: string,
  allowPrivate: boolean,
): Promise<Target> {
  const refused = (why: string): Target => ({ kind: "refused", why });
  if (!URL.canParse(text)) return refused("not a URL");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    return refused("no credentials in the URL");
  }
  const plain = url.protocol === "http:" && allowPrivate;
  if (url.protocol !== "https:" && !plain) return refused("https only");
  const found = await resolveHost(url.hostname.replace(/^\[|\]$/g, ""));
  if (typeof found === "string") return { kind: "unresolved", why: found };
  const inside = found.some(({ address }) => !isPublicAddress(address));
  if (inside && !allowPrivate) return refused("the address is not public");
  const [first] = found;
  if (!first) return { kind: "unresolved", why: "the host has no address" };
  const { address } = first;
  return { kind: "ok", url, address, family: first.family === 6 ? 6 : 4 };
}
