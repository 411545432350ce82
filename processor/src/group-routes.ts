/** Groups on the processor's HTTP port, as all partitions stand now. */
import type {
  GroupDetailView,
  GroupMemberView,
  GroupView,
} from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import { logPartitions, partitionKeys } from "@riskwall/schemas/names";
import type { FastifyInstance } from "fastify";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import { groupsNow, type GroupNow } from "./core/portfolio-cut.ts";
import { problem } from "./http-problem.ts";
import type { StandingStates } from "./standing-states.ts";
import { roomView } from "./view.ts";

/** An answer is given again for so long. */
export const groupsMaxAgeMs = 2000;
/** Members that one answer names, the largest first. */
export const groupMembersMax = 200;
/** Groups of one page at most. */
export const groupsPageMax = 200;

export interface GroupRoutesDeps {
  readonly redis: RedisClient;
  readonly namespace: string;
  readonly now: () => number;
}

interface Seen {
  readonly at: number;
  readonly currency: string;
  readonly groups: ReadonlyMap<string, GroupNow>;
  /** Groups right below each. */
  readonly children: ReadonlyMap<string, readonly string[]>;
}

function childrenOf(groups: ReadonlyMap<string, GroupNow>): Seen["children"] {
  const children = new Map<string, string[]>();
  for (const [groupId, { entry }] of groups) {
    if (entry.parent === null) continue;
    const list = children.get(entry.parent);
    if (list) list.push(groupId);
    else children.set(entry.parent, [groupId]);
  }
  return children;
}

function groupView(groupId: string, group: GroupNow, seen: Seen): GroupView {
  const { entry, exposure, members, limit } = group;
  return {
    ...{ groupId, name: entry.name, parent: entry.parent },
    children: seen.children.get(groupId) ?? [],
    members,
    ...roomView(exposure, limit, seen.currency),
    currency: seen.currency,
    asOf: new Date(seen.at).toISOString(),
  };
}

/** Members of a group and of all below it, the largest first. */
function largestOf(groupId: string, seen: Seen): GroupMemberView[] {
  const below = new Set([groupId]);
  for (const id of below) {
    for (const child of seen.children.get(id) ?? []) below.add(child);
  }
  return [...below]
    .flatMap((id) =>
      (seen.groups.get(id)?.entry.top ?? []).map((item) => ({ id, ...item })),
    )
    .sort((a, b) => b.exposure - a.exposure)
    .slice(0, groupMembersMax)
    .map(({ id, customerId, exposure }) => ({
      ...{ customerId, groupId: id },
      exposure: formatMinor(exposure, seen.currency),
    }));
}

export function groupRoutes(
  app: FastifyInstance,
  states: StandingStates,
  deps: GroupRoutesDeps,
): void {
  let kept: { at: number; seen: Promise<Seen> } | null = null;

  const read = async (): Promise<Seen> => {
    const { env, now } = await states.present();
    const hashes = await Promise.all(
      Array.from({ length: logPartitions }, async (_, partition) =>
        deps.redis.hgetall(partitionKeys(deps.namespace, partition).groups),
      ),
    );
    const groups = groupsNow(hashes, env.rates);
    const { currency } = env.rules;
    return { at: now, currency, groups, children: childrenOf(groups) };
  };
  const seenNow = async (): Promise<Seen> => {
    if (kept && deps.now() - kept.at < groupsMaxAgeMs) return kept.seen;
    const seen = read();
    kept = { at: deps.now(), seen };
    // What failed is not kept; the caller is told.
    seen.catch(() => {
      kept = null;
    });
    return seen;
  };

  app.get<{ Querystring: { after?: string } }>(
    "/v1/groups",
    async (request) => {
      const { after = "" } = request.query;
      const seen = await seenNow();
      const left = [...seen.groups].filter(([groupId]) => groupId > after);
      const page = left.slice(0, groupsPageMax);
      const last = page.at(-1)?.[0] ?? null;
      return {
        items: page.map(([groupId, group]) => groupView(groupId, group, seen)),
        next: left.length > page.length ? last : null,
      };
    },
  );

  app.get<{ Params: { id: string } }>(
    "/v1/groups/:id",
    async (request, reply) => {
      const { id } = request.params;
      const seen = await seenNow();
      const group = seen.groups.get(id);
      if (group) {
        const view: GroupDetailView = {
          ...groupView(id, group, seen),
          largest: largestOf(id, seen),
        };
        return view;
      }
      return reply
        .status(404)
        .type("application/problem+json")
        .send(problem(404, "group_unknown", "No such group"));
    },
  );
}
