/** The part of a rule set that the forecast reads, checked. */
import { z } from "zod";
import { delayMax, delayMin } from "./core/forecast/delay-curve.ts";

const fraction = z.number().min(0).max(1);
const positive = z.number().positive();

const delays = z
  .array(
    z
      .tuple([z.number().int().min(delayMin).max(delayMax), fraction])
      .readonly(),
  )
  .min(2)
  .refine(
    (knots) =>
      knots.every(([day, share], i) => {
        const [lastDay, lastShare] = knots[i - 1] ?? [delayMin - 1, 0];
        return day > lastDay && share >= lastShare;
      }),
    { message: "days and shares must rise" },
  );

export const forecastSchema = z.strictObject({
  shrink: positive,
  disputeDays: z.number().int().nonnegative(),
  promise: z.strictObject({ shrink: positive, kept: fraction }),
  common: fraction,
  delays,
  segmentDelays: z.record(z.string(), delays),
});
