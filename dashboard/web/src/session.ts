/** The page's session: API calls, the live client, language and theme. */
import { stateHash } from "@riskwall/schemas/live";
import { reactive, shallowRef } from "vue";
import { connectLive, type LiveClient } from "./live/socket.ts";

const query = new URLSearchParams(location.search);

/** A wall opened with `?token=` reads with that token. */
export const wallToken = query.get("token");

function remembered(name: string, fallback: string): string {
  const given = query.get(name) ?? localStorage.getItem(`riskwall.${name}`);
  return given ?? fallback;
}

export const settings = reactive({
  lang: remembered("lang", "zh-CN") === "en" ? "en" : "zh-CN",
  theme: remembered("theme", "") as "dark" | "light" | "",
});

/** Keeps a choice for the next visit, and in the address. */
export function choose(name: "lang" | "theme", value: string): void {
  localStorage.setItem(`riskwall.${name}`, value);
  if (name === "lang") settings.lang = value === "en" ? "en" : "zh-CN";
  else settings.theme = value === "light" ? "light" : "dark";
}

export const user = shallowRef<string | null>(null);
export const live = shallowRef<LiveClient | null>(null);

/** A refusal of the API, as its problem document says. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, title: string) {
    super(title);
    this.status = status;
    this.code = code;
  }
}

/** Calls the API with JSON; throws `ApiProblem` on a refusal. */
export async function api<T>(
  path: string,
  method: "GET" | "POST" | "DELETE" | "PUT" = "GET",
  body?: object,
): Promise<T> {
  const reply = await fetch(path, {
    method,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(wallToken === null ? {} : { authorization: `Bearer ${wallToken}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  const json: unknown = text === "" ? null : JSON.parse(text);
  if (!reply.ok) {
    const { code = "error", title = reply.statusText } = (json ?? {}) as {
      code?: string;
      title?: string;
    };
    throw new ApiProblem(reply.status, code, title);
  }
  return json as T;
}

/** True when signed in; opens the live connection. */
export async function restoreSession(): Promise<boolean> {
  if (user.value !== null) return true;
  try {
    const me = await api<{ user: string }>("/api/session");
    user.value = me.user;
    live.value ??= connectLive(wallToken, (rows) => stateHash(rows));
    return true;
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return false;
    throw error;
  }
}

export async function signIn(name: string, password: string): Promise<void> {
  await api("/api/session", "POST", { user: name, password });
  await restoreSession();
}

export async function signOut(): Promise<void> {
  await api("/api/session", "DELETE");
  live.value?.close();
  live.value = null;
  user.value = null;
}
