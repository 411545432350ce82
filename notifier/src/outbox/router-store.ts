/** The router's state in Redis: one writer by lease, each step stored whole. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import { z } from "zod";
import {
  restoreRouter,
  type Group,
  type RouterState,
  type Storm,
} from "../core/router-state.ts";
import { notifyKeys } from "./keys.ts";
import { keepSeconds, recentMax, leaseMs } from "./limits.ts";

/** Place in one partition of the alerts topic. */
export interface TopicPosition {
  /** Next offset of the topic. */
  readonly next: number;
  /** Position of the last output taken, to drop repeats; -1 = none. */
  readonly posOffset: number;
  readonly posN: number;
}

/** A delivery as the router writes it. */
export interface NewRow {
  readonly id: string;
  readonly channel: string;
  readonly kind: string;
  readonly severity: string;
  /** The notice, JSON. */
  readonly body: string;
  readonly at: number;
  /** When the next channel is asked unless this one accepts; 0 = never. */
  readonly failoverAt: number;
  readonly failover: readonly {
    readonly channel: string;
    readonly id: string;
  }[];
  readonly alerts: readonly string[];
  /** Escalation that made it; empty for none. */
  readonly chain: string;
}

export interface StepWork {
  readonly positions: readonly (readonly [number, TopicPosition])[];
  /** Null: removed. */
  readonly groups: readonly (readonly [string, Group | null])[];
  readonly storms: readonly (readonly [string, Storm])[];
  readonly rows: readonly NewRow[];
  readonly acknowledged: readonly (readonly [string, string])[];
  /** Escalations that ended because somebody took the alerts. */
  readonly stopped: readonly {
    readonly chain: string;
    readonly alerts: readonly string[];
  }[];
}

export interface Restored {
  readonly state: RouterState;
  readonly positions: Map<number, TopicPosition>;
  readonly step: number;
}

export interface RouterStore {
  /** Tries to become the one who routes. */
  lead: (owner: string, token: string) => Promise<boolean>;
  /** False once somebody else routes. */
  renew: (lease: string) => Promise<boolean>;
  load: () => Promise<Restored>;
  /** Stores step `from + 1`; false when somebody else routes. */
  commit: (lease: string, from: number, work: StepWork) => Promise<boolean>;
}

/** Text of a Lua script beside this file. */
export function luaScript(name: string): string {
  return readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8");
}

export function positionText(position: TopicPosition): string {
  const { next, posOffset, posN } = position;
  return `${String(next)} ${String(posOffset)} ${String(posN)}`;
}

/** Position of its stored text. */
export function parsePosition(text: string): TopicPosition {
  const [next = 0, posOffset = -1, posN = -1] = text.split(" ").map(Number);
  return { next, posOffset, posN };
}

/** What this service itself stored: checked for its outline only. */
const storedGroup = z.custom<Group>(
  (value) =>
    z.object({ id: z.string(), alerts: z.object({}) }).safeParse(value).success,
);
const storedStorm = z.object({
  births: z.array(z.number()),
  until: z.number(),
});

export function createRouterStore(
  redis: RedisClient,
  namespace: string,
): RouterStore {
  const keys = notifyKeys(namespace);
  const leadScript = luaScript("./lead.lua");
  const renewScript = luaScript("./renew.lua");
  const commitScript = luaScript("./commit.lua");
  const ms = String(leaseMs);
  return {
    lead: async (owner, token) =>
      (await redis.eval(leadScript, 1, keys.lease, owner, token, ms)) === 1,
    renew: async (lease) =>
      (await redis.eval(renewScript, 1, keys.lease, lease, ms)) === 1,
    load: async () => {
      const [groups, storms, positions, step] = await Promise.all([
        redis.hvals(keys.groups),
        redis.hgetall(keys.storms),
        redis.hgetall(keys.positions),
        redis.get(keys.step),
      ]);
      return {
        state: restoreRouter(
          groups.map((text) => storedGroup.parse(JSON.parse(text))),
          Object.entries(storms).map(([key, text]) => [
            key,
            storedStorm.parse(JSON.parse(text)),
          ]),
        ),
        positions: new Map(
          Object.entries(positions).map(([partition, text]) => [
            Number(partition),
            parsePosition(text),
          ]),
        ),
        step: Number(step ?? "0"),
      };
    },
    commit: async (lease, from, work) => {
      const json = JSON.stringify({
        positions: work.positions.map(([partition, position]) => [
          String(partition),
          positionText(position),
        ]),
        groups: work.groups.map(([id, group]) => [
          id,
          group === null ? "" : JSON.stringify(group),
        ]),
        storms: work.storms.map(([key, storm]) => [key, JSON.stringify(storm)]),
        rows: work.rows.map((row) => ({
          ...row,
          urgent: row.severity === "critical" ? 1 : 0,
          failover: JSON.stringify(row.failover),
        })),
        acknowledged: work.acknowledged,
        stopped: work.stopped,
      });
      const answer = await redis.eval(
        commitScript,
        2,
        ...[keys.lease, keys.step],
        ...[lease, String(from), String(from + 1)],
        ...[keys.tag, json, String(keepSeconds), String(recentMax)],
      );
      return answer === "OK" || answer === "DONE";
    },
  };
}
