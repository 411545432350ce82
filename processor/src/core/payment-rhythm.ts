/**
 * CUSUM of the days beyond terms against the customer's own rhythm (domain
 * C10.3), in log order: y = (DBT − μ0) / σ0 winsorised to ±4,
 * C ← max(0, C + y − 0.5). μ0, σ0 = median and 1.4826 · MAD of the settled
 * invoices older than the last five; only σ0 is shrunken, to the rule set's
 * prior (docs/decisions/0006).
 */
import type { Customer } from "./customer.ts";
import type { Exposure } from "./exposure.ts";
import { median } from "./features.ts";
import type { DelayMark } from "./rings.ts";
import type { RuleSet } from "./rule-set.ts";

/** `CustomerState.cusum` holds thousandths. */
const scale = 1000;

export interface Rhythm {
  /** Usual days beyond terms. */
  readonly centre: number;
  readonly spread: number;
  /** Settled invoices behind it. */
  readonly n: number;
}

/** The rhythm before the last invoices of the ring; null with too few. */
export function rhythmOf(
  ring: readonly DelayMark[],
  rules: RuleSet,
): Rhythm | null {
  const { pay03 } = rules.rules;
  const older = ring.slice(0, -pay03.recent).slice(-pay03.baseline);
  const n = older.length;
  if (n < pay03.minBaseline) return null;
  const delays = older.map((mark) => mark.dbt);
  const centre = median(delays) ?? 0;
  const mad = median(delays.map((dbt) => Math.abs(dbt - centre))) ?? 0;
  const own = 1.4826 * mad;
  const k = pay03.shrink;
  const variance = (n * own * own + k * pay03.scale * pay03.scale) / (n + k);
  return {
    centre,
    spread: Math.max(pay03.scaleFloor, Math.sqrt(variance)),
    n,
  };
}

function step(c: number, dbt: number, rhythm: Rhythm, rules: RuleSet): number {
  const { cap, drift } = rules.rules.pay03;
  const y = (dbt - rhythm.centre) / rhythm.spread;
  return Math.max(0, c + Math.min(cap, Math.max(-cap, y)) - drift);
}

/** Takes an invoice that was just settled; its delay is in the ring already. */
export function advanceRhythm(
  customer: Customer,
  dbt: number,
  rules: RuleSet,
): void {
  const rhythm = rhythmOf(customer.delayRing, rules);
  if (rhythm === null) return;
  const c = step(customer.state.cusum / scale, dbt, rhythm, rules);
  customer.state.cusum = Math.round(c * scale);
}

/** C with the open items that are later than usual already (censored). */
export function presentCusum(
  customer: Customer,
  exposure: Exposure,
  rhythm: Rhythm,
  rules: RuleSet,
): number {
  return exposure.parts
    .filter((part) => part.undisputed > 0 && part.dpd > rhythm.centre)
    .reduce(
      (c, part) => Math.max(c, step(c, part.dpd, rhythm, rules)),
      customer.state.cusum / scale,
    );
}
