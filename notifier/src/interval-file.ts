/** Time intervals and calendars as people write them (Alertmanager). */
import { z } from "zod";
import type { Range, TimeInterval } from "./core/time-intervals.ts";

const minuteOf = (text: string): number => {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return hours * 60 + minutes;
};
const time = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/)
  .transform(minuteOf);
const weekdayNames = [
  "sunday",
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
];
const monthNames = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];

/** `monday:friday`, `1:15`, `-1`, `march`; both ends in it. */
function rangesOf(names: readonly string[], first: number) {
  return z.array(z.string()).transform((texts, context): Range[] =>
    texts.map((text) => {
      const [from, to = from] = text.split(":").map((part) => {
        const at = names.indexOf(part.toLowerCase());
        return at >= 0 ? at + first : Number(part);
      });
      if (from === undefined || !Number.isInteger(from + (to ?? 0))) {
        context.addIssue({ code: "custom", message: `${text} is no range` });
      }
      return { from: from ?? 0, to: to ?? 0 };
    }),
  );
}

/** Name of a time zone, IANA. */
export const zone = z.string().refine(
  (text) => {
    try {
      new Intl.DateTimeFormat("en", { timeZone: text });
      return true;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  },
  { error: "not a time zone" },
);

/** One time interval. */
export const interval = z
  .object({
    times: z
      .array(
        z
          .object({ start_time: time, end_time: time })
          .transform(({ start_time: from, end_time: to }) => ({ from, to })),
      )
      .default([]),
    weekdays: rangesOf(weekdayNames, 0).default([]),
    days_of_month: rangesOf([], 0).default([]),
    months: rangesOf(monthNames, 1).default([]),
    years: rangesOf([], 0).default([]),
    /** Beyond Alertmanager: by the calendar of this file. */
    days: z.enum(["working", "non-working"]).nullable().default(null),
    location: zone.default("Asia/Shanghai"),
  })
  .transform((one): TimeInterval => {
    const { times, weekdays, months, years, days, location } = one;
    const daysOfMonth = one.days_of_month;
    return {
      times,
      weekdays,
      daysOfMonth,
      months,
      years,
      days,
      zone: location,
    };
  });

/** Days one range of the calendar spans at most. */
const rangeDaysMax = 60;
const dayMs = 86_400_000;

/** `2026-10-01` or `2026-10-01..2026-10-07`, as in the rule set. */
export const days = z
  .array(z.string().regex(/^\d{4}-\d{2}-\d{2}(\.\.\d{4}-\d{2}-\d{2})?$/))
  .default([])
  .transform((texts, context): string[] =>
    texts.flatMap((text) => {
      const [first = "", last = first] = text.split("..");
      const from = Date.parse(first);
      const count = (Date.parse(last) - from) / dayMs + 1;
      if (!(count >= 1 && count <= rangeDaysMax)) {
        context.addIssue({ code: "custom", message: `${text} is no range` });
        return [];
      }
      return Array.from({ length: count }, (_, i) =>
        new Date(from + i * dayMs).toISOString().slice(0, 10),
      );
    }),
  );
