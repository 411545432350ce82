/** The dashboard of a test namespace, signed in, with a live client. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  Json,
  LiveDelta,
  LiveDigest,
  LiveHave,
  LiveHeartbeat,
  LiveTopic,
  SubscribeReply,
} from "@riskwall/schemas/live";
import { sealingKeys, serviceSecret } from "@riskwall/schemas/home-keys";
import { setupNamespace } from "@riskwall/schemas/setup";
import { Redis } from "ioredis";
import { io, type Socket } from "socket.io-client";
import { onTestFinished } from "vitest";
import type { TestNamespace } from "./namespace.ts";
import { startService, testHome, type Service } from "./service.ts";
import { stack } from "./stack.ts";

export interface Credentials {
  readonly ingestKey: string;
  readonly operator: { readonly user: string; readonly password: string };
  readonly wallToken: string;
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

export interface Dashboard {
  readonly service: Service;
  readonly url: string;
  readonly credentials: Credentials;
  /** Where credentials.json lies. */
  readonly home: string;
  readonly redis: Redis;
  readonly cookie: string;
  readonly get: (path: string, headers?: HeadersInit) => Promise<Answer>;
  readonly send: (
    method: "POST" | "PUT" | "DELETE",
    path: string,
    body?: unknown,
    headers?: HeadersInit,
  ) => Promise<Answer>;
  /** A live client; with a token or another cookie when given. */
  readonly connect: (token?: string, cookie?: string) => LiveTestClient;
}

/** What the services of one home share, as an operator copies it to another. */
function copyKeys(home: string): void {
  serviceSecret(testHome());
  sealingKeys(testHome());
  for (const name of ["service.key", "settings.key"]) {
    copyFileSync(join(testHome(), name), join(home, name));
  }
}

/** Credentials of the namespace, in a home of their own. */
export async function prepareCredentials(
  test: TestNamespace,
): Promise<{ readonly home: string; readonly credentials: Credentials }> {
  const home = mkdtempSync(join(tmpdir(), "riskwall-dash-"));
  onTestFinished(() => {
    rmSync(home, { recursive: true, force: true });
  });
  copyKeys(home);
  const { brokers, registryUrl, clickhouseUrl } = stack();
  await setupNamespace({
    namespace: test.namespace,
    brokers,
    registryUrl,
    clickhouseUrl,
    home,
    retentionMs: "-1",
  });
  const text = readFileSync(join(home, "credentials.json"), "utf8");
  return { home, credentials: JSON.parse(text) as Credentials };
}

/** A Redis client whose namespace's keys go with the test. */
export function namespaceRedis(namespace: string): Redis {
  const redis = new Redis(stack().redisUrl, { maxRetriesPerRequest: 2 });
  onTestFinished(async () => {
    const keys = await redis.keys(`{${namespace}:*`);
    if (keys.length > 0) await redis.del(...keys);
    redis.disconnect();
  });
  return redis;
}

export async function startDashboard(
  test: TestNamespace,
  env: Readonly<Record<string, string>> = {},
): Promise<Dashboard> {
  const prepared = await prepareCredentials(test);
  const redis = namespaceRedis(test.namespace);
  return openDashboard(test.namespace, prepared, redis, env);
}

/** Starts (or starts again) the dashboard of a prepared namespace. */
export async function openDashboard(
  namespace: string,
  prepared: { readonly home: string; readonly credentials: Credentials },
  redis: Redis,
  env: Readonly<Record<string, string>> = {},
  port?: number,
): Promise<Dashboard> {
  const service = await startService({
    ...(port === undefined ? {} : { port }),
    entry: "dashboard/server/src/main.ts",
    portVariable: "RISKWALL_DASHBOARD_PORT",
    env: { RISKWALL_NAMESPACE: namespace, LOG_LEVEL: "warn", ...env },
  });
  const { url } = service;
  const call = async (
    method: string,
    path: string,
    headers: HeadersInit,
    body?: unknown,
  ): Promise<Answer> => {
    const reply = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    const json: unknown =
      text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : {};
    return {
      status: reply.status,
      body: json as Record<string, unknown>,
      headers: reply.headers,
    };
  };
  const json = { "content-type": "application/json" };
  const { operator } = prepared.credentials;
  const signedIn = await call("POST", "/api/session", json, operator);
  const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
  return {
    ...prepared,
    service,
    url,
    redis,
    cookie,
    get: async (path, headers = { cookie }) => call("GET", path, headers),
    send: async (method, path, body, headers) =>
      call(
        method,
        path,
        headers ?? (body === undefined ? { cookie } : { ...json, cookie }),
        body,
      ),
    connect: (token, other = cookie) =>
      createLiveTestClient(url, token ?? null, other),
  };
}

export interface LiveTestClient {
  readonly socket: Socket;
  readonly deltas: LiveDelta[];
  readonly digests: LiveDigest[];
  readonly heartbeats: LiveHeartbeat[];
  readonly drains: { readonly retryAfterMs: number }[];
  /** Rows of a topic as this client knows them. */
  readonly rows: (topic: LiveTopic) => ReadonlyMap<string, Json>;
  readonly subscribe: (
    topic: LiveTopic,
    options?: { readonly id?: string; readonly have?: LiveHave },
  ) => Promise<SubscribeReply>;
  readonly connected: () => Promise<void>;
}

function createLiveTestClient(
  url: string,
  token: string | null,
  cookie: string,
): LiveTestClient {
  const socket = io(url, {
    path: "/live",
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    ...(token === null ? { extraHeaders: { cookie } } : { auth: { token } }),
  });
  onTestFinished(() => {
    socket.disconnect();
  });
  const deltas: LiveDelta[] = [];
  const digests: LiveDigest[] = [];
  const heartbeats: LiveHeartbeat[] = [];
  const drains: { retryAfterMs: number }[] = [];
  const state = new Map<string, Map<string, Json>>();
  const rowsOf = (topic: string): Map<string, Json> => {
    const known = state.get(topic) ?? new Map<string, Json>();
    state.set(topic, known);
    return known;
  };
  const take = (delta: LiveDelta): void => {
    deltas.push(delta);
    for (const op of delta.ops) {
      if (op.op === "set") rowsOf(delta.topic).set(op.key, op.value);
      else rowsOf(delta.topic).delete(op.key);
    }
  };
  socket.on("delta", take);
  socket.on("digest", (digest: LiveDigest) => digests.push(digest));
  socket.on("hb", (beat: LiveHeartbeat) => heartbeats.push(beat));
  socket.on("drain", (drain: { retryAfterMs: number }) => drains.push(drain));
  return {
    ...{ socket, deltas, digests, heartbeats, drains },
    rows: rowsOf,
    connected: async () =>
      new Promise((done, fail) => {
        if (socket.connected) {
          done();
          return;
        }
        socket.once("connect", done);
        socket.once("connect_error", fail);
      }),
    subscribe: async (topic, { id, have } = {}) => {
      const reply: SubscribeReply = await socket
        .timeout(10_000)
        .emitWithAck("subscribe", {
          topic,
          ...(id === undefined ? {} : { params: { id } }),
          ...(have === undefined ? {} : { have }),
        });
      if ("snapshot" in reply) {
        const rows = rowsOf(topic);
        rows.clear();
        for (const [key, row] of Object.entries(reply.snapshot.state)) {
          rows.set(key, row);
        }
      } else if ("deltas" in reply)
        for (const delta of reply.deltas) take(delta);
      return reply;
    },
  };
}
