/**
 * Expected cash of the whole portfolio from the states as they stand. The work
 * is done in small pieces between which the fold goes on; an answer is kept
 * for a minute, and requests that come meanwhile share it.
 */
import type { ForecastView } from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import { decodeHead, decodeState } from "@riskwall/schemas/state";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import { dayText, localDay } from "./core/calendar.ts";
import { openCustomer } from "./core/customer.ts";
import type { Env } from "./core/env.ts";
import { cashSteps } from "./core/forecast/cash-steps.ts";
import { createCashSum, draws } from "./core/forecast/cash-sum.ts";
import { horizonDays } from "./core/forecast/item-forecast.ts";
import { cashView, customerItems } from "./forecast-view.ts";
import { standingBytes } from "./standing-states.ts";
import { customerMoment } from "./view.ts";

/** An answer is given again for so long. */
export const forecastMaxAgeS = 60;
/** States read at most; beyond, the answer says `partial`. */
export const forecastCustomersMax = 200_000;
/** Answers kept, the oldest goes first. */
const keptMax = 8;

export interface ForecastQuery {
  /** Days; null = the present one, and the default span. */
  readonly from: number | null;
  readonly to: number | null;
  readonly step: "day" | "week";
}

const defaultDays = { day: 14, week: 84 } as const;

export interface ForecastSpan {
  readonly from: number;
  readonly to: number;
  readonly step: "day" | "week";
}

/** The days asked for; null when they are past, reversed or too far ahead. */
export function spanOf(
  query: ForecastQuery,
  today: number,
): ForecastSpan | null {
  const { step } = query;
  const from = query.from ?? today;
  const to = query.to ?? from + defaultDays[step] - 1;
  const last = today + horizonDays - 1;
  return from < today || to < from || to > last ? null : { from, to, step };
}

export interface PortfolioForecastDeps {
  readonly redis: RedisClient;
  readonly namespace: string;
  /** Rules, rates and log time as they stand. */
  readonly present: () => Promise<{ readonly env: Env; readonly now: number }>;
  readonly now: () => number;
}

export interface PortfolioForecast {
  /** Null when the days asked for cannot be forecast. */
  readonly ask: (query: ForecastQuery) => Promise<ForecastView | null>;
}

interface Kept {
  readonly at: number;
  readonly view: Promise<ForecastView>;
}

export function createPortfolioForecast(
  deps: PortfolioForecastDeps,
): PortfolioForecast {
  const kept = new Map<string, Kept>();

  const compute = async (
    span: ForecastSpan,
    env: Env,
    now: number,
  ): Promise<ForecastView> => {
    const today = localDay(now, env.rules.zoneOffsetMinutes);
    const { currency, forecast, version } = env.rules;
    const steps = cashSteps(span.from, span.to, span.step);
    const sum = createCashSum({ steps, today, common: forecast.common });
    let customers = 0;
    let read = 0;
    for await (const piece of standingBytes(deps)) {
      if (read >= forecastCustomersMax) break;
      read += piece.length;
      for (const bytes of piece) {
        if (decodeHead(bytes).summary.receivables === 0) continue;
        const customer = openCustomer(decodeState(bytes));
        customers += 1;
        const moment = customerMoment(customer, env, now);
        sum.add(customer.state.id, customerItems(customer, moment));
      }
    }
    const result = sum.result();
    const { items, drawn: itemsDrawn } = result;
    return {
      ...{ from: dayText(span.from), to: dayText(span.to), step: span.step },
      ...{ currency, asOf: dayText(today), rulesetVersion: version },
      computedAt: new Date(deps.now()).toISOString(),
      maxAgeS: forecastMaxAgeS,
      ...{ customers, items, itemsDrawn, draws },
      partial: read >= forecastCustomersMax,
      open: formatMinor(result.open, currency),
      never: formatMinor(result.never, currency),
      ...cashView(result, currency),
    };
  };

  return {
    ask: async (query) => {
      const { env, now } = await deps.present();
      const today = localDay(now, env.rules.zoneOffsetMinutes);
      const span = spanOf(query, today);
      if (span === null) return null;
      const key = JSON.stringify([span, today, env.rules.version]);
      const known = kept.get(key);
      if (known && deps.now() - known.at < forecastMaxAgeS * 1000) {
        return known.view;
      }
      const view = compute(span, env, now);
      kept.delete(key);
      kept.set(key, { at: deps.now(), view });
      const [oldest] = kept.keys();
      if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest);
      // What failed is not kept; the caller is told.
      view.catch(() => kept.delete(key));
      return view;
    },
  };
}
