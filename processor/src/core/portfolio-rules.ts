/**
 * Rules of the whole portfolio (domain D2): EXP-05, PRT-01, COL-02, MDL-01 and
 * MDL-02, over what the portfolio records say. Pure arithmetic of numbers.
 */
import type {
  AgeMonth,
  ExpectedWeek,
  LateDay,
  OverdueCustomer,
  Portfolio,
} from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import { findShift } from "./adwin.ts";
import type { Finding } from "./alerts.ts";
import { dayText } from "./calendar.ts";
import type { Moment } from "./env.ts";
import { exactLn } from "./exact-math.ts";
import { reason } from "./order-rules.ts";
import { calibrate, midScore, scoreDrift } from "./score-bins.ts";
import { pdOf } from "./scorecard.ts";
import { moneyText, percentText } from "./texts.ts";

/** Months before the last that a roll rate is compared with. */
const rollMonths = 3;

/**
 * EXP-05 集中度: customers above a share of the portfolio, and the Herfindahl
 * index over those that the record names; the rest can add at most the least
 * share named. With fewer customers than shares fit, somebody always is above.
 */
export function concentration(record: Portfolio, moment: Moment): Finding[] {
  const { rules } = moment.env;
  const { share: most, hhi: mostHhi } = rules.rules.exp05;
  const total = record.totals["exposure"] ?? 0;
  const customers = record.totals["customers"] ?? 0;
  if (total <= 0 || customers * most <= 1) return [];
  const money = (minor: number): string => moneyText(minor, rules.currency);
  const found: Finding[] = [];
  let hhi = 0;
  for (const [i, { customerId, exposure }] of record.top.entries()) {
    const share = exposure / total;
    hhi += share * share;
    if (share <= most) continue;
    const text = percentText(share);
    found.push({
      ruleId: "EXP-05",
      ref: customerId,
      severity: "medium",
      value: exposure,
      titleZh: `客户 ${customerId} 占组合敞口 ${text}`,
      titleEn: `${customerId} is ${text} of all exposure`,
      reasons: [
        reason(
          "EXP-05",
          `敞口 ${money(exposure)},占 ${text},排名第 ${String(i + 1)}`,
          `Owes ${money(exposure)}, ${text} of all, rank ${String(i + 1)}`,
          text,
        ),
      ],
      explain: {
        customer: customerId,
        exposure: formatMinor(exposure, rules.currency),
        portfolio: formatMinor(total, rules.currency),
        share: Number(share.toFixed(4)),
        rank: i + 1,
      },
      moneyAtRisk: exposure,
    });
  }
  if (hhi > mostHhi) {
    const text = hhi.toFixed(3);
    const names = record.top.slice(0, 3).map(({ customerId }) => customerId);
    found.push({
      ruleId: "EXP-05",
      ref: "hhi",
      severity: "medium",
      value: Math.round(hhi * 1000),
      titleZh: `组合过于集中,赫芬达尔指数 ${text}`,
      titleEn: `The portfolio is concentrated, Herfindahl index ${text}`,
      reasons: [
        reason(
          "EXP-05-H",
          `指数 ${text},高于 ${String(mostHhi)};最大:${names.join("、")}`,
          `Index ${text}, above ${String(mostHhi)}; the largest: ${names.join(", ")}`,
          text,
        ),
      ],
      explain: { hhi: Number(text), threshold: mostHhi, largest: names },
      moneyAtRisk: 0,
    });
  }
  return found;
}

/** PRT-01: the share of late settlements moved; null where chance explains it. */
export function rateShift(
  days: readonly LateDay[],
  moment: Moment,
): { readonly from: number; readonly finding: Finding | null } | null {
  const { delta, minDays, minSettled } = moment.env.rules.rules.prt01;
  const counts = days.map(({ day, settled, late }) => ({
    ...{ day, n: settled, yes: late },
  }));
  const limits = { delta, minDays, minCount: minSettled };
  const shift = findShift(counts, limits);
  if (shift === null) return null;
  const { from, before, after } = shift;
  if (after <= before) return { from, finding: null };
  const was = percentText(before);
  const is = percentText(after);
  const since = dayText(from);
  const finding: Finding = {
    ruleId: "PRT-01",
    ref: "late-rate",
    severity: "high",
    value: Math.round(after * 1000),
    titleZh: `组合逾期付款比例自 ${since} 起由 ${was} 升至 ${is}`,
    titleEn: `Share of late payments rose from ${was} to ${is} since ${since}`,
    reasons: [
      reason(
        "PRT-01",
        `${since} 前 ${was},之后 ${is}`,
        `${was} before ${since}, ${is} after`,
        is,
      ),
    ],
    explain: {
      before: Number(before.toFixed(4)),
      after: Number(after.toFixed(4)),
      allowed: Number(shift.allowed.toFixed(4)),
      since,
      settled: counts.reduce((sum, { n }) => sum + n, 0),
    },
    moneyAtRisk: 0,
  };
  return { from, finding };
}

/** Amount 31-60 days past due of a month to that of 1-30 the month before. */
function rollOf(
  before: AgeMonth | undefined,
  month: AgeMonth | undefined,
  least: number,
): number | null {
  if (!before || !month || month.month !== before.month + 1) return null;
  return before.age1 < least ? null : month.age31 / before.age1;
}

/** PRT-01: the roll rate 1-30 → 31-60 of the month that ended rose. */
export function rollRate(
  months: readonly AgeMonth[],
  moment: Moment,
): Finding | null {
  const { rollRise, rollMin } = moment.env.rules.rules.prt01;
  const rates = months.map((month, i) => rollOf(months[i - 1], month, rollMin));
  const now = rates.at(-1) ?? null;
  const past = rates.slice(-1 - rollMonths, -1).filter((rate) => rate !== null);
  if (now === null || past.length === 0) return null;
  const usual = past.reduce((sum, rate) => sum + rate, 0) / past.length;
  if (now <= usual * (1 + rollRise)) return null;
  const was = percentText(usual);
  const is = percentText(now);
  return {
    ruleId: "PRT-01",
    ref: "roll-rate",
    severity: "high",
    value: Math.round(now * 1000),
    titleZh: `逾期 1-30 天滚动到 31-60 天的比例由 ${was} 升至 ${is}`,
    titleEn: `Roll rate from 1-30 to 31-60 days rose from ${was} to ${is}`,
    reasons: [
      reason(
        "PRT-01-R",
        `上月 ${is},此前平均 ${was}`,
        `${is} last month, ${was} on average before`,
        is,
      ),
    ],
    explain: {
      before: Number(usual.toFixed(4)),
      after: Number(now.toFixed(4)),
      months: past.length,
    },
    moneyAtRisk: months.at(-1)?.age31 ?? 0,
  };
}

/** COL-02 回款预测缺口: a week brought less than P10 of the forecast. */
export function shortfall(
  week: ExpectedWeek,
  received: number,
  inRow: number,
  overdueTop: readonly OverdueCustomer[],
  moment: Moment,
): Finding {
  const { rules } = moment.env;
  const money = (minor: number): string => moneyText(minor, rules.currency);
  const decimal = (minor: number): string => formatMinor(minor, rules.currency);
  const gap = week.p10 - received;
  const span = `${dayText(week.from)}..${dayText(week.to)}`;
  return {
    ruleId: "COL-02",
    ref: span,
    severity: inRow >= rules.rules.col02.high ? "high" : "medium",
    value: gap,
    titleZh: `${span} 回款 ${money(received)},低于预测下限 ${money(week.p10)}`,
    titleEn: `${money(received)} came in ${span}, below the forecast's P10 of ${money(week.p10)}`,
    reasons: [
      reason(
        "COL-02",
        `缺口 ${money(gap)},连续 ${String(inRow)} 周`,
        `${money(gap)} short, ${String(inRow)} weeks in a row`,
        money(gap),
      ),
    ],
    explain: {
      from: dayText(week.from),
      to: dayText(week.to),
      received: decimal(received),
      p10: decimal(week.p10),
      p50: decimal(week.p50),
      gap: decimal(gap),
      weeks: inRow,
      largestOverdue: overdueTop.map(
        ({ customerId, name, overdue }) =>
          `${customerId} ${name}: ${decimal(overdue)}`,
      ),
    },
    moneyAtRisk: gap,
  };
}

/** MDL-01 模型漂移: passed are both the convention and what chance allows. */
export function modelDrift(
  baseline: readonly number[],
  present: readonly number[],
  moment: Moment,
): Finding | null {
  const { watch, act, minScores } = moment.env.rules.rules.mdl01;
  const drift = scoreDrift(baseline, present);
  if (drift === null || drift.now < minScores) return null;
  if (drift.psi <= watch || drift.psi <= drift.bound) return null;
  const text = drift.psi.toFixed(3);
  const bound = drift.bound.toFixed(3);
  return {
    ruleId: "MDL-01",
    ref: "score",
    severity: drift.psi > act ? "high" : "medium",
    value: Math.round(drift.psi * 1000),
    titleZh: `评分分布偏移,PSI ${text}`,
    titleEn: `The distribution of scores moved, PSI ${text}`,
    reasons: [
      reason(
        "MDL-01",
        `PSI ${text},随机波动界 ${bound}`,
        `PSI ${text}; chance explains ${bound}`,
        text,
      ),
    ],
    explain: {
      psi: Number(text),
      bound: Number(bound),
      baselineScores: drift.before,
      scores: drift.now,
      deciles: drift.deciles.map(
        ({ from, before, now }) =>
          `${String(from)}: ${percentText(before)} → ${percentText(now)}`,
      ),
    },
    moneyAtRisk: 0,
  };
}

/** MDL-02 校准偏移: matured outcomes against the default probabilities. */
export function calibrationOff(
  labels: readonly number[],
  bad: readonly number[],
  moment: Moment,
): Finding | null {
  const { rules } = moment.env;
  const { mdl02 } = rules.rules;
  const n = labels.reduce((sum, count) => sum + count, 0);
  const bads = bad.reduce((sum, count) => sum + count, 0);
  const least = Math.min(bads, n - bads);
  if (n < mdl02.minLabels || least < mdl02.minBad) return null;
  const fit = calibrate(
    labels.map((count, bin) => {
      const pd = pdOf(midScore(bin), rules);
      return { logit: exactLn(pd / (1 - pd)), n: count, bad: bad[bin] ?? 0 };
    }),
  );
  if (fit === null) return null;
  const { intercept, slope } = fit;
  const { slopeLow, slopeHigh } = mdl02;
  const isFine =
    Math.abs(intercept) <= mdl02.intercept &&
    slope >= slopeLow &&
    slope <= slopeHigh;
  if (isFine) return null;
  const a = intercept.toFixed(2);
  const b = slope.toFixed(2);
  return {
    ruleId: "MDL-02",
    ref: "pd",
    severity: "medium",
    value: Math.round(Math.abs(intercept) * 1000),
    titleZh: `违约概率校准偏移:截距 ${a},斜率 ${b}`,
    titleEn: `Default probabilities are off: intercept ${a}, slope ${b}`,
    reasons: [
      reason(
        "MDL-02",
        `${String(n)} 个已成熟结果中 ${String(bads)} 个违约;截距 ${a},斜率 ${b}`,
        `${String(bads)} of ${String(n)} matured outcomes are bad; intercept ${a}, slope ${b}`,
        a,
      ),
    ],
    explain: { intercept: Number(a), slope: Number(b), matured: n, bad: bads },
    moneyAtRisk: 0,
  };
}
