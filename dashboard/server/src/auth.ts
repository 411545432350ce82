/** Sign-in: users and tokens from settings, sessions in Redis. */
import {
  createHash,
  randomBytes,
  scryptSync,
  timingSafeEqual,
} from "node:crypto";
import type { Redis } from "ioredis";
import { z } from "zod";

export const sessionCookie = "riskwall_session";
const sessionSeconds = 12 * 3600;
/** Wrong passwords per user before a pause, and the pause. */
const attemptsMax = 10;
const attemptsPauseMs = 60_000;

const user = z.object({
  user: z.string(),
  role: z.string(),
  passwordHash: z.string(),
});
const token = z.object({
  id: z.string(),
  hash: z.string(),
  scopes: z.array(z.string()).default([]),
  revokedAt: z.string().nullable(),
});

export interface Identity {
  readonly user: string;
  readonly role: "operator" | "reader";
}

export interface Auth {
  onSetting: (key: string, value: unknown) => void;
  /** A new session's token, null on wrong credentials, "paused" on too many. */
  signIn: (name: string, password: string) => Promise<string | null | "paused">;
  signOut: (session: string) => Promise<void>;
  bySession: (session: string) => Promise<Identity | null>;
  byToken: (text: string) => Identity | null;
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function isPassword(password: string, stored: string): boolean {
  const [scheme, n, r, p, salt, hash] = stored.split("$");
  if (scheme !== "scrypt" || !salt || !hash) return false;
  const wanted = Buffer.from(hash, "base64");
  const options = { N: Number(n), r: Number(r), p: Number(p) };
  const made = scryptSync(
    password,
    Buffer.from(salt, "base64"),
    wanted.length,
    options,
  );
  return timingSafeEqual(made, wanted);
}

export function createAuth(
  redis: Redis,
  namespace: string,
  now: () => number,
): Auth {
  const users = new Map<string, z.infer<typeof user>>();
  const tokens = new Map<string, z.infer<typeof token>>();
  const attempts = new Map<string, { count: number; until: number }>();
  const key = (session: string): string =>
    `{${namespace}:dash}:session:${sha256(session).toString("hex")}`;
  return {
    onSetting: (name, value) => {
      const [kind, id = ""] = name.split(/:(.*)/s);
      if (kind === "user") {
        const parsed = user.safeParse(value);
        if (parsed.success) users.set(id, parsed.data);
        else users.delete(id);
      } else if (kind === "walltoken" || kind === "apikey") {
        const parsed = token.safeParse(value);
        if (parsed.success) tokens.set(id, parsed.data);
        else tokens.delete(id);
      }
    },
    signIn: async (name, password) => {
      const tried = attempts.get(name) ?? { count: 0, until: 0 };
      if (tried.until > now()) return "paused";
      const found = users.get(name);
      if (!found || !isPassword(password, found.passwordHash)) {
        const count = tried.count + 1;
        const until = count >= attemptsMax ? now() + attemptsPauseMs : 0;
        attempts.set(name, { count: until > 0 ? 0 : count, until });
        return null;
      }
      attempts.delete(name);
      const session = randomBytes(32).toString("base64url");
      const identity = JSON.stringify({ user: name, role: "operator" });
      await redis.set(key(session), identity, "EX", sessionSeconds);
      return session;
    },
    signOut: async (session) => {
      await redis.del(key(session));
    },
    bySession: async (session) => {
      const text = await redis.get(key(session));
      return text === null ? null : (JSON.parse(text) as Identity);
    },
    byToken: (text) => {
      const match = /^rw_(wall|live|test)_([0-9a-f]{12})_([\w-]{20,80})$/.exec(
        text,
      );
      const found = match?.[2] === undefined ? undefined : tokens.get(match[2]);
      if (!found || found.revokedAt !== null) return null;
      const hash = sha256(match?.[3] ?? "");
      const wanted = Buffer.from(found.hash, "hex");
      const right =
        hash.length === wanted.length && timingSafeEqual(hash, wanted);
      const mayRead =
        match?.[1] === "wall" || found.scopes.includes("orders:read");
      return right && mayRead
        ? { user: `${match?.[1] ?? ""}:${found.id}`, role: "reader" }
        : null;
    },
  };
}
