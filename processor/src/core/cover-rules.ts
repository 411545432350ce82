/** EXP-07 担保/保险到期: a cover that ends soon, or ended and left a gap. */
import type { CoverItem } from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import type { Finding } from "./alerts.ts";
import { dayText, localDay } from "./calendar.ts";
import { countCover, coverValue } from "./cover.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import type { Exposure } from "./exposure.ts";
import { reason } from "./order-rules.ts";
import { moneyText } from "./texts.ts";

const kindsZh: Readonly<Record<string, string>> = {
  insurance: "信用保险",
  guarantee: "担保",
  deposit: "押金",
  collateral: "抵押",
};

/** Beyond the limit once this cover is gone; null without a limit. */
function gapWithout(
  cover: CoverItem,
  customer: Customer,
  exposure: Exposure,
  { env, now }: Moment,
): number | null {
  if (exposure.limit === null) return null;
  const { covers } = customer.state;
  const rest = countCover(covers, now, env.rates, cover);
  const owed = exposure.total + exposure.cover;
  const limit = exposure.limit - exposure.limitCover + rest.inLimit;
  return Math.max(0, owed - rest.inExposure - limit);
}

/** EXP-07 as the state stands. */
export function endingCovers(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const { rules } = moment.env;
  const { exp07 } = rules.rules;
  for (const cover of customer.state.covers) {
    if (cover.to === null || cover.from > moment.now) continue;
    const end = localDay(cover.to - 1, rules.zoneOffsetMinutes);
    const isPast = cover.to <= moment.now;
    const days = Math.abs(end - moment.today);
    if (days > (isPast ? exp07.pastDays : exp07.warnDays)) continue;
    const gap = gapWithout(cover, customer, exposure, moment);
    if (isPast && (gap === null || gap === 0)) continue;
    holding.add(`EXP-07|${cover.id}`);
    findings.push(coverFinding(cover, { end, days, isPast, gap }, moment));
  }
}

interface CoverEnd {
  readonly end: number;
  readonly days: number;
  readonly isPast: boolean;
  readonly gap: number | null;
}

function coverFinding(
  cover: CoverItem,
  { end, days, isPast, gap }: CoverEnd,
  { env }: Moment,
): Finding {
  const { currency } = env.rules;
  const isHigh = gap !== null && gap > 0;
  const [date, n] = [dayText(end), String(days)];
  const kind = kindsZh[cover.kind] ?? cover.kind;
  const name = cover.policy === "" ? cover.id : cover.policy;
  const short = gap === null ? null : moneyText(gap, currency);
  const zh = isPast
    ? `${kind} ${name} 已于 ${date} 到期,过去 ${n} 天`
    : `${kind} ${name} 将于 ${date} 到期,还有 ${n} 天`;
  const en = isPast
    ? `The ${cover.kind} ${name} ended on ${date}, ${n} days ago`
    : `The ${cover.kind} ${name} ends on ${date}, in ${n} days`;
  const value = coverValue(cover, env.rates);
  return {
    ruleId: "EXP-07",
    ref: cover.id,
    severity: isHigh ? "high" : "medium",
    value: (isPast ? 3 : 1) + (isHigh ? 1 : 0),
    titleZh: isHigh ? `${zh},缺口 ${short ?? ""}` : zh,
    titleEn: isHigh ? `${en}; ${short ?? ""} would be beyond the limit` : en,
    reasons: [
      reason(
        "EXP-07",
        `担保金额 ${moneyText(value, currency)}`,
        `It covers ${moneyText(value, currency)}`,
        n,
      ),
    ],
    explain: {
      ...{ cover: cover.id, kind: cover.kind, policy: cover.policy },
      ...{ ends: date, days: isPast ? -days : days },
      covered: formatMinor(value, currency),
      shortfall: gap === null ? null : formatMinor(gap, currency),
    },
    moneyAtRisk: gap === null || gap === 0 ? value : gap,
  };
}
