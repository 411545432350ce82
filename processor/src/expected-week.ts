/** Expected cash of the week that begins, for portfolio records (COL-02). */
import type { ExpectedCash } from "@riskwall/schemas";
import { parseMinor } from "@riskwall/schemas/money";
import { localDay } from "./core/calendar.ts";
import type { Env } from "./core/env.ts";
import type { PortfolioForecast } from "./portfolio-forecast.ts";

/** A week of which fewer days are left is not foretold. */
const weekDaysMin = 3;

/** Days from Monday on; day 0 was a Thursday. */
function weekday(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** What is left of the present week; null where that is too little. */
export function restOfWeek(
  today: number,
): Pick<ExpectedCash, "from" | "to"> | null {
  const left = 7 - weekday(today);
  return left < weekDaysMin ? null : { from: today, to: today + left - 1 };
}

export interface ExpectedWeekDeps {
  readonly forecast: PortfolioForecast;
  readonly present: () => Promise<{ readonly env: Env; readonly now: number }>;
}

/**
 * Answers the rest of the present week once: null where `known` still runs, or
 * too little of the week is left, or not all customers could be read.
 */
export function createExpectedWeek({
  forecast,
  present,
}: ExpectedWeekDeps): (
  known: Pick<ExpectedCash, "from" | "to"> | null,
) => Promise<ExpectedCash | null> {
  return async (known) => {
    const { env, now } = await present();
    const today = localDay(now, env.rules.zoneOffsetMinutes);
    const week = restOfWeek(today);
    if ((known !== null && known.to >= today) || week === null) return null;
    const view = await forecast.ask({ ...week, step: "week" });
    if (view === null || view.partial || view.items === 0) return null;
    const p10 = parseMinor(view.total.p10, view.currency);
    const p50 = parseMinor(view.total.p50, view.currency);
    if (typeof p10 !== "number" || typeof p50 !== "number") return null;
    return { ...week, p10, p50 };
  };
}
