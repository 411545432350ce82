/** On call in memory: people and shares, written and read at once. */
import type { Caller, Role } from "../access.ts";
import type { Deed } from "../audit/trail.ts";
import type {
  NotifierDuty,
  Override,
  ShareProblem,
  Swap,
} from "../io/notifier-duty.ts";
import { Problem } from "../problem.ts";

export function caller(user: string, role: Role): Caller {
  return { user, role, address: "::1", requestId: "r" };
}

export function createMemoryDuty() {
  const overrides = new Map<string, Override>();
  const swaps = new Map<string, Swap>();
  const written: [string, object | null][] = [];
  const deeds: (Deed & { readonly actor: string })[] = [];
  const refused: string[] = [];
  const state: { problems: ShareProblem[] } = { problems: [] };
  const put = (key: string, value: object | null): void => {
    const [kind, id = ""] = key.split(":");
    const map = kind === "swap" ? swaps : overrides;
    // One cast: the test's own writes come back.
    if (value === null) map.delete(id);
    else map.set(id, value as never);
  };
  const people = [
    { id: "li", name: "李雷", user: "li" },
    { id: "han", name: "韩梅梅", user: "hmm" },
  ];
  const duty: NotifierDuty = {
    watch: async () => Promise.resolve({ items: [], people }),
    shares: async () =>
      Promise.resolve({
        overrides: [...overrides.values()],
        swaps: [...swaps.values()],
      }),
    check: async () => Promise.resolve(state.problems),
    schedule: async () => Promise.resolve({}),
    simulate: async () => Promise.resolve({}),
    calendar: async ({ kind, id }) =>
      id === "gone"
        ? Promise.reject(new Problem(404, `${kind}_unknown`, "No such"))
        : Promise.resolve(`calendar of ${kind} ${id}`),
    reached: async () => Promise.resolve(true),
  };
  return {
    ...{ duty, written, deeds, refused, state },
    writer: {
      setting: async (key: string, value: object | null) => {
        written.push([key, value]);
        put(key, value);
        return Promise.resolve(written.length);
      },
    },
    audit: {
      done: async (who: Caller, deed: Deed) => {
        deeds.push({ ...deed, actor: who.user });
        return Promise.resolve();
      },
      refused: async (who: Caller, what: string) => {
        refused.push(`${who.user} ${what}`);
        return Promise.resolve();
      },
    },
  };
}
