/** Sign-in: passwords against settings, sessions in Redis for twelve hours. */
import {
  createHash,
  randomBytes,
  scrypt,
  timingSafeEqual,
  type ScryptOptions,
} from "node:crypto";
import type { Redis } from "ioredis";
import { z } from "zod";
import type { Identity } from "../access.ts";
import { partAway } from "../problem.ts";
import type { Settings } from "./settings.ts";

export const sessionCookie = "riskwall_session";
export const sessionSeconds = 12 * 3600;
/** Sign-ins tried per user and address before a pause. */
export const attemptsMax = 10;
/** Sign-ins tried per address before a pause, whatever the user. */
export const attemptsPerAddressMax = 50;
/** The window both are counted in, and so the longest pause. */
export const attemptsWindowS = 300;

/** What a password is compared with when there is no such user. */
const nobodyHash = `scrypt$16384$8$1$${randomBytes(16).toString("base64")}$${randomBytes(32).toString("base64")}`;

const stored = z.object({
  user: z.string(),
  role: z.literal("operator"),
  /** Of the password's hash at sign-in: a new password ends the session. */
  stamp: z.string(),
});

export type SignIn =
  | { readonly kind: "session"; readonly token: string }
  | { readonly kind: "refused" }
  | { readonly kind: "paused"; readonly seconds: number };

export interface Sessions {
  signIn: (user: string, password: string, from: string) => Promise<SignIn>;
  signOut: (token: string) => Promise<void>;
  /** Identity of a session that is still valid and whose user still exists. */
  find: (token: string) => Promise<Identity | null>;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function derive(
  password: string,
  salt: Buffer,
  length: number,
  options: ScryptOptions,
): Promise<Buffer> {
  return new Promise((done, fail) => {
    scrypt(password, salt, length, options, (error, key) => {
      if (error) fail(error);
      else done(key);
    });
  });
}

/** True when the password has the hash `scrypt$N$r$p$salt$hash`. */
export async function isPassword(
  password: string,
  hashText: string,
): Promise<boolean> {
  const [scheme, n, r, p, salt, hash] = hashText.split("$");
  if (scheme !== "scrypt" || !salt || !hash) return false;
  const wanted = Buffer.from(hash, "base64");
  const options = { N: Number(n), r: Number(r), p: Number(p) };
  const made = await derive(
    password,
    Buffer.from(salt, "base64"),
    wanted.length,
    options,
  );
  return timingSafeEqual(made, wanted);
}

export function createSessions(
  redis: Redis,
  namespace: string,
  settings: Pick<Settings, "user">,
): Sessions {
  const tag = `{${namespace}:dash}`;
  const sessionKey = (token: string): string =>
    `${tag}:session:${sha256(token)}`;

  /** Seconds to wait, or 0: counts this attempt under every key. */
  const pause = async (user: string, from: string): Promise<number> => {
    const counters = [
      [`${tag}:tries:${sha256(`${user}\n${from}`)}`, attemptsMax],
      [`${tag}:tries:${sha256(from)}`, attemptsPerAddressMax],
    ] as const;
    for (const [key, max] of counters) {
      const count = await redis.incr(key);
      if (count === 1) await redis.expire(key, attemptsWindowS);
      if (count > max) return Math.max(1, await redis.ttl(key));
    }
    return 0;
  };

  const signIn = async (
    user: string,
    password: string,
    from: string,
  ): Promise<SignIn> => {
    const seconds = await pause(user, from);
    if (seconds > 0) return { kind: "paused", seconds };
    const known = settings.user(user);
    const right = await isPassword(password, known?.passwordHash ?? nobodyHash);
    if (!known || !right) return { kind: "refused" };
    const token = randomBytes(32).toString("base64url");
    const stamp = sha256(known.passwordHash);
    const value = JSON.stringify({ user, role: known.role, stamp });
    await redis.set(sessionKey(token), value, "EX", sessionSeconds);
    await redis.del(`${tag}:tries:${sha256(`${user}\n${from}`)}`);
    return { kind: "session", token };
  };

  const orAway = async <Value>(work: Promise<Value>): Promise<Value> =>
    work.catch((error: unknown) => {
      throw partAway("redis", error);
    });

  return {
    signIn: async (user, password, from) =>
      orAway(signIn(user, password, from)),
    signOut: async (token) => {
      await orAway(redis.del(sessionKey(token)));
    },
    find: async (token) => {
      if (token === "") return null;
      const text = await orAway(redis.get(sessionKey(token)));
      if (text === null) return null;
      const parsed = stored.safeParse(JSON.parse(text));
      if (!parsed.success) return null;
      const { user, role, stamp } = parsed.data;
      const known = settings.user(user);
      const same = known !== null && sha256(known.passwordHash) === stamp;
      return same ? { user, role } : null;
    },
  };
}
