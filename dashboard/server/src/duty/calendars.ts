/**
 * Calendars of on call that a calendar program reads without a session: a
 * secret in the address, kept as a hash, revocable. A calendar shows on as long
 * as the user who made it may take figures away.
 */
import { randomBytes } from "node:crypto";
import { may, type Caller } from "../access.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { CalendarFeed } from "../io/calendar-feeds.ts";
import type { CalendarOf, NotifierDuty } from "../io/notifier-duty.ts";
import type { Settings } from "../io/settings.ts";
import { hashOfSecret } from "../io/token-hash.ts";
import { Problem } from "../problem.ts";

/** Calendars of one user in force at the same time at most. */
export const calendarsMax = 20;

/** A calendar as pages see it: without its hash. */
export type CalendarView = Omit<CalendarFeed, "id" | "hash"> & {
  readonly calendarId: string;
  /** How the token begins: to know it again. */
  readonly prefix: string;
};

export interface Calendars {
  /** One's own, for administrators everybody's; the newest first. */
  list: (who: Caller) => readonly CalendarView[];
  create: (
    who: Caller,
    wanted: { readonly name: string; readonly of: CalendarOf },
  ) => Promise<CalendarView & { readonly url: string }>;
  revoke: (who: Caller, id: string) => Promise<void>;
  /** Text of the calendar of a token; 404 for one that is not in force. */
  read: (token: string) => Promise<string>;
}

export interface CalendarsDeps {
  readonly settings: Pick<Settings, "calendars" | "user">;
  readonly duty: Pick<NotifierDuty, "watch" | "calendar">;
  readonly audit: Pick<AuditTrail, "done" | "refused">;
  readonly putFeed: (feed: CalendarFeed) => Promise<void>;
  readonly publicUrl: string;
  readonly now: () => number;
}

const prefixOf = (id: string): string => `rw_cal_${id}`;

function viewOf({ id, hash: _, ...rest }: CalendarFeed): CalendarView {
  return { calendarId: id, prefix: prefixOf(id), ...rest };
}

const facts = ({ name, of }: CalendarFeed): object => ({ name, of });

export function createCalendars(deps: CalendarsDeps): Calendars {
  const { settings, duty, audit } = deps;
  const { calendars } = settings;
  const iso = (): string => new Date(deps.now()).toISOString();
  const mayRead = ({ createdBy }: CalendarFeed): boolean => {
    const user = settings.user(createdBy);
    return user !== null && !user.disabled && may(user, "export");
  };
  const isTheirs = (who: Caller, feed: CalendarFeed): boolean =>
    feed.createdBy === who.user || may(who, "configure");

  return {
    list: (who) =>
      calendars
        .list()
        .filter((feed) => isTheirs(who, feed))
        .map(viewOf)
        .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)),
    create: async (who, { name, of }) => {
      const mine = calendars
        .list()
        .filter((one) => one.createdBy === who.user && one.revokedAt === null);
      if (mine.length >= calendarsMax) {
        throw new Problem(409, "too_many_calendars", "Revoke a calendar first");
      }
      // Answers 404 where there is no such schedule or person.
      await duty.calendar(of);
      const secret = randomBytes(32).toString("base64url");
      const feed: CalendarFeed = {
        id: randomBytes(6).toString("hex"),
        hash: hashOfSecret(secret),
        ...{ name, of, createdAt: iso(), createdBy: who.user },
        revokedAt: null,
      };
      await deps.putFeed(feed);
      await audit.done(who, {
        ...{ action: "calendar.create", targetKind: "calendar" },
        ...{ targetId: feed.id, after: facts(feed) },
      });
      const token = `${prefixOf(feed.id)}_${secret}`;
      const url = `${deps.publicUrl}/calendars/${token}.ics`;
      return { ...viewOf(feed), url };
    },
    revoke: async (who, id) => {
      const feed = calendars.find(id);
      if (!feed || !isTheirs(who, feed)) {
        throw new Problem(404, "calendar_unknown", "No such calendar");
      }
      if (feed.revokedAt !== null) {
        throw new Problem(409, "calendar_revoked", "It was revoked");
      }
      await deps.putFeed({ ...feed, revokedAt: iso() });
      await audit.done(who, {
        ...{ action: "calendar.revoke", targetKind: "calendar" },
        ...{ targetId: id, before: facts(feed) },
      });
    },
    read: async (token) => {
      const feed = calendars.byToken(token);
      if (feed && mayRead(feed)) return duty.calendar(feed.of);
      throw new Problem(404, "calendar_unknown", "No such calendar");
    },
  };
}
