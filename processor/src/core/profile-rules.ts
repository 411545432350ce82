/**
 * Rules on the whole picture of a customer (domain D2): EXP-04 exposure
 * without cash and SCR-04 upgrade while they hold, SCR-03 unstable score at a
 * score change, EXT-01 at an outside rating.
 */
import type { CustomerRated } from "@riskwall/schemas";
import type { Finding } from "./alerts.ts";
import { dayMs, dayText, minuteMs } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import type { Exposure } from "./exposure.ts";
import { collectionRate, growthOf } from "./features.ts";
import { reason } from "./order-rules.ts";
import { numberText, percentText } from "./texts.ts";

const classes = ["A", "B", "C", "D", "E"];

/** EXP-04 and SCR-04 as the state stands. */
export function checkProfileGauges(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const growth = growthWithoutCash(customer, exposure, moment);
  if (growth !== null) {
    holding.add("EXP-04|");
    findings.push(growth);
  }
  const upgrade = upgraded(customer, moment);
  if (upgrade !== null) {
    holding.add("SCR-04|");
    findings.push(upgrade);
  }
}

/** EXP-04 敞口增长快于回款. */
function growthWithoutCash(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
): Finding | null {
  const { exp04 } = moment.env.rules.rules;
  const growth = growthOf(customer, exposure, moment.today);
  const rate = collectionRate(customer, exposure, moment, exp04.minDue);
  if (growth === null || rate === null) return null;
  if (growth <= exp04.growth || rate >= exp04.collection) return null;
  if (exposure.total < exposure.materiality) return null;
  const times = numberText(growth);
  const share = percentText(rate);
  return {
    ruleId: "EXP-04",
    ref: "",
    severity: growth > exp04.high ? "high" : "medium",
    value: Math.round(growth * 100),
    titleZh: `敞口为 90 天均值的 ${times} 倍,近30天回款率 ${share}`,
    titleEn: `Exposure is ${times}× its 90-day mean, ${share} collected in 30 days`,
    reasons: [
      reason(
        "EXP-04",
        `回款率低于 ${percentText(exp04.collection)}`,
        `Collection rate below ${percentText(exp04.collection)}`,
        share,
      ),
    ],
    explain: {
      growth: Number(growth.toFixed(2)),
      collectionRate: Number(rate.toFixed(4)),
    },
    moneyAtRisk: exposure.total,
  };
}

/** SCR-04 评分提升: a better class, held for a month. */
function upgraded(customer: Customer, moment: Moment): Finding | null {
  const { state } = customer;
  const { days } = moment.env.rules.rules.scr04;
  const isUp =
    classes.indexOf(state.class) < classes.indexOf(state.classBefore);
  const held = Math.floor((moment.now - state.classAt) / dayMs);
  if (!isUp || state.classAt === 0 || held < days || held >= 2 * days) {
    return null;
  }
  const step = `${state.classBefore} → ${state.class}`;
  const since = dayText(Math.floor(state.classAt / dayMs));
  return {
    ruleId: "SCR-04",
    ref: "",
    severity: "info",
    value: state.score,
    titleZh: `信用等级 ${step} 已保持 ${String(days)} 天,额度可评估上调`,
    titleEn: `Class ${step} held for ${String(days)} days: the limit could rise`,
    reasons: [reason("SCR-04", `自 ${since} 起`, `Since ${since}`, step)],
    explain: { from: state.classBefore, to: state.class, since },
    moneyAtRisk: 0,
  };
}

/** SCR-03 评分振荡: the score went up and down again and again. */
export function unstableScore(
  customer: Customer,
  moment: Moment,
): Finding | null {
  const { scr03 } = moment.env.rules.rules;
  const from = (moment.now - scr03.days * dayMs) / minuteMs;
  const series = customer.scoreLog
    .filter((mark) => mark.minute >= from)
    .map((mark) => mark.score);
  let changes = 0;
  let turn = series[0] ?? 0;
  let direction = 0;
  for (const score of series) {
    const move = score - turn;
    const isOnward = direction !== 0 && Math.sign(move) === direction;
    if (isOnward) turn = score;
    else if (Math.abs(move) >= scr03.points) {
      if (direction !== 0) changes += 1;
      direction = Math.sign(move);
      turn = score;
    }
  }
  if (changes < scr03.changes) return null;
  const n = String(changes);
  const days = String(scr03.days);
  return {
    ruleId: "SCR-03",
    ref: "",
    severity: "low",
    value: changes,
    titleZh: `评分 ${days} 天内 ${n} 次反复,请检查数据`,
    titleEn: `Score turned ${n} times in ${days} days: check the data`,
    reasons: [
      reason(
        "SCR-03",
        `每次至少 ${String(scr03.points)} 分`,
        `By at least ${String(scr03.points)} points each time`,
        n,
      ),
    ],
    explain: { changes, series: series.map(String) },
    moneyAtRisk: 0,
  };
}

/** EXT-01 外部评级: points lost since the rating before, in notches. */
export function ratingFell(
  customer: Customer,
  event: CustomerRated,
  before: number | null,
  moment: Moment,
): Finding | null {
  const { ext01 } = moment.env.rules.rules;
  const { normalised, rating, agency } = event;
  const isDefault = normalised === 0;
  const fall = before === null ? 0 : before - normalised;
  const notches = Math.floor(fall / ext01.notchPoints);
  if (!isDefault && notches < 1) return null;
  const from = before === null ? "–" : String(before);
  return {
    ruleId: "EXT-01",
    ref: "",
    severity: isDefault ? "critical" : notches >= 2 ? "high" : "medium",
    value: 100 - normalised,
    titleZh: `外部评级下调:${agency} ${rating}(${from} → ${String(normalised)})`,
    titleEn: `Outside rating lowered: ${agency} ${rating} (${from} → ${String(normalised)})`,
    reasons: [
      reason(
        "EXT-01",
        isDefault ? "外部评级为违约" : `下调约 ${String(notches)} 级`,
        isDefault
          ? "The rating says default"
          : `About ${String(notches)} notches`,
        String(normalised),
      ),
    ],
    explain: {
      source: agency,
      rating,
      from: before,
      to: normalised,
      date: dayText(event.ratedAt),
    },
    moneyAtRisk: Math.max(0, customer.state.summary.exposure),
  };
}
