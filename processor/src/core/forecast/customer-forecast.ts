/** The forecast of all open items of one customer (domain C8). */
import type { Customer } from "../customer.ts";
import type { Moment } from "../env.ts";
import type { Exposure } from "../exposure.ts";
import { customerCurve } from "./delay-curve.ts";
import {
  forecastItem,
  keptChance,
  promisedParts,
  type ItemForecast,
} from "./item-forecast.ts";

/** One forecast per open part, in the order of the exposure's parts. */
export function forecastCustomer(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
): ItemForecast[] {
  const { parts } = exposure;
  if (parts.length === 0) return [];
  const curve = customerCurve(customer, exposure, moment.env.rules.forecast);
  const promised = promisedParts(customer, parts, moment.today);
  const kept = keptChance(customer, moment);
  return parts.map((part, i) =>
    forecastItem({ part, curve, promised: promised[i] ?? null, kept }, moment),
  );
}
