/** Calendars of on call that programs subscribe to, as settings hold them. */
import { z } from "zod";
import { isSecretOf } from "./token-hash.ts";

const feed = z.object({
  id: z.string(),
  name: z.string(),
  hash: z.string(),
  of: z.object({ kind: z.enum(["schedule", "person"]), id: z.string() }),
  createdAt: z.string(),
  createdBy: z.string(),
  revokedAt: z.string().nullable(),
});
export type CalendarFeed = z.output<typeof feed>;

export interface CalendarFeeds {
  /** Takes a setting's value; what is of no known shape is removed. */
  put: (id: string, value: unknown) => void;
  list: () => readonly CalendarFeed[];
  find: (id: string) => CalendarFeed | null;
  /** The feed of a token that was not revoked; else null. */
  byToken: (text: string) => CalendarFeed | null;
}

const tokenPattern = /^rw_cal_([0-9a-f]{12})_([\w-]{20,80})$/;

export function createCalendarFeeds(): CalendarFeeds {
  const feeds = new Map<string, CalendarFeed>();
  return {
    put: (id, value) => {
      const parsed = feed.safeParse(value);
      if (parsed.success) feeds.set(id, parsed.data);
      else feeds.delete(id);
    },
    list: () => [...feeds.values()],
    find: (id) => feeds.get(id) ?? null,
    byToken: (text) => {
      const [, id = "", secret = ""] = tokenPattern.exec(text) ?? [];
      const found = feeds.get(id);
      if (!found || found.revokedAt !== null) return null;
      return isSecretOf(found.hash, secret) ? found : null;
    },
  };
}
