/** The notifier's HTTP port: on call, as it routes by it. */
import { z } from "zod";
import type { NotifierCall } from "./notifier-call.ts";

/** The notifier itself waits 3 s for a setting. */
const reachMs = 5000;

const item = z.looseObject({});
const person = z.object({ id: z.string(), name: z.string(), user: z.string() });
export type DutyPerson = z.output<typeof person>;

const watchShape = z.object({ items: z.array(item), people: z.array(person) });
const scheduleShape = z.looseObject({ items: z.array(item) });
const foreseenShape = z.object({ items: z.array(item), next: z.null() });

const share = {
  ...{ id: z.string(), schedule: z.string(), reason: z.string() },
  ...{ from: z.string(), to: z.string() },
  ...{ createdBy: z.string(), createdAt: z.string() },
};
const override = z.object({ ...share, person: z.string() });
const swap = z.object({
  ...share,
  gives: z.string(),
  takes: z.string().nullable(),
});
export type Override = z.output<typeof override>;
export type Swap = z.output<typeof swap>;

const sharesShape = z.object({
  overrides: z.array(override),
  swaps: z.array(swap),
});
export type StandingShares = z.output<typeof sharesShape>;

const checkShape = z.object({
  problems: z.array(
    z.object({ path: z.string(), code: z.string(), message: z.string() }),
  ),
});
export type ShareProblem = z.output<typeof checkShape>["problems"][number];

export type CalendarOf = Readonly<{ kind: "schedule" | "person"; id: string }>;

/** Every call throws 503 when nobody answers, and what the notifier refused. */
export interface NotifierDuty {
  /** Who is on call now and next, per schedule, and all people. */
  watch: () => Promise<z.output<typeof watchShape>>;
  schedule: (
    id: string,
    range: { readonly from?: string | undefined; readonly days: number },
  ) => Promise<object>;
  simulate: (example: object) => Promise<object>;
  /** Overrides and swaps that have not ended. */
  shares: () => Promise<StandingShares>;
  /** What is wrong with one that somebody wants to write. */
  check: (
    kind: "override" | "swap",
    share: object,
  ) => Promise<readonly ShareProblem[]>;
  calendar: (of: CalendarOf) => Promise<string>;
  /** True once the notifier goes by the setting at an offset; false if late. */
  reached: (offset: number) => Promise<boolean>;
}

const reachedShape = z.object({ reached: z.literal(true) });
export function connectNotifierDuty(call: NotifierCall): NotifierDuty {
  const read = async <Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    body?: object,
  ): Promise<z.output<Schema>> =>
    call(path, async (reply) => schema.parse(await reply.json()), { body });
  const named = (id: string): string => encodeURIComponent(id);
  return {
    watch: async () => read(watchShape, "/v1/oncall"),
    schedule: async (id, { from, days }) => {
      const query = new URLSearchParams({ days: String(days) });
      if (from !== undefined) query.set("from", from);
      return read(scheduleShape, `/v1/oncall/${named(id)}?${query.toString()}`);
    },
    simulate: async (example) =>
      read(foreseenShape, "/v1/oncall/simulate", example),
    shares: async () => read(sharesShape, "/v1/shares"),
    check: async (kind, wanted) => {
      const body = { kind, share: wanted };
      return (await read(checkShape, "/v1/shares/check", body)).problems;
    },
    calendar: async ({ kind, id }) => {
      const of = kind === "schedule" ? "oncall" : "people";
      return call(`/v1/${of}/${named(id)}/calendar.ics`, async (reply) =>
        reply.text(),
      );
    },
    reached: async (offset) => {
      const path = `/v1/settings/reached/${String(offset)}`;
      // The setting is written; that the notifier is away makes it late only.
      const answer = call(
        path,
        async (reply) => reachedShape.safeParse(await reply.json()).success,
        { waitMs: reachMs },
      );
      return answer.catch(() => false);
    },
  };
}
