/**
 * Rules on what others say and on collection (domain D2): CTR-01 contracts and
 * COL-01 dunning while they hold; EXT-01 registers, EXT-02 industry and DQ-04
 * balance at the event.
 */
import type {
  BalanceReported,
  IndustryRated,
  RegisterReported,
} from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import { closeAlert, isActive, type Finding } from "./alerts.ts";
import { dayText } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import type { Emitter } from "./emit.ts";
import type { Moment } from "./env.ts";
import type { Exposure } from "./exposure.ts";
import { reason } from "./order-rules.ts";
import {
  contractRecord,
  dunningLevel,
  milestoneLate,
} from "./outside-facts.ts";
import { toBase } from "./rates.ts";
import { materiality } from "./rule-set.ts";
import type { Settlement } from "./settle.ts";
import { findById } from "./sorted.ts";
import { moneyText, percentText } from "./texts.ts";

/** CTR-01 and COL-01 as the state stands. */
export function checkOutsideGauges(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const { outside } = customer.state;
  if (outside === null) return;
  if (outside.milestones.length > 0) {
    lateMilestones(customer, moment, findings, holding);
    weakContracts(customer, moment, findings, holding);
  }
  if (outside.dunnings.length > 0) {
    collectionStage(customer, exposure, moment, findings, holding);
  }
}

/** Days for which a milestone that was met too late is spoken of. */
const metLateDays = 30;

/** CTR-01 合同履约异常, a milestone. */
function lateMilestones(
  customer: Customer,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const { ctr01 } = moment.env.rules.rules;
  for (const item of customer.state.outside?.milestones ?? []) {
    const late = milestoneLate(item, moment);
    if (late <= ctr01.days) continue;
    if (item.done !== 0 && moment.today - item.done > metLateDays) continue;
    holding.add(`CTR-01|${item.id}`);
    const n = String(late);
    const due = dayText(item.due);
    findings.push({
      ruleId: "CTR-01",
      ref: item.id,
      severity: "medium",
      value: late,
      titleZh: `合同节点 ${item.id} 晚 ${n} 天,应于 ${due} 完成`,
      titleEn: `Milestone ${item.id} is ${n} days late, due on ${due}`,
      reasons: [
        reason(
          "CTR-01",
          `超过 ${String(ctr01.days)} 天`,
          `More than ${String(ctr01.days)} days`,
          n,
        ),
      ],
      explain: {
        milestone: item.id,
        dueDate: due,
        doneDate: item.done === 0 ? null : dayText(item.done),
        daysLate: late,
      },
      moneyAtRisk: Math.max(0, customer.state.summary.exposure),
    });
  }
}

/** CTR-01, the rate of twelve months. */
function weakContracts(
  customer: Customer,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const { ctr01 } = moment.env.rules.rules;
  const { n, met } = contractRecord(customer, moment);
  if (n < ctr01.min) return;
  const rate = met / n;
  if (rate < ctr01.clear) holding.add("CTR-01|");
  if (rate >= ctr01.rate) return;
  const text = percentText(rate);
  const missed = String(n - met);
  findings.push({
    ruleId: "CTR-01",
    ref: "",
    severity: "medium",
    value: Math.round((1 - rate) * 1000),
    titleZh: `近12个月合同履约率 ${text},${String(n)} 个节点中 ${missed} 个未按时`,
    titleEn: `${text} of milestones met in 12 months: ${missed} of ${String(n)} were not`,
    reasons: [
      reason(
        "CTR-01",
        `低于 ${percentText(ctr01.rate)}`,
        `Below ${percentText(ctr01.rate)}`,
        text,
      ),
    ],
    explain: { rate: Number(rate.toFixed(4)), milestones: n, met },
    moneyAtRisk: Math.max(0, customer.state.summary.exposure),
  });
}

const agencyLevel = 8;

function stageText(level: number): {
  readonly zh: string;
  readonly en: string;
} {
  if (level > agencyLevel) return { zh: "诉讼", en: "court" };
  if (level === agencyLevel) return { zh: "委外催收", en: "agency" };
  return { zh: `第 ${String(level)} 级催收`, en: `level ${String(level)}` };
}

/** COL-01 催收升级. */
function collectionStage(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const { col01 } = moment.env.rules.rules;
  const level = dunningLevel(customer, exposure.overdue);
  if (level < col01.level) return;
  holding.add("COL-01|");
  const stage = stageText(level);
  const money = moneyText(exposure.overdue, moment.env.rules.currency);
  const history = (customer.state.outside?.dunnings ?? [])
    .slice(-10)
    .map((item) =>
      [item.id, String(item.level), dayText(item.day)]
        .filter((text) => text !== "")
        .join(" "),
    );
  findings.push({
    ruleId: "COL-01",
    ref: "",
    severity: level >= agencyLevel ? "high" : "medium",
    value: level,
    titleZh: `催收已到${stage.zh},逾期 ${money}`,
    titleEn: `Collection reached ${stage.en}, ${money} past due`,
    reasons: [
      reason(
        "COL-01",
        `达到第 ${String(col01.level)} 级或以上`,
        `Level ${String(col01.level)} or beyond`,
        String(level),
      ),
    ],
    explain: { level, collectionStage: stage.en, history },
    moneyAtRisk: exposure.overdue,
  });
}

const registersZh: Readonly<Record<string, string>> = {
  court: "涉诉",
  execution: "被法院强制执行",
  insolvency: "破产",
  "tax-default": "欠税",
};

/** EXT-01 司法信息: an entry in a register, or null when it is no news. */
export function registerEntry(
  customer: Customer,
  event: RegisterReported,
  moment: Moment,
): Finding | null {
  const { registers } = moment.env.rules.rules.ext01;
  const entry = findById(
    customer.state.outside?.registers ?? [],
    event.registerId,
  );
  if (entry?.isOpen !== true || entry.setAt !== event.time) return null;
  const severity = registers[event.kind];
  if (severity === undefined) return null;
  const date = dayText(event.date);
  const kind = registersZh[event.kind] ?? event.kind;
  const by = event.authority ?? "";
  return {
    ruleId: "EXT-01",
    ref: event.registerId,
    severity,
    value: 1,
    titleZh: `公开登记:${kind},${date}${by === "" ? "" : `,${by}`}`,
    titleEn: `Public register: ${event.kind} on ${date}${by === "" ? "" : `, ${by}`}`,
    reasons: [
      reason("EXT-01", `登记类型:${kind}`, `Entry: ${event.kind}`, date),
    ],
    explain: {
      source: by === "" ? event.source : by,
      ...{ kind: event.kind, register: event.registerId, date },
    },
    moneyAtRisk: Math.max(0, customer.state.summary.exposure),
  };
}

function closeEpisode(
  customer: Customer,
  { ruleId, ref, note }: Readonly<Record<"ruleId" | "ref" | "note", string>>,
  moment: Moment,
  emitter: Emitter,
): void {
  const alert = customer.state.alerts.find(
    (item) => item.ruleId === ruleId && item.ref === ref && isActive(item),
  );
  if (!alert) return;
  const by = { actor: "riskwall", note };
  closeAlert(customer, alert, "resolved", by, moment, emitter, null);
}

/** Ends the alert of an entry that its register has closed. */
export function closeRegister(
  customer: Customer,
  event: RegisterReported,
  moment: Moment,
  emitter: Emitter,
): void {
  const ref = event.registerId;
  const entry = findById(customer.state.outside?.registers ?? [], ref);
  if (entry?.isOpen !== false) return;
  const note = "登记已撤销 / the entry was closed";
  closeEpisode(customer, { ruleId: "EXT-01", ref, note }, moment, emitter);
}

const levels = [
  { zh: "低", en: "low" },
  { zh: "中性", en: "neutral" },
  { zh: "上升", en: "raised" },
  { zh: "高", en: "high" },
] as const;

/** EXT-02 行业风险上升; `before` null: nothing was known. */
export function industryRose(
  customer: Customer,
  event: IndustryRated,
  before: number | null,
): Finding | null {
  const level = customer.state.outside?.industry?.level ?? 0;
  if (before === null || level <= before || level !== event.level) return null;
  const [from, to] = [levels[before], levels[level]];
  const industry = event.industry ?? customer.state.industry;
  const zh = `${from?.zh ?? ""} → ${to?.zh ?? ""}`;
  const en = `${from?.en ?? ""} → ${to?.en ?? ""}`;
  return {
    ruleId: "EXT-02",
    ref: "",
    severity: "low",
    value: level,
    titleZh: `行业风险上升:${industry} ${zh}`,
    titleEn: `Industry risk rose: ${industry} ${en}`,
    reasons: [
      reason(
        "EXT-02",
        `上升 ${String(level - before)} 级`,
        `Up by ${String(level - before)}`,
        String(level),
      ),
    ],
    explain: { industry, from: before, to: level },
    moneyAtRisk: Math.max(0, customer.state.summary.exposure),
  };
}

/** What the ledger had open at the end of a day, gross and less free cash. */
function balancesAt(
  { state }: Customer,
  { asOf, currency }: BalanceReported,
  { allocations }: Settlement,
): { readonly gross: number; readonly net: number } {
  let gross = 0;
  const known = new Set<string>();
  for (const { id, issue, open, currency: own } of state.invoices) {
    if (own !== currency || issue > asOf) continue;
    known.add(id);
    gross += open;
  }
  for (const { payment, invoice, amount, discount } of allocations) {
    if (payment.day <= asOf || !known.has(invoice.id)) continue;
    gross += amount + discount;
  }
  for (const item of [...state.credits, ...state.writeOffs]) {
    if (item.day <= asOf || !known.has(item.invoiceId)) continue;
    gross += item.amount;
  }
  for (const { day, open, currency: own } of state.refunds) {
    if (own === currency && day <= asOf) gross += open;
  }
  let free = 0;
  for (const payment of state.payments) {
    const counts = payment.currency === currency && payment.day <= asOf;
    if (counts && payment.status === 0) free += payment.free;
  }
  return { gross, net: gross - free };
}

/**
 * DQ-04 对账差异: the ERP's open receivables in one currency at the end of a day
 * against the ledger's. Free cash may be deducted there or not: the nearer of
 * both counts. A balance that agrees ends the alert.
 */
export function checkBalance(
  customer: Customer,
  event: BalanceReported,
  settlement: Settlement,
  moment: Moment,
  emitter: Emitter,
): Finding | null {
  const { env, today } = moment;
  const { dq04 } = env.rules.rules;
  const { asOf, amount, currency } = event;
  if (asOf > today || asOf < today - dq04.maxAgeDays) return null;
  const { gross, net } = balancesAt(customer, event, settlement);
  const streamed =
    Math.abs(gross - amount) <= Math.abs(net - amount) ? gross : net;
  const gap = streamed - amount;
  const value = toBase(Math.abs(gap), currency, env.rates) ?? Math.abs(gap);
  const floor = materiality(env.rules, null);
  const isMaterial = Math.abs(gap) > dq04.share * amount || value > floor;
  if (value <= dq04.floor || !isMaterial) {
    const note = "余额一致 / the balances agree";
    const ref = currency;
    closeEpisode(customer, { ruleId: "DQ-04", ref, note }, moment, emitter);
    return null;
  }
  const date = dayText(asOf);
  const [own, erp] = [
    moneyText(streamed, currency),
    moneyText(amount, currency),
  ];
  const short = moneyText(Math.abs(gap), currency);
  return {
    ruleId: "DQ-04",
    ref: currency,
    severity: "high",
    value,
    titleZh: `${date} 对账差异 ${short}:本系统 ${own},ERP ${erp}`,
    titleEn: `Ledger differs by ${short} on ${date}: ${own} here, ${erp} in the ERP`,
    reasons: [
      reason(
        "DQ-04",
        gap < 0 ? "本系统少记" : "本系统多记",
        gap < 0 ? "Something is missing here" : "Something is missing there",
        short,
      ),
    ],
    explain: {
      ...{ asOf: date, currency, difference: formatMinor(gap, currency) },
      ledger: formatMinor(streamed, currency),
      balance: formatMinor(amount, currency),
    },
    moneyAtRisk: value,
  };
}
