/**
 * DQ-03 of one customer. Its state is full: from here on its facts become dead
 * letters; or an item has no rate. Either way its exposure is understated,
 * which somebody must know.
 */
import type { Finding } from "./alerts.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import type { Exposure } from "./exposure.ts";
import { ledgerItems } from "./ledger.ts";
import { reason } from "./order-rules.ts";

const fullCodes = ["LEDGER_FULL", "ORPHANS_FULL"] as const;
type FullCode = (typeof fullCodes)[number];

/** A full ledger is spoken of until this share of it is free again. */
const freeShare = 0.05;

function limitOf(code: FullCode, { env }: Moment): number {
  const { itemMax, orphanMax } = env.rules.ledger;
  return code === "LEDGER_FULL" ? itemMax : orphanMax;
}

function used(code: FullCode, customer: Customer): number {
  return code === "LEDGER_FULL"
    ? ledgerItems(customer)
    : customer.state.orphans.length;
}

/** The finding of a refused fact; null when it was refused for another cause. */
export function stateFull(
  customer: Customer,
  problem: string,
  moment: Moment,
): Finding | null {
  const code = fullCodes.find((item) => item === problem);
  if (code === undefined) return null;
  const max = String(limitOf(code, moment));
  const titleZh =
    code === "LEDGER_FULL"
      ? `未结项目已达上限 ${max} 项,后续单据被拒收,敞口偏低`
      : `等待原单的单据已达上限 ${max} 项,后续单据被拒收`;
  const titleEn =
    code === "LEDGER_FULL"
      ? `Ledger is full at ${max} items: facts are refused and exposure is understated`
      : `${max} facts wait for the one they speak of: more are refused`;
  return {
    ruleId: "DQ-03",
    ref: code,
    severity: "high",
    value: used(code, customer),
    ...{ titleZh, titleEn },
    reasons: [reason("DQ-03", titleZh, titleEn, max)],
    explain: { code, items: used(code, customer), limit: Number(max) },
    moneyAtRisk: Math.max(0, customer.state.summary.exposure),
  };
}

/** DQ-03 for items without a known rate (F-3): they wait, valued as nothing. */
export function missingRates(
  exposure: Exposure,
  holding: Set<string>,
): Finding | null {
  const n = exposure.unvalued;
  if (n === 0) return null;
  holding.add("DQ-03|RATE");
  const text = String(n);
  const titleZh = `${text} 笔未结项目缺少汇率,暂按零计,敞口偏低`;
  const titleEn = `${text} open items have no exchange rate: they count as nothing and exposure is understated`;
  return {
    ...{ ruleId: "DQ-03", ref: "RATE", severity: "medium", value: n },
    ...{ titleZh, titleEn },
    reasons: [reason("DQ-03", titleZh, titleEn, text)],
    explain: { code: "RATE", items: n },
    moneyAtRisk: Math.max(0, exposure.total),
  };
}

/** Keeps the alert open while the state is still nearly full. */
export function holdStateFull(
  customer: Customer,
  moment: Moment,
  holding: Set<string>,
): void {
  for (const code of fullCodes) {
    const free = limitOf(code, moment) * (1 - freeShare);
    if (used(code, customer) >= free) holding.add(`DQ-03|${code}`);
  }
}
