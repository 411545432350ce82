/** Overrides and swaps as they stand in the settings. */
import { z } from "zod";
import type { Override, Swap } from "./core/schedule.ts";
import { problemsOf, type DutyProblem } from "./duty-problems.ts";
import { dutyId as id } from "./duty-shape.ts";

const instant = z.iso.datetime({ offset: true }).transform(Date.parse);
const share = {
  schedule: id,
  from: instant,
  to: instant,
  createdBy: z.string().default(""),
  createdAt: z.string().default(""),
  reason: z.string().max(500).default(""),
};
/** True, too, where one of the two is no instant: that is said by itself. */
const forward = (one: { readonly from: number; readonly to: number }) =>
  !(one.from >= one.to);
const backward = {
  ...{ error: "ends before it begins", path: ["to"] },
  params: { code: "ends_before_begin" },
};

const overrideShape = z
  .object({ id, person: id, ...share })
  .refine(forward, backward) satisfies z.ZodType<Override>;
const swapShape = z
  .object({
    ...{ id, gives: id, takes: id.nullable().default(null) },
    ...share,
  })
  .refine(forward, backward) satisfies z.ZodType<Swap>;

export type StoredOverride = z.output<typeof overrideShape>;
export type StoredSwap = z.output<typeof swapShape>;

export type ShareRead<Share> =
  | { readonly kind: "ok"; readonly share: Share }
  | { readonly kind: "bad"; readonly problems: readonly DutyProblem[] };

const read = <Share>(
  schema: z.ZodType<Share>,
  value: unknown,
): ShareRead<Share> => {
  const parsed = schema.safeParse(value);
  return parsed.success
    ? { kind: "ok", share: parsed.data }
    : { kind: "bad", problems: problemsOf(parsed.error) };
};

/** The override of a setting's value. */
export function readOverride(value: unknown): ShareRead<StoredOverride> {
  return read(overrideShape, value);
}

/** The swap of a setting's value. */
export function readSwap(value: unknown): ShareRead<StoredSwap> {
  return read(swapShape, value);
}
