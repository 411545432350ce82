/**
 * Overrides and swaps, written to the settings as the notifier reads them. Who
 * operates decides about their own shifts, an administrator about everybody's:
 *
 *   override: taken for oneself; removed by whom it puts on call or who made it
 *   swap:     offered by whom the shift is; taken by anybody for themselves;
 *             withdrawn by whom it is from, as it puts them on call again
 */
import { randomBytes } from "node:crypto";
import { may, type Caller } from "../access.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { LogWriter } from "../io/kafka.ts";
import type {
  DutyPerson,
  NotifierDuty,
  Override,
  Swap,
} from "../io/notifier-duty.ts";
import { Problem } from "../problem.ts";
import { createTurns } from "./turns.ts";

export interface ShareFields {
  readonly schedule: string;
  /** RFC 3339 instants. */
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}
/** What the caller may do with one. */
export type OverrideView = Override & { readonly mayRemove: boolean };
export type SwapView = Swap & {
  readonly mayTake: boolean;
  readonly mayRemove: boolean;
};

export interface Shares {
  list: (who: Caller) => Promise<{
    readonly overrides: readonly OverrideView[];
    readonly swaps: readonly SwapView[];
  }>;
  override: (
    who: Caller,
    wanted: ShareFields & { readonly person: string },
  ) => Promise<Override>;
  removeOverride: (who: Caller, id: string) => Promise<void>;
  offer: (
    who: Caller,
    wanted: ShareFields & {
      readonly gives: string;
      readonly takes: string | null;
    },
  ) => Promise<Swap>;
  /** `person`: who takes it; null = the caller. */
  take: (who: Caller, id: string, person: string | null) => Promise<Swap>;
  withdraw: (who: Caller, id: string) => Promise<void>;
}

export interface SharesDeps {
  readonly duty: NotifierDuty;
  readonly writer: Pick<LogWriter, "setting">;
  readonly audit: Pick<AuditTrail, "done" | "refused">;
  readonly now: () => number;
}

/** People of the on-call file that a user is. */
export function peopleOf(
  { user }: Caller,
  people: readonly DutyPerson[],
): readonly string[] {
  return people.filter((one) => one.user === user).map(({ id }) => id);
}

export function createShares(deps: SharesDeps): Shares {
  const { duty, audit } = deps;
  // What is read and then written is so by one after the other.
  const turns = createTurns();

  const write = async (key: string, value: object | null): Promise<void> => {
    const offset = await deps.writer.setting(key, value);
    await duty.reached(offset);
  };
  const mineOf = async (who: Caller): Promise<readonly string[]> =>
    peopleOf(who, (await duty.watch()).people);
  /** 403 for an operator who decides about somebody else. */
  const own = async (
    who: Caller,
    what: string,
    isOwn: (mine: readonly string[]) => boolean,
  ): Promise<void> => {
    if (may(who, "configure") || isOwn(await mineOf(who))) return;
    await audit.refused(who, what, "configure");
    const title = "This is about somebody else: an administrator may";
    throw new Problem(403, "not_yours", title, { roles: ["administrator"] });
  };
  const check = async (
    kind: "override" | "swap",
    share: object,
  ): Promise<void> => {
    const problems = await duty.check(kind, share);
    const [first] = problems;
    if (!first) return;
    const { code, message, path } = first;
    throw new Problem(422, code, message, { path, problems });
  };
  const made = (who: Caller, wanted: ShareFields) => ({
    schedule: wanted.schedule,
    from: new Date(wanted.from).toISOString(),
    to: new Date(wanted.to).toISOString(),
    ...{ reason: wanted.reason, createdBy: who.user },
    createdAt: new Date(deps.now()).toISOString(),
  });
  const newId = (letter: string): string =>
    `${letter}-${randomBytes(6).toString("hex")}`;
  const findOverride = async (id: string): Promise<Override> => {
    const { overrides } = await duty.shares();
    const found = overrides.find((one) => one.id === id);
    if (found) return found;
    throw new Problem(404, "override_unknown", "No such override that goes on");
  };
  const findSwap = async (id: string): Promise<Swap> => {
    const { swaps } = await duty.shares();
    const found = swaps.find((one) => one.id === id);
    if (found) return found;
    throw new Problem(404, "swap_unknown", "No such swap that goes on");
  };
  const note = async (
    who: Caller,
    action: string,
    id: string,
    sides: { readonly before?: object; readonly after?: object },
    reason: string | null = null,
  ): Promise<void> => {
    const [targetKind = ""] = action.split(".");
    const deed = { action, targetKind, targetId: id, ...sides };
    await audit.done(who, { ...deed, reason: reason === "" ? null : reason });
  };

  return {
    list: async (who) => {
      const [shares, mine] = await Promise.all([duty.shares(), mineOf(who)]);
      const all = may(who, "configure");
      const acts = may(who, "operate");
      const hers = (person: string, maker: string): boolean =>
        acts && (all || maker === who.user || mine.includes(person));
      return {
        overrides: shares.overrides.map((one) => {
          return { ...one, mayRemove: hers(one.person, one.createdBy) };
        }),
        swaps: shares.swaps.map((one) => ({
          ...one,
          mayRemove: acts && (all || mine.includes(one.gives)),
          mayTake:
            one.takes === null && acts && mine.some((id) => id !== one.gives),
        })),
      };
    },
    override: async (who, wanted) => {
      const { person } = wanted;
      await own(who, "POST /api/oncall/overrides", (mine) =>
        mine.includes(person),
      );
      const override = { id: newId("o"), person, ...made(who, wanted) };
      await turns.take(async () => {
        await check("override", override);
        await write(`override:${override.id}`, override);
      });
      const { id, reason, ...after } = override;
      await note(who, "override.create", id, { after }, reason);
      return override;
    },
    removeOverride: async (who, id) => {
      const override = await findOverride(id);
      const { person, createdBy } = override;
      await own(
        who,
        "DELETE /api/oncall/overrides/:id",
        (mine) => createdBy === who.user || mine.includes(person),
      );
      await turns.take(async () => write(`override:${id}`, null));
      await note(who, "override.remove", id, { before: override });
    },
    offer: async (who, wanted) => {
      const { gives, takes } = wanted;
      // Only an administrator says who takes it.
      await own(
        who,
        "POST /api/oncall/swaps",
        (mine) => takes === null && mine.includes(gives),
      );
      const swap = { id: newId("s"), gives, takes, ...made(who, wanted) };
      await turns.take(async () => {
        await check("swap", swap);
        await write(`swap:${swap.id}`, swap);
      });
      const { id, reason, ...after } = swap;
      await note(who, "swap.offer", id, { after }, reason);
      return swap;
    },
    take: async (who, id, asked) =>
      turns.take(async () => {
        const mine = await mineOf(who);
        const person = asked ?? mine[0];
        if (person === undefined) {
          const title = "Say who takes it: you are nobody of the schedules";
          throw new Problem(422, "person_wanted", title, { path: "person" });
        }
        await own(who, "POST /api/oncall/swaps/:id/take", (own) =>
          own.includes(person),
        );
        const before = await findSwap(id);
        if (before.takes !== null) {
          const current = { takes: before.takes };
          const title = "Somebody took it already";
          throw new Problem(409, "swap_taken", title, { current });
        }
        const after = { ...before, takes: person };
        await check("swap", after);
        await write(`swap:${id}`, after);
        await note(who, "swap.take", id, { before, after });
        return after;
      }),
    withdraw: async (who, id) =>
      turns.take(async () => {
        const swap = await findSwap(id);
        await own(who, "DELETE /api/oncall/swaps/:id", (mine) =>
          mine.includes(swap.gives),
        );
        await write(`swap:${id}`, null);
        await note(who, "swap.withdraw", id, { before: swap });
      }),
  };
}
