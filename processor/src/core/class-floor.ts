/**
 * The floor of domain E2: by a dated exception that somebody approved, a
 * customer (a government, one fully insured) has a class no worse than the one
 * named. The score stays what it is; only the class is held.
 */
import type { CustomerState, RiskClass } from "@riskwall/schemas";
import { coverRatio, type Exposure } from "./exposure.ts";
import type { RuleSet } from "./rule-set.ts";

export interface ClassFloor {
  /** What it is called in messages and pages. */
  readonly id: string;
  /** Worst class meanwhile. */
  readonly class: RiskClass;
  /** For whom: all that is given must fit; empty = any. */
  readonly customers: readonly string[];
  readonly segments: readonly string[];
  /** Only while cover pays for all that could be lost. */
  readonly insured: boolean;
  /** First and last local day it holds. */
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly approvedBy: string;
}

type Whom = Pick<CustomerState, "id" | "segment">;

function concerns(floor: ClassFloor, { id, segment }: Whom): boolean {
  const { customers, segments } = floor;
  return (
    (customers.length === 0 || customers.includes(id)) &&
    (segments.length === 0 || segments.includes(segment))
  );
}

/** The exception that holds for a customer on a day; the best class wins. */
export function floorOf(
  rules: RuleSet,
  whom: Whom,
  exposure: Exposure,
  day: number,
): ClassFloor | null {
  let found: ClassFloor | null = null;
  for (const floor of rules.classes.floors) {
    if (day < floor.from || day > floor.to || !concerns(floor, whom)) continue;
    if (floor.insured && coverRatio(exposure) < 1) continue;
    if (found === null || floor.class < found.class) found = floor;
  }
  return found;
}

/** The next day at which an exception for a customer begins or is over. */
export function nextFloorDay(
  rules: RuleSet,
  whom: Whom,
  day: number,
): number | null {
  const days = rules.classes.floors
    .filter((floor) => concerns(floor, whom))
    .flatMap(({ from, to }) => [from, to + 1])
    .filter((edge) => edge > day);
  return days.length === 0 ? null : Math.min(...days);
}
