/** Deliveries that are owed, in Redis: durable, shared by all instances. */
import type { RedisClient } from "@riskwall/schemas/redis-client";
import { z } from "zod";
import {
  deliveryStates,
  type DeliveryView,
} from "@riskwall/schemas/notify-views";
import { severities } from "../core/brief.ts";
import type { Outcome } from "../core/retry.ts";
import { notifyKeys } from "./keys.ts";
import {
  answerMax,
  claimMs,
  failoverMax,
  failsMax,
  keepSeconds,
  oneByOneMax,
  patienceMs,
  probeEveryMs,
} from "./limits.ts";
import { createRecent } from "./recent.ts";
import { luaScript } from "./router-store.ts";

/** At most `permits` messages in any `windowMs`. */
export interface Quota {
  readonly permits: number;
  readonly windowMs: number;
}

export interface ClaimRules {
  readonly quotas: readonly Quota[];
  /** Deliveries that one digest stands for at most; 0 = there is none. */
  readonly digestMax: number;
  /** Channel whose quota and circuit count; absent: its own. */
  readonly account?: string;
}

/** A delivery that is ours to send for `claimMs`. */
export interface Claimed {
  readonly id: string;
  readonly channel: string;
  /** Channel whose quota and circuit count. */
  readonly account: string;
  readonly kind: string;
  /** This try counted. */
  readonly attempts: number;
  readonly queuedAt: number;
  /** JSON notices: one, or those that a digest stands for. */
  readonly bodies: readonly string[];
}

export type Claim =
  | { readonly kind: "row"; readonly row: Claimed }
  | { readonly kind: "none" }
  /** The channel rests. */
  | { readonly kind: "wait"; readonly until: number };

/** What became of one try. */
export interface Verdict {
  readonly outcome: "ok" | "retry" | "config" | "payload";
  readonly why: string;
  /** The provider's words, as they came. */
  readonly answer: string;
  /** When it is tried again. */
  readonly dueAt: number;
  /** Until when the whole channel rests; 0 = not. */
  readonly pausedUntil: number;
}

const instant = z
  .string()
  .transform(Number)
  .transform((ms) => new Date(ms).toISOString());

const storedRow = z.object({
  channel: z.string(),
  kind: z.string(),
  severity: z.enum(severities),
  state: z.enum(deliveryStates),
  attempts: z.string().transform(Number),
  queuedAt: instant,
  sentAt: instant.optional(),
  acceptedAt: instant.optional(),
  seenAt: instant.optional(),
  deadAt: instant.optional(),
  why: z.string().optional(),
  answer: z.string().optional(),
  /** Digest that stands for it. */
  into: z.string().optional(),
  insteadOf: z.string().optional(),
  failedOverTo: z.string().optional(),
  /** Alerts it tells of; none for a digest, whose members have them. */
  alerts: z
    .string()
    .default("")
    .transform((text) => text.split("\n").filter((id) => id !== "")),
});

/** Null = any. */
export interface RecentFilter {
  readonly state: DeliveryView["state"] | null;
  readonly channel: string | null;
}

/** The last delivery of a page. */
export interface RecentPlace {
  /** When it was queued, ms. */
  readonly at: number;
  readonly id: string;
}

export interface Outbox {
  /** Channels that may have something due. */
  channels: () => Promise<readonly string[]>;
  claim: (channel: string, rules: ClaimRules, now: number) => Promise<Claim>;
  finish: (row: Claimed, verdict: Verdict, now: number) => Promise<void>;
  /** Hands what was not accepted in time to the next channel; their count. */
  failOver: (now: number) => Promise<number>;
  delivery: (id: string) => Promise<DeliveryView | null>;
  /** Deliveries of an alert, oldest first, and who acknowledged it. */
  ofAlert: (alertId: string) => Promise<{
    readonly deliveries: readonly DeliveryView[];
    readonly acknowledged: string | null;
  }>;
  /** Deliveries that fit, the latest first; `next` = where to go on. */
  recent: (
    filter: RecentFilter,
    from: RecentPlace | null,
    max: number,
  ) => Promise<{
    readonly items: readonly DeliveryView[];
    readonly next: RecentPlace | null;
  }>;
  /** Deliveries given up, the latest first. */
  dead: (max: number) => Promise<readonly DeliveryView[]>;
  resend: (id: string, now: number) => Promise<boolean>;
  /** Its link was opened; false when it tells of no such alert. */
  see: (id: string, alertId: string, now: number) => Promise<boolean>;
  /** Deliveries that wait or are being sent, by channel. */
  depth: () => Promise<ReadonlyMap<string, number>>;
  /** Health of a channel, as last seen. */
  health: (channel: string) => Promise<Readonly<Record<string, string>>>;
}

const textsShape = z.array(z.string());

export function createOutbox(redis: RedisClient, namespace: string): Outbox {
  const keys = notifyKeys(namespace);
  const claimScript = luaScript("./claim.lua");
  const finishScript = luaScript("./finish.lua");
  const failoverScript = luaScript("./failover.lua");
  const resendScript = luaScript("./resend.lua");
  const seeScript = luaScript("./see.lua");

  const channelKeys = (channel: string, account: string) => [
    keys.urgent(channel),
    keys.queue(channel),
    keys.channel(account),
  ];
  const delivery = async (id: string): Promise<DeliveryView | null> => {
    const stored = await redis.hgetall(keys.row(id));
    const parsed = storedRow.safeParse(stored);
    return parsed.success ? { id, ...parsed.data } : null;
  };
  const deliveries = async (
    ids: readonly string[],
  ): Promise<readonly DeliveryView[]> => {
    const all = await Promise.all(ids.map(delivery));
    return all.filter((row) => row !== null);
  };

  return {
    channels: async () => redis.smembers(keys.channels),
    claim: async (channel, rules, now) => {
      const { quotas, digestMax, account = channel } = rules;
      const answer = textsShape.parse(
        await redis.eval(
          claimScript,
          3,
          ...channelKeys(channel, account),
          ...[keys.tag, channel, String(now), String(now + claimMs)],
          ...[String(oneByOneMax), String(digestMax)],
          ...[String(failsMax), String(probeEveryMs)],
          ...quotas.flatMap(({ permits, windowMs }) => [
            String(permits),
            String(windowMs),
          ]),
        ),
      );
      const [kind, id = "", ...rest] = answer;
      if (kind === "NONE") return { kind: "none" };
      if (kind === "WAIT") return { kind: "wait", until: Number(id) };
      const [what = "", attempts, queuedAt, ...bodies] = rest;
      const counts = { attempts: Number(attempts), queuedAt: Number(queuedAt) };
      return {
        kind: "row",
        row: { id, channel, account, kind: what, ...counts, bodies },
      };
    },
    finish: async (row, verdict, now) => {
      await redis.eval(
        finishScript,
        3,
        ...channelKeys(row.channel, row.account),
        ...[keys.tag, row.id, String(row.attempts), verdict.outcome],
        ...[String(now), verdict.why, verdict.answer.slice(0, answerMax)],
        ...[String(verdict.dueAt), String(verdict.pausedUntil)],
        ...[String(keepSeconds), String(failsMax), String(probeEveryMs)],
      );
    },
    failOver: async (now) => {
      const made = await redis.eval(
        failoverScript,
        1,
        keys.failover,
        ...[keys.tag, String(now), String(patienceMs)],
        ...[String(failoverMax), String(keepSeconds)],
      );
      return textsShape.parse(made).length;
    },
    delivery,
    ofAlert: async (alertId) => {
      const { acknowledged, ...ids } = await redis.hgetall(keys.alert(alertId));
      const inOrder = Object.entries(ids).sort(
        ([a, atA], [b, atB]) => Number(atA) - Number(atB) || (a < b ? -1 : 1),
      );
      return {
        deliveries: await deliveries(inOrder.map(([id]) => id)),
        acknowledged: acknowledged ?? null,
      };
    },
    recent: createRecent(redis, keys.recent, delivery),
    dead: async (max) =>
      deliveries(await redis.zrevrange(keys.dead, 0, max - 1)),
    resend: async (id, now) =>
      (await redis.eval(
        resendScript,
        1,
        keys.dead,
        ...[keys.tag, id, String(now)],
      )) === 1,
    see: async (id, alertId, now) =>
      (await redis.eval(
        ...([seeScript, 1, keys.row(id), alertId, String(now)] as const),
      )) === 1,
    depth: async () => {
      const channels = await redis.smembers(keys.channels);
      const counts = await Promise.all(
        channels.map(
          async (channel) =>
            (await redis.zcard(keys.urgent(channel))) +
            (await redis.zcard(keys.queue(channel))),
        ),
      );
      return new Map(channels.map((name, i) => [name, counts[i] ?? 0]));
    },
    health: async (channel) => redis.hgetall(keys.channel(channel)),
  };
}

/** Ends of an outcome as the outbox keeps them. */
export function verdictOf(
  outcome: Outcome,
  when: {
    readonly now: number;
    readonly pauseMs: number;
    readonly givenUp: boolean;
    readonly answer: string;
  },
): Verdict {
  const { now, answer } = when;
  const base = { why: "", answer, dueAt: 0, pausedUntil: 0 };
  switch (outcome.kind) {
    case "ok":
      return { ...base, outcome: "ok" };
    case "retry":
      return {
        ...{ answer, why: outcome.why },
        outcome: when.givenUp ? "payload" : "retry",
        dueAt: now + when.pauseMs,
        pausedUntil: outcome.coolMs === undefined ? 0 : now + outcome.coolMs,
      };
    case "config":
    case "disable":
      return { ...base, outcome: "config", why: outcome.why };
    case "payload":
      return { ...base, outcome: "payload", why: outcome.why };
  }
}
