/** Durations as people write them in files. */
import { z } from "zod";

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `1h30m`, `0s`; as Prometheus writes them. */
export const duration = z.string().transform((text, context) => {
  const parts = [...text.matchAll(/(\d+)(ms|s|m|h|d|w)/g)];
  if (parts.length === 0 || parts.map(([all]) => all).join("") !== text) {
    context.addIssue({ code: "custom", message: "a duration such as 5m" });
    return z.NEVER;
  }
  return parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ""] ?? 0),
    0,
  );
});
