/**
 * Rules on what is foretold (domain D2), both gauges per invoice: PAY-04 an
 * expected payment is missing, PAY-10 an item not yet due will be paid late.
 */
import { formatMinor } from "@riskwall/schemas/money";
import type { Finding } from "../alerts.ts";
import { dayText } from "../calendar.ts";
import type { Customer } from "../customer.ts";
import type { Moment } from "../env.ts";
import type { Exposure, OpenPart } from "../exposure.ts";
import type { Features } from "../features.ts";
import { reason } from "../order-rules.ts";
import type { GaugeResult } from "../state-rules.ts";
import { moneyText, numberText, percentText } from "../texts.ts";
import { usualDelay } from "./delay-curve.ts";
import { delayHabit } from "./delay-habit.ts";
import { promisedParts } from "./item-forecast.ts";
import {
  createItemValues,
  createSimpleValues,
  customerValues,
} from "./late-inputs.ts";
import {
  createBound,
  lateChances,
  lateFactors,
  type LateFactor,
} from "./late-model.ts";
import { factorText } from "./late-texts.ts";

/** PAY-04 and PAY-10 on the present items. */
export function forecastGauges(
  customer: Customer,
  exposure: Exposure,
  features: Features,
  moment: Moment,
): GaugeResult {
  const findings: Finding[] = [];
  const holding = new Set<string>();
  missingPayments(customer, exposure, moment, findings, holding);
  predictedLate(customer, exposure, features, moment, findings, holding);
  return { findings, holding };
}

/** A customer's usual delay and its spread, shrunken to the segment's, days. */
export function usualHabit(
  customer: Customer,
  moment: Moment,
): { readonly delay: number; readonly spread: number; readonly n: number } {
  const { forecast } = moment.env.rules;
  const { shrink: k, segmentDelays, delays } = forecast;
  const segment = usualDelay(segmentDelays[customer.state.segment] ?? delays);
  const { n, mean, scale } = delayHabit(customer.delayRing);
  return {
    n,
    delay: (n * mean + k * segment.mean) / (n + k),
    spread: Math.sqrt((n * scale * scale + k * segment.variance) / (n + k)),
  };
}

/** PAY-04 预期回款未到: past the usual day by more than the usual spread. */
function missingPayments(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const { today, env } = moment;
  const { pay04 } = env.rules.rules;
  if (!exposure.parts.some((part) => part.due < today)) return;
  const habit = usualHabit(customer, moment);
  const slack = Math.max(pay04.days, pay04.spreads * habit.spread);
  const promised = promisedParts(customer, exposure.parts, today);
  const missing = new Map<string, OpenPart[]>();
  exposure.parts.forEach((part, i) => {
    if (part.undisputed === 0 || promised[i] !== null) return;
    if (today <= part.due + habit.delay + slack) return;
    const { id } = part.invoice;
    missing.set(id, [...(missing.get(id) ?? []), part]);
  });
  for (const [id, parts] of missing) {
    holding.add(`PAY-04|${id}`);
    const open = parts.reduce((sum, part) => sum + part.undisputed, 0);
    if (open < exposure.materiality) continue;
    const due = Math.min(...parts.map((part) => part.due));
    const { limit } = exposure;
    const large = limit !== null && open > pay04.highShare * limit;
    findings.push(
      missingPayment(
        { id, open, due },
        habit,
        large,
        moment.env.rules.currency,
      ),
    );
  }
}

function missingPayment(
  item: { readonly id: string; readonly open: number; readonly due: number },
  habit: ReturnType<typeof usualHabit>,
  large: boolean,
  currency: string,
): Finding {
  const { id, open, due } = item;
  const expected = dayText(due + Math.round(habit.delay));
  const money = moneyText(open, currency);
  const usual = numberText(habit.delay);
  const spread = numberText(habit.spread);
  return {
    ruleId: "PAY-04",
    ref: id,
    severity: large ? "high" : "medium",
    value: open,
    titleZh: `发票 ${id} 预计 ${expected} 回款 ${money},至今未到`,
    titleEn: `Invoice ${id}: ${money} was expected on ${expected} and has not come`,
    reasons: [
      reason(
        "PAY-04",
        `通常到期后 ${usual} 天付款,波动 ${spread} 天`,
        `Usually pays ${usual} days after the due day, give or take ${spread}`,
        usual,
      ),
    ],
    explain: {
      invoice: id,
      amount: formatMinor(open, currency),
      dueDate: dayText(due),
      expectedDate: expected,
      usualDelay: Number(habit.delay.toFixed(1)),
      spread: Number(habit.spread.toFixed(1)),
      n: habit.n,
    },
    moneyAtRisk: open,
    invoiceId: id,
  };
}

/** PAY-10 预测逾期: not yet due, and likely to be more than 15 days late. */
function predictedLate(
  customer: Customer,
  exposure: Exposure,
  features: Features,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const { rules } = moment.env;
  const { pay10 } = rules.rules;
  const { late: model } = rules.forecast;
  const logit = model.outcomes.late15;
  const coming = exposure.parts.filter(
    (part) => part.due >= moment.today && part.undisputed > 0,
  );
  if (coming.length === 0) return;
  const ofCustomer = customerValues(customer, features, moment);
  const canBe = createBound(logit, ofCustomer, pay10.clear);
  const simple = createSimpleValues(customer, moment);
  const open = coming.filter((part) => canBe(simple(part)));
  if (open.length === 0) return;
  const ofItem = createItemValues(customer, exposure, features, moment);
  const worst = new Map<string, Predicted>();
  for (const part of open) {
    const { id } = part.invoice;
    const values = { ...ofCustomer, ...ofItem(part) };
    const chance = lateChances(model, values).late15;
    const before = worst.get(id);
    if (chance < pay10.clear || (before && before.chance >= chance)) continue;
    worst.set(id, { part, chance, factors: lateFactors(logit, values) });
  }
  for (const [id, predicted] of worst) {
    holding.add(`PAY-10|${id}`);
    if (predicted.chance < pay10.chance) continue;
    if (predicted.part.undisputed < exposure.materiality) continue;
    const severity = predicted.chance >= pay10.medium ? "medium" : "low";
    findings.push(likelyLate(predicted, severity, rules.currency));
  }
}

interface Predicted {
  readonly part: OpenPart;
  readonly chance: number;
  readonly factors: readonly LateFactor[];
}

function likelyLate(
  { part, chance, factors }: Predicted,
  severity: Finding["severity"],
  currency: string,
): Finding {
  const { id } = part.invoice;
  const money = moneyText(part.undisputed, currency);
  const share = percentText(chance);
  const due = dayText(part.due);
  return {
    ruleId: "PAY-10",
    ref: id,
    severity,
    value: Math.round(chance * 1000),
    titleZh: `发票 ${id}(${money},${due} 到期)逾期超过 15 天的概率 ${share}`,
    titleEn: `Invoice ${id} (${money}, due ${due}): ${share} likely to be more than 15 days late`,
    reasons: factors.map((factor) => {
      const { zh, en, number } = factorText(factor);
      return reason("PAY-10", zh, en, number);
    }),
    explain: {
      invoice: id,
      amount: formatMinor(part.undisputed, currency),
      dueDate: due,
      chance: Number(chance.toFixed(4)),
      factors: factors.map((factor) => factor.input),
    },
    moneyAtRisk: part.undisputed,
    invoiceId: id,
  };
}
