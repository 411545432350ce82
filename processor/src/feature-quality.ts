/**
 * How far each feature of a customer can be trusted (domain D3): `n`, what it
 * was computed from, and whether all of that is known.
 */
import type { FeatureQuality } from "@riskwall/schemas";
import type { Customer } from "./core/customer.ts";
import type { Exposure } from "./core/exposure.ts";
import type { Features } from "./core/features.ts";
import { sumTally } from "./core/tallies.ts";
import { field, sumWindows } from "./core/tiles.ts";

/** Of what the state keeps for some weeks only, or the last of many. */
const partlyKept: ReadonlySet<string> = new Set([
  "collRate30d",
  "collRate90d",
  "dspNearDueShare",
  "expHwm",
  "expHwmAt",
]);

type Counter = (name: string) => number;

/** What is behind a feature, by the beginning of its name; longest first. */
function counters(
  customer: Customer,
  exposure: Exposure,
  features: Features,
  today: number,
): readonly (readonly [string, Counter])[] {
  const { state } = customer;
  const windows = [7, 30, 90, 180, 365] as const;
  const sums = sumWindows(customer.tiles, today, windows);
  /** Events of a tile within the window that the name ends with. */
  const counted =
    (tile: Parameters<typeof field>[1], usual: number): Counter =>
    (name) => {
      const days = Number(/(\d+)d$/.exec(name)?.[1] ?? usual);
      const at = windows.findIndex((window) => window === days);
      return field(sums[at] ?? sums[4], tile);
    };
  const tally = (
    window: number,
    name: Parameters<typeof sumTally>[3],
  ): number => sumTally(customer.tallies, today, window, name);
  const open = exposure.parts.length;
  const constant =
    (n: number): Counter =>
    () =>
      n;
  const promises =
    field(sums[4], "promisesKept") + field(sums[4], "promisesBroken");
  return [
    ["ordCnt24h", constant(features.ordCnt24h)],
    ["ordCnt", counted("orders", 90)],
    ["ordAmtGrowth", constant(features.ordCnt90d)],
    ["ordAmt", counted("orders", 365)],
    ["ordReturnRate", constant(tally(90, "returns"))],
    ["ordCancelRate", constant(features.ordCnt90d)],
    ["ord", constant(features.ordN)],
    ["activeMonths", constant(features.ordN)],
    ["payExpected", constant(open)],
    ["paySince", constant(state.payments.length)],
    ["pay", counted("payments", 180)],
    ["partpayShare", constant(field(sums[2], "settled"))],
    ["late", counted("settled", 180)],
    ["settled", counted("settled", 180)],
    ["hist", counted("settled", 365)],
    ["dbt", constant(features.dbtN)],
    ["disc", constant(tally(180, "discountsOffered"))],
    ["ret", counted("returned", 180)],
    ["ptpOpen", constant(state.promises.length)],
    ["ptp", constant(promises)],
    ["plan", constant(state.invoices.filter((i) => i.parts.length > 1).length)],
    ["cmpSent", constant(state.sentiment?.n ?? 0)],
    ["cmp", counted("complaints", 180)],
    ["dsp", counted("disputes", 365)],
    ["ctr", constant(features.ctrN)],
    ["dun", constant(tally(90, "dunnings"))],
    ["cover", constant(state.covers.length)],
    ["writeOff", constant(tally(365, "writeOffs"))],
    ["reg", constant(state.outside?.registers.length ?? 0)],
    ["ind", constant(state.outside?.industry ? 1 : 0)],
    ["ext", constant(state.rating === null ? 0 : 1)],
    ["score", constant(customer.scoreLog.length)],
    ["alert", constant(state.alerts.length)],
    ["exp", constant(customer.exposureDays.length)],
    ["days", constant(customer.exposureDays.length)],
    ["", constant(open)],
  ];
}

/** Quality of each named feature. */
export function featureQuality(
  names: readonly string[],
  customer: Customer,
  exposure: Exposure,
  features: Features,
  today: number,
): Record<string, FeatureQuality> {
  const rows = counters(customer, exposure, features, today);
  // While history is loaded, or where a rate is missing, something is left out.
  const isWhole = customer.state.loading === null && exposure.unvalued === 0;
  return Object.fromEntries(
    names.map((name) => {
      const count = rows.find(([start]) => name.startsWith(start))?.[1];
      const complete = isWhole && !partlyKept.has(name);
      return [name, { n: count?.(name) ?? 0, complete }];
    }),
  );
}
