/** The part of a rule set that the forecast reads, checked. */
import { z } from "zod";
import { delayMax, delayMin } from "./core/forecast/delay-curve.ts";
import { lateInputs } from "./core/forecast/late-inputs.ts";

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

const bins = z
  .strictObject({
    input: z.enum(lateInputs),
    edges: z.array(z.number()),
    weights: z.array(z.number()),
  })
  .refine((item) => item.weights.length === item.edges.length + 2, {
    message: "needs a weight per bin and one for unknown",
  })
  .refine(
    ({ edges }) => edges.every((edge, i) => edge > (edges[i - 1] ?? -Infinity)),
    { message: "edges must rise" },
  );
const logit = z.strictObject({ intercept: z.number(), bins: z.array(bins) });

/** Checks `forecast` of a rule set file. */
export const forecastSchema = z.strictObject({
  shrink: positive,
  disputeDays: z.number().int().nonnegative(),
  promise: z.strictObject({ shrink: positive, kept: fraction }),
  common: fraction,
  delays,
  segmentDelays: z.record(z.string(), delays),
  late: z.strictObject({
    trained: z.string(),
    fiveLatePrior: fraction,
    outcomes: z.strictObject({ late1: logit, late5: logit, late15: logit }),
  }),
});
