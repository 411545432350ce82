/** Who is signed in, and the live connection that goes with it. */
import { shallowRef } from "vue";
import { connectLive } from "../live/connect-live.ts";
import type { LiveClient } from "../live/live-client.ts";
import { createFallback } from "../live/fallback.ts";
import { createLivePoll, type PollAnswer } from "../live/live-poll.ts";
import { createLiveSocket } from "../live/live-socket.ts";
import { api, ApiProblem, wallToken } from "./api.ts";

/** What the server lets an identity do (`access.ts` there). */
export type Permission =
  | "watch"
  | "glance"
  | "look"
  | "export"
  | "compose"
  | "operate"
  | "approve"
  | "configure"
  | "administer";

export interface Identity {
  readonly user: string;
  readonly role: string;
  /** How the person is called; may be empty. */
  readonly name: string;
  readonly may: readonly Permission[];
  /** A password of one's own has to be chosen first. */
  readonly mustChange: boolean;
  readonly twoFactor: boolean;
  /** Signs in at an identity provider. */
  readonly external: boolean;
}

export const identity = shallowRef<Identity | null>(null);
/** Present while somebody is signed in. */
export const live = shallowRef<LiveClient | null>(null);

export function may(permission: Permission): boolean {
  return identity.value?.may.includes(permission) === true;
}

/** True when a signed-in person may act on alerts, orders and customers. */
export function mayOperate(): boolean {
  return may("operate");
}

/** The live client of a page that opens with a session only. */
export function liveClient(): LiveClient {
  if (!live.value) throw new Error("this page opens with a session only");
  return live.value;
}

function end(): void {
  live.value?.close();
  live.value = null;
  identity.value = null;
}

async function whoAmI(): Promise<Identity | null> {
  try {
    return await api<Identity>("/api/session");
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return null;
    throw error;
  }
}

/** Reads anew who is signed in; leaves when the session is over. */
export async function refreshIdentity(): Promise<void> {
  try {
    const known = await whoAmI();
    if (known === null) end();
    else if (JSON.stringify(known) !== JSON.stringify(identity.value)) {
      identity.value = known;
    }
  } catch (error) {
    // Not reachable: the connection's own back-off goes on.
    if (!(error instanceof ApiProblem)) throw error;
  }
}

async function fetchLive(path: string): Promise<PollAnswer> {
  return api<PollAnswer>(path);
}

/** True when signed in; opens the live connection. */
export async function restoreSession(): Promise<boolean> {
  if (identity.value !== null) return true;
  const known = await whoAmI();
  if (known === null) return false;
  identity.value = known;
  const line = createFallback(
    createLiveSocket(wallToken),
    createLivePoll(fetchLive),
  );
  live.value ??= connectLive(line, {
    onRefused: () => void refreshIdentity(),
    onBack: () => void refreshIdentity(),
  });
  return true;
}

export interface Methods {
  /** The identity provider's button; null: none is configured. */
  readonly oidc: { readonly label: string } | null;
}

export async function signInMethods(): Promise<Methods> {
  return api<Methods>("/api/session/methods");
}

/**
 * Signs in; throws `ApiProblem` 401: `bad_credentials`, or `code_required`
 * where a second factor is set and no code was given.
 */
export async function signIn(
  user: string,
  password: string,
  code: string,
): Promise<void> {
  const body = { user, password, ...(code === "" ? {} : { code }) };
  await api("/api/session", { method: "POST", body });
  await restoreSession();
}

export async function signOut(): Promise<void> {
  await api("/api/session", { method: "DELETE" });
  end();
}
