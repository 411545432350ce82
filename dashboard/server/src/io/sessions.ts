/**
 * Sessions in Redis, by the hash of their token. One ends by sign-out, by
 * revocation, `sessionIdleS` after its last request or open page, and
 * `sessionMaxS` after sign-in whatever happens. Who it belongs to and what the
 * person may do is asked of the settings each time.
 */
import { createHash, randomBytes } from "node:crypto";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import { z } from "zod";
import type { Identity } from "../access.ts";
import { partAway } from "../problem.ts";
import type { Settings, User } from "./settings.ts";

export const sessionMaxS = 12 * 3600;
export const sessionIdleS = 30 * 60;
/** How exactly the last use is known; spares a write per request. */
const touchEveryS = 30;
/** Sessions of one person at the same time; the oldest ends. */
export const sessionsMax = 20;

const stored = z.object({
  id: z.string(),
  user: z.string(),
  /** Of the user at sign-in: a new password ends the session. */
  stamp: z.string(),
  createdAt: z.number(),
  seenAt: z.number(),
  address: z.string(),
  agent: z.string(),
  how: z.enum(["password", "oidc"]),
});
type Stored = z.output<typeof stored>;

/** A session as people see it: without its token. */
export interface SessionView {
  readonly id: string;
  readonly createdAt: string;
  readonly seenAt: string;
  readonly address: string;
  readonly agent: string;
  readonly how: "password" | "oidc";
}

export interface Opening {
  readonly address: string;
  readonly agent: string;
  readonly how: "password" | "oidc";
}

export interface Sessions {
  /** Opens one and answers its token, which is stored nowhere. */
  open: (user: User, opening: Opening) => Promise<string>;
  /** Identity of a session that still holds; marks it as used. */
  find: (token: string) => Promise<Identity | null>;
  list: (user: string) => Promise<SessionView[]>;
  /** Ends one session of a user by its id; false when there is none. */
  end: (user: string, id: string) => Promise<boolean>;
  /** Ends all sessions of a user but one; answers how many. */
  endAll: (user: string, but?: string) => Promise<number>;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What a session remembers of its user's password. */
function stampOf(user: User): string {
  return user.stamp === "" ? sha256(user.passwordHash ?? "") : user.stamp;
}

function parse(text: string | null): Stored | null {
  if (text === null) return null;
  const parsed = stored.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

function view(session: Stored): SessionView {
  const { id, createdAt, seenAt, address, agent, how } = session;
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    ...{ id, address, agent, how },
    createdAt: iso(createdAt),
    seenAt: iso(seenAt),
  };
}

/** Whole seconds a session may still live unused; not above 0 = it is over. */
export function secondsLeft(createdAt: number, nowMs: number): number {
  const left = sessionMaxS - Math.floor((nowMs - createdAt) / 1000);
  return Math.min(sessionIdleS, left);
}

export function createSessions(
  redis: RedisClient,
  namespace: string,
  settings: Pick<Settings, "user">,
  now: () => number,
): Sessions {
  const tag = `{${namespace}:dash}`;
  const sessionKey = (id: string): string => `${tag}:session:${id}`;
  /** Sorted set of a user's sessions by beginning. */
  const indexKey = (user: string): string => `${tag}:sessions:${sha256(user)}`;
  // A session is known by the hash of its token: who reads Redis has no token.
  const idOf = (token: string): string => sha256(token);

  const write = async (session: Stored): Promise<void> => {
    const left = secondsLeft(session.createdAt, now());
    if (left <= 0) return;
    const text = JSON.stringify(session);
    await redis.set(sessionKey(session.id), text, "EX", left);
  };

  const drop = async (
    user: string,
    ids: readonly string[],
  ): Promise<number> => {
    if (ids.length === 0) return 0;
    await redis.zrem(indexKey(user), ...ids);
    return redis.del(...ids.map(sessionKey));
  };

  const open: Sessions["open"] = async (user, opening) => {
    const token = randomBytes(32).toString("base64url");
    const at = now();
    const id = idOf(token);
    await write({
      ...{ id, user: user.user, stamp: stampOf(user) },
      ...{ createdAt: at, seenAt: at, how: opening.how },
      address: opening.address,
      agent: opening.agent.slice(0, 200),
    });
    const index = indexKey(user.user);
    await redis.zadd(index, at, id);
    await redis.expire(index, sessionMaxS);
    await drop(
      user.user,
      await redis.zrange(index, 0, String(-sessionsMax - 1)),
    );
    return token;
  };

  const find: Sessions["find"] = async (token) => {
    if (token === "") return null;
    const session = parse(await redis.get(sessionKey(idOf(token))));
    const user = session && settings.user(session.user);
    if (!user || user.disabled || session.stamp !== stampOf(user)) return null;
    if (secondsLeft(session.createdAt, now()) <= 0) return null;
    if (now() - session.seenAt > touchEveryS * 1000) {
      await write({ ...session, seenAt: now() });
    }
    const { role, mustChange } = user;
    return { user: user.user, role, mustChange, session: session.id };
  };

  const list = async (name: string): Promise<SessionView[]> => {
    const ids = await redis.zrevrange(indexKey(name), 0, "-1");
    if (ids.length === 0) return [];
    const texts = await redis.mget(...ids.map(sessionKey));
    const user = settings.user(name);
    return texts
      .map(parse)
      .filter((session) => session !== null)
      .filter((session) => user && session.stamp === stampOf(user))
      .map(view);
  };

  const orAway = async <Value>(work: Promise<Value>): Promise<Value> =>
    work.catch((error: unknown) => {
      throw partAway("redis", error);
    });

  return {
    open: async (user, opening) => orAway(open(user, opening)),
    find: async (token) => orAway(find(token)),
    list: async (user) => orAway(list(user)),
    end: async (user, id) => {
      const own = await orAway(redis.zscore(indexKey(user), id));
      return own !== null && (await orAway(drop(user, [id]))) > 0;
    },
    endAll: async (user, but) => {
      const ids = await orAway(redis.zrange(indexKey(user), 0, "-1"));
      return orAway(
        drop(
          user,
          ids.filter((id) => id !== but),
        ),
      );
    },
  };
}
