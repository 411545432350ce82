/** Every delivery, the latest first, page by page. */
import type { DeliveryView } from "@riskwall/schemas/notify-views";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import { lookMax } from "./limits.ts";
import type { Outbox, RecentPlace } from "./outbox.ts";

/** Deliveries looked at in one round. */
const stepMax = 200;

/** Ids with their times, from `place` on, that one included. */
async function readStep(
  redis: RedisClient,
  key: string,
  place: RecentPlace | null,
  offset: number,
): Promise<readonly RecentPlace[]> {
  const flat = await redis.zrevrangebyscore(
    ...([key, place?.at ?? "+inf", "-inf", "WITHSCORES"] as const),
    ...(["LIMIT", offset, stepMax] as const),
  );
  return Array.from({ length: flat.length / 2 }, (_, i) => ({
    id: flat[2 * i] ?? "",
    at: Number(flat[2 * i + 1]),
  }));
}

/** Of the same instant, Redis gives the greater id first. */
const isAfter = ({ at, id }: RecentPlace, place: RecentPlace): boolean =>
  at < place.at || (at === place.at && id < place.id);

/** Reads until a page is full, the end is met, or enough was looked at. */
export function createRecent(
  redis: RedisClient,
  key: string,
  read: (id: string) => Promise<DeliveryView | null>,
): Outbox["recent"] {
  return async ({ state, channel }, from, max) => {
    const items: DeliveryView[] = [];
    let looked = 0;
    for (let offset = 0; ; offset += stepMax) {
      const step = await readStep(redis, key, from, offset);
      const fresh = step.filter((it) => from === null || isAfter(it, from));
      const rows = await Promise.all(fresh.map(async ({ id }) => read(id)));
      for (const [i, row] of rows.entries()) {
        if (row === null) continue;
        if (state !== null && row.state !== state) continue;
        if (channel !== null && row.channel !== channel) continue;
        items.push(row);
        if (items.length === max) return { items, next: fresh[i] ?? null };
      }
      if (step.length < stepMax) return { items, next: null };
      looked += fresh.length;
      if (looked >= lookMax) return { items, next: fresh.at(-1) ?? null };
    }
  };
}
