/** The forecast of all open items of one customer (domain C7, C8). */
import type { Customer } from "../customer.ts";
import type { Moment } from "../env.ts";
import type { Exposure } from "../exposure.ts";
import type { Features } from "../features.ts";
import { customerCurve } from "./delay-curve.ts";
import {
  forecastItem,
  keptChance,
  promisedParts,
  type ItemForecast,
} from "./item-forecast.ts";
import { createItemValues, customerValues } from "./late-inputs.ts";
import {
  lateChances,
  lateFactors,
  type LateChances,
  type LateFactor,
} from "./late-model.ts";
import { chanceBeyond, tiltCurve } from "./tilt-curve.ts";

export interface LateForecast extends ItemForecast {
  /** Chances of being late, given how long the item is open already. */
  readonly late: LateChances;
  /** What speaks most for more than 15 days, at most three. */
  readonly factors: readonly LateFactor[];
}

/** One forecast per open part, in the order of the exposure's parts. */
export function forecastCustomer(
  customer: Customer,
  exposure: Exposure,
  features: Features,
  moment: Moment,
): LateForecast[] {
  const { parts } = exposure;
  if (parts.length === 0) return [];
  const { today, env } = moment;
  const model = env.rules.forecast.late;
  const own = customerCurve(customer, exposure, env.rules.forecast);
  const promised = promisedParts(customer, parts, today);
  const kept = keptChance(customer, moment);
  const ofCustomer = customerValues(customer, features, moment);
  const ofItem = createItemValues(customer, exposure, features, moment);
  return parts.map((part, i) => {
    const values = { ...ofCustomer, ...ofItem(part) };
    const curve = tiltCurve(own, lateChances(model, values));
    const input = { part, curve, promised: promised[i] ?? null, kept };
    const open = today - part.due;
    return {
      ...forecastItem(input, moment),
      late: {
        late1: chanceBeyond(curve, 0, open),
        late5: chanceBeyond(curve, 4, open),
        late15: chanceBeyond(curve, 15, open),
      },
      factors: lateFactors(model.outcomes.late15, values),
    };
  });
}

/** Expected cash of the next days, today included, reporting minor units. */
export function expectedCash(
  items: readonly ItemForecast[],
  days: number,
): number {
  let sum = 0;
  for (const { part, chances } of items) {
    for (const chance of chances.subarray(0, days)) sum += part.value * chance;
  }
  return Math.round(sum);
}
