/** Who asks, and what they may do: one policy for HTTP and sockets. */

/** A signed-in operator, or the bearer of a token that may only read. */
export interface Identity {
  readonly user: string;
  readonly role: "operator" | "reader";
}

export type Permission = "read" | "operate";

const granted: Readonly<Record<Identity["role"], readonly Permission[]>> = {
  operator: ["read", "operate"],
  reader: ["read"],
};

/** Deny by default: nobody may do anything without an identity. */
export function may(
  identity: Identity | null,
  permission: Permission,
): boolean {
  return identity !== null && granted[identity.role].includes(permission);
}

/** True when a request's Origin, where a browser sends one, is its own host. */
export function isOwnOrigin(
  origin: string | undefined,
  host: string | undefined,
): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** Value of one cookie of a Cookie header; empty when absent. */
export function cookieOf(header: string | undefined, name: string): string {
  for (const part of (header ?? "").split(";")) {
    const [key, ...rest] = part.trim().split("=");
    if (key === name) return rest.join("=");
  }
  return "";
}
