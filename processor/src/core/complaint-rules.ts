/**
 * What complaints say (domain D2): CMP-02 refusal or legal language, CMP-03
 * liquidity language and DSP-01 at a complaint, DSP-02 while a dispute is open.
 */
import type { ComplaintItem, ComplaintOpened } from "@riskwall/schemas";
import { currencyExponent, formatMinor } from "@riskwall/schemas/money";
import type { Finding } from "./alerts.ts";
import { burstExpected, burstTail } from "./bursts.ts";
import type { Customer } from "./customer.ts";
import type { Moment } from "./env.ts";
import { measureExposure } from "./exposure.ts";
import { disputeOpen } from "./ledger.ts";
import { reason } from "./order-rules.ts";
import { toBase } from "./rates.ts";
import { findById } from "./sorted.ts";
import { moneyText } from "./texts.ts";
import { field, sumDays } from "./tiles.ts";

/** CMP-02, CMP-03 and DSP-01 of a complaint that was just opened. */
export function checkComplaint(
  customer: Customer,
  event: ComplaintOpened,
  moment: Moment,
): Finding[] {
  const complaint = findById(customer.state.complaints, event.complaintId);
  if (complaint === null) return [];
  return [
    refusal(customer, complaint, event, moment),
    liquidity(customer, complaint, event, moment),
    complaint.disputed > 0 ? disputeSurge(customer, complaint, moment) : null,
  ].filter((item) => item !== null);
}

/** Days in which a further complaint weighs more (C11). */
const repeatDays = 30;
/** Thousandths for a repeat, and for an amount from the materiality on. */
const aggravation = 100;

/**
 * Severity of the complaint with what the fold alone knows (C11): another one
 * within 30 days before, and a named or disputed amount that matters. Alerts
 * show it; sums over days keep the severity of the text, whatever the order in
 * which complaints come. What the sender said stays as it is.
 */
function gravity(
  customer: Customer,
  complaint: ComplaintItem,
  event: ComplaintOpened,
  moment: Moment,
): number {
  if (event.severity !== null || event.facts === null) {
    return complaint.severity;
  }
  const isRepeat = customer.state.complaints.some(
    (item) =>
      item.id !== complaint.id &&
      item.day <= complaint.day &&
      item.day > complaint.day - repeatDays,
  );
  const added =
    (isRepeat ? aggravation : 0) +
    (namesMuch(customer, event, moment) ? aggravation : 0);
  return Math.min(1000, complaint.severity + added);
}

/** True when the text or the sender names an amount that matters. */
function namesMuch(
  customer: Customer,
  event: ComplaintOpened,
  moment: Moment,
): boolean {
  const { rules, rates } = moment.env;
  const floor = measureExposure(customer, moment).materiality;
  const named = event.facts?.amount ?? null;
  const [said, currency] = [named?.amount ?? 0, named?.currency ?? null];
  // Without a currency the text counts in the base one, with two decimals.
  const exponent = currencyExponent(rules.currency) ?? 2;
  const inBase = Math.trunc((said * 10 ** exponent) / 100);
  return [
    {
      amount: event.disputedAmount ?? 0,
      currency: event.currency ?? rules.currency,
    },
    {
      amount: currency === null ? inBase : said,
      currency: currency ?? rules.currency,
    },
  ].some(
    ({ amount, currency }) =>
      amount > 0 && (toBase(amount, currency, rates) ?? 0) >= floor,
  );
}

function evidenceOf(event: ComplaintOpened): string {
  return event.facts?.spans.join(" / ") ?? "";
}

/** CMP-02 拒付/法律威胁. */
function refusal(
  customer: Customer,
  complaint: ComplaintItem,
  event: ComplaintOpened,
  moment: Moment,
): Finding | null {
  const { cmp02 } = moment.env.rules.rules;
  if (complaint.meaning !== "refusal") return null;
  const severity = gravity(customer, complaint, event, moment);
  if (severity < cmp02.severity * 1000) return null;
  const shown = (severity / 1000).toFixed(2);
  const evidence = evidenceOf(event);
  const quote = evidence === "" ? "" : `:“${evidence}”`;
  return {
    ruleId: "CMP-02",
    ref: complaint.id,
    severity: "high",
    value: severity,
    titleZh: `投诉出现拒付或法律威胁${quote}`,
    titleEn: `Complaint refuses to pay or threatens legal action${quote.replace(":", ": ")}`,
    reasons: [reason("CMP-02", `严重度 ${shown}`, `Severity ${shown}`, shown)],
    explain: { evidence, severity: severity / 1000 },
    moneyAtRisk: Math.max(0, customer.state.summary.exposure),
    complaintId: complaint.id,
  };
}

/** CMP-03 资金紧张信号; the second in the window is high. */
function liquidity(
  customer: Customer,
  complaint: ComplaintItem,
  event: ComplaintOpened,
  moment: Moment,
): Finding | null {
  const { cmp03 } = moment.env.rules.rules;
  if (complaint.meaning !== "liquidity") return null;
  const severity = gravity(customer, complaint, event, moment);
  const least = cmp03.severity * 1000;
  if (severity < least) return null;
  const n = customer.state.complaints.filter(
    (item) =>
      item.meaning === "liquidity" &&
      (item.id === complaint.id || item.severity >= least) &&
      item.day > moment.today - cmp03.days,
  ).length;
  const evidence = evidenceOf(event);
  const quote = evidence === "" ? "" : `:“${evidence}”`;
  const days = String(cmp03.days);
  return {
    ruleId: "CMP-03",
    ref: "",
    severity: n >= 2 ? "high" : "medium",
    value: n,
    titleZh: `投诉透露资金紧张${quote}`,
    titleEn: `Complaint speaks of tight liquidity${quote.replace(":", ": ")}`,
    reasons: [
      reason(
        "CMP-03",
        `近${days}天第 ${String(n)} 次`,
        `No. ${String(n)} in ${days} days`,
        String(n),
      ),
    ],
    explain: { evidence, severity: severity / 1000, count: n },
    moneyAtRisk: Math.max(0, customer.state.summary.exposure),
    complaintId: complaint.id,
  };
}

/** DSP-01 争议激增: more than usual, or as the due dates come. */
function disputeSurge(
  customer: Customer,
  complaint: ComplaintItem,
  moment: Moment,
): Finding | null {
  const { rules } = moment.env;
  const { dsp01 } = rules.rules;
  const { complaints, invoices } = customer.state;
  const from = moment.today - 30;
  const recent = complaints.filter(
    (item) => item.disputed > 0 && item.day > from,
  );
  const n = field(sumDays(customer.tiles, moment.today, 30), "disputes");
  const whole = field(sumDays(customer.tiles, moment.today, 180), "disputes");
  const baseline = Math.max(0, whole - n);
  const p = n < 2 ? 1 : burstTail(baseline, n, 30);
  const nearDue = recent.filter((item) => {
    const due = findById(invoices, item.invoiceId ?? "")?.due;
    return due !== undefined && Math.abs(item.day - due) <= dsp01.nearDueDays;
  }).length;
  const share = recent.length === 0 ? 0 : nearDue / recent.length;
  const isTimed = recent.length >= dsp01.min && share >= dsp01.nearDueShare;
  if (p >= dsp01.p && !isTimed) return null;
  const expected = burstExpected(baseline, 30);
  const disputed = recent.reduce((sum, item) => {
    const currency =
      findById(invoices, item.invoiceId ?? "")?.currency ?? rules.currency;
    return sum + (toBase(item.disputed, currency, moment.env.rates) ?? 0);
  }, 0);
  const money = moneyText(disputed, rules.currency);
  return {
    ruleId: "DSP-01",
    ref: "",
    severity: "medium",
    value: n,
    titleZh: `30 天内争议 ${String(n)} 笔,共 ${money},其中 ${String(nearDue)} 笔在到期日前后提出`,
    titleEn: `${String(n)} disputes over ${money} in 30 days, ${String(nearDue)} of them around the due date`,
    reasons: [
      reason(
        "DSP-01",
        `平时约 ${expected.toFixed(1)} 笔`,
        `Usually about ${expected.toFixed(1)}`,
        String(n),
      ),
    ],
    explain: {
      count: n,
      expected: Number(expected.toFixed(2)),
      p: Number(p.toPrecision(3)),
      nearDue,
      disputed: formatMinor(disputed, rules.currency),
    },
    moneyAtRisk: disputed,
    // A surge by its timing alone is no test of a chance.
    ...(p < dsp01.p ? { p } : {}),
    complaintId: complaint.id,
    invoiceId: complaint.invoiceId,
  };
}

/** DSP-02 争议久拖: the pause is over, and the item is overdue again. */
export function agedDisputes(
  customer: Customer,
  moment: Moment,
  findings: Finding[],
  holding: Set<string>,
): void {
  const { rules } = moment.env;
  const { dsp02 } = rules.rules;
  for (const item of customer.state.complaints) {
    const days = moment.today - item.day;
    const isOpen = item.status === disputeOpen && item.disputed > 0;
    if (!isOpen || days <= dsp02.days) continue;
    holding.add(`DSP-02|${item.id}`);
    const invoice = findById(customer.state.invoices, item.invoiceId ?? "");
    const currency = invoice?.currency ?? rules.currency;
    const base = toBase(item.disputed, currency, moment.env.rates) ?? 0;
    const money = moneyText(item.disputed, currency);
    findings.push({
      ruleId: "DSP-02",
      ref: item.id,
      severity: days > dsp02.medium ? "medium" : "low",
      value: days > dsp02.medium ? dsp02.medium : dsp02.days,
      titleZh: `争议 ${money} 已 ${String(days)} 天未解决`,
      titleEn: `A dispute over ${money} is open for ${String(days)} days`,
      reasons: [
        reason(
          "DSP-02",
          `超过 ${String(dsp02.days)} 天,重新计入逾期`,
          `Beyond ${String(dsp02.days)} days it counts as overdue again`,
          String(days),
        ),
      ],
      explain: { days, amount: formatMinor(item.disputed, currency), currency },
      moneyAtRisk: base,
      complaintId: item.id,
      invoiceId: item.invoiceId,
    });
  }
}
