/** Who asks, and what they may do: one policy for HTTP, sockets and exports. */
import type { Mask } from "./core/mask.ts";

export const roles = [
  "viewer",
  "operator",
  "analyst",
  "approver",
  "administrator",
] as const;
export type Role = (typeof roles)[number];

/** A signed-in person, or the bearer of a token, who only looks or watches. */
export interface Identity {
  readonly user: string;
  readonly role: Role | "reader" | "wall" | "link";
  /** What a shared wall or link does not see of customers. */
  readonly mask?: Mask;
  /** True until a person has chosen a password of their own. */
  readonly mustChange?: boolean;
  /** Name of the session; absent for a token. */
  readonly session?: string;
}

/** An identity with where it asks from: what the audit log wants to know. */
export interface Caller extends Identity {
  readonly address: string;
  readonly requestId: string;
}

export const permissions = [
  /** The wall alone, under the mask of its link. */
  "watch",
  /** One alert: the one of a link, or any for those who look. */
  "glance",
  /** Wall, lists, customers, trends on screen. */
  "look",
  /** Take figures away as a file. */
  "export",
  /** Make walls that others see. */
  "compose",
  /** Act on alerts, orders, customers, dead letters. */
  "operate",
  /** Be the second person of a limit. */
  "approve",
  /** Where alerts are pushed to. */
  "configure",
  /** Users, keys, audit log. */
  "administer",
] as const;
export type Permission = (typeof permissions)[number];

/**
 * What a route asks for: a permission; `open` to everybody; `known` to every
 * identity; `self` to a person, for what concerns their own account.
 */
export type Need = Permission | "open" | "known" | "self";

const granted: Readonly<Record<Identity["role"], readonly Permission[]>> = {
  link: ["glance"],
  wall: ["watch"],
  reader: ["watch", "glance", "look"],
  viewer: ["watch", "glance", "look"],
  analyst: ["watch", "glance", "look", "export", "compose"],
  operator: ["watch", "glance", "look", "export", "compose", "operate"],
  approver: [
    ...(["watch", "glance", "look", "export"] as const),
    ...(["compose", "operate", "approve"] as const),
  ],
  administrator: permissions,
};

/** False for the bearers of tokens. */
function isPerson({ role }: Identity): boolean {
  return role !== "reader" && role !== "wall" && role !== "link";
}

export type Verdict = "allowed" | "sign-in" | "forbidden" | "change-password";

/** Deny by default: what is not granted here nobody may do. */
export function judge(identity: Identity | null, need: Need): Verdict {
  if (need === "open") return "allowed";
  if (identity === null) return "sign-in";
  if (need === "known") return "allowed";
  if (need === "self") {
    return isPerson(identity) ? "allowed" : "forbidden";
  }
  if (identity.mustChange === true) return "change-password";
  return granted[identity.role].includes(need) ? "allowed" : "forbidden";
}

export function may(identity: Identity | null, need: Need): boolean {
  return judge(identity, need) === "allowed";
}

/** Roles of people that may, for those who may not. */
export function rolesThatMay(need: Need): readonly Role[] {
  return roles.filter((role) => may({ user: "", role }, need));
}

/** What an identity may do now, for pages that show no more than that. */
export function permissionsOf(identity: Identity): readonly Permission[] {
  return permissions.filter((permission) => may(identity, permission));
}

/**
 * True when a request's Origin, where a browser sends one, is the host that
 * was asked or the address under which people reach the dashboard.
 */
export function isOwnOrigin(
  origin: string | undefined,
  host: string | undefined,
  publicUrl = "",
): boolean {
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const own = URL.canParse(publicUrl) ? new URL(publicUrl).origin : null;
  return new URL(origin).host === host || new URL(origin).origin === own;
}

/** Value of one cookie of a Cookie header; empty when absent. */
export function cookieOf(header: string | undefined, name: string): string {
  for (const part of (header ?? "").split(";")) {
    const [key, ...rest] = part.trim().split("=");
    if (key === name) return rest.join("=");
  }
  return "";
}

/**
 * Name of the session's cookie. Under HTTPS browsers hold a `__Host-` cookie to
 * this host, this path and TLS; on plain HTTP they would not take one.
 */
export function sessionCookieName(publicUrl: string): string {
  return publicUrl.startsWith("https:")
    ? "__Host-riskwall_session"
    : "riskwall_session";
}
