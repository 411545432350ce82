/**
 * What would clear a hold, in one sentence of each language: how much of which
 * invoices to pay, the limit that would do, what a person has to decide.
 */
import type { RuleHit } from "@riskwall/schemas";
import type { Moment } from "./env.ts";
import { exposureWith, type Exposure, type OpenPart } from "./exposure.ts";
import { groupClears } from "./group-check.ts";
import { classOf, orderCap } from "./order-rules.ts";
import type { Customer } from "./customer.ts";
import { moneyText, type Bilingual, type HoldCode } from "./texts.ts";

/** Invoices named in a sentence. */
const namedMax = 3;

/** Money of one invoice that has to come in. */
interface Due {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
}

function dueText(dues: readonly Due[]): Bilingual | null {
  const named = dues.slice(0, namedMax);
  const left = dues.length - named.length;
  if (named.length === 0) return null;
  const zh = named.map(
    (due) => `发票 ${due.id} 的 ${moneyText(due.amount, due.currency)}`,
  );
  const en = named.map(
    (due) => `${moneyText(due.amount, due.currency)} of invoice ${due.id}`,
  );
  return {
    zh: `付清${zh.join("、")}${left > 0 ? ` 等 ${String(dues.length)} 张` : ""}`,
    en: `pay ${en.join(", ")}${left > 0 ? ` and ${String(left)} more` : ""}`,
  };
}

function byAge(parts: readonly OpenPart[]): OpenPart[] {
  return [...parts].sort(
    (a, b) => a.due - b.due || (a.invoice.id < b.invoice.id ? -1 : 1),
  );
}

/** Instalments of one invoice are one sum. */
function joined(parts: readonly OpenPart[]): Due[] {
  const dues = new Map<string, Due>();
  for (const { invoice, open } of parts) {
    const known = dues.get(invoice.id)?.amount ?? 0;
    const { id, currency } = invoice;
    dues.set(id, { id, currency, amount: known + open });
  }
  return [...dues.values()];
}

/**
 * The oldest invoices that bring `need` together; the last in part where it is
 * in the reporting currency. Null when all open invoices do not suffice.
 */
function paymentsOf(
  need: number,
  exposure: Exposure,
  currency: string,
): Due[] | null {
  let left = need;
  const dues: OpenPart[] = [];
  for (const part of byAge(exposure.parts)) {
    if (left <= 0) break;
    const partly = part.invoice.currency === currency && part.value > left;
    dues.push(partly ? { ...part, open: left } : part);
    left -= part.value;
  }
  return left > 0 ? null : joined(dues);
}

function limitClears(
  value: number,
  limit: number,
  exposure: Exposure,
  currency: string,
): Bilingual {
  const after = exposureWith(exposure, value);
  const need = after - limit;
  const dues = paymentsOf(need, exposure, currency);
  const pay = dues === null ? null : dueText(dues);
  const raised = moneyText(after, currency);
  const sum = moneyText(need, currency);
  return {
    zh: `${pay?.zh ?? `回款或减少订单 ${sum}`},或将额度提高到 ${raised}`,
    en: `${pay?.en ?? `pay or cut orders by ${sum}`}, or raise the limit to ${raised}`,
  };
}

/** What is past due long enough to hold orders (H03). */
function overdueClears(
  customer: Customer,
  exposure: Exposure,
  moment: Moment,
): Bilingual | null {
  const riskClass = classOf(customer);
  const days = moment.env.rules.holds.overdueDays[riskClass];
  const parts = exposure.parts.filter(
    (part) =>
      part.dpd >= Math.max(1, days) && part.undisputed >= exposure.materiality,
  );
  return dueText(joined(byAge(parts)));
}

const byPerson: Readonly<Partial<Record<HoldCode, Bilingual>>> = {
  H02: { zh: "续批额度", en: "renew the limit" },
  H04: { zh: "收回逾期款", en: "collect what is past due" },
  H06: {
    zh: "核实并关闭大额订单告警",
    en: "verify the order and close its alert",
  },
  H07: { zh: "预付全款", en: "prepay in full" },
  H08: {
    zh: "改回约定账期,或人工放行",
    en: "go back to the agreed terms, or release it by hand",
  },
  H12: { zh: "人工放行", en: "release by hand" },
  H13: { zh: "提供担保", en: "provide cover" },
  H14: {
    zh: "核实并关闭拆单告警",
    en: "verify the orders and close their alert",
  },
  H09: { zh: "人工放行", en: "release by hand" },
  H10: { zh: "解除人工冻结", en: "lift the manual hold" },
};

/** The sentence of all hits of an order of `value`; empty without hits. */
export function clearingSentence(
  customer: Customer,
  hits: readonly RuleHit[],
  value: number,
  exposure: Exposure,
  moment: Moment,
): Bilingual {
  const { currency } = moment.env.rules;
  const clears = hits.map(({ code, value: seen }): Bilingual | null => {
    switch (code as HoldCode) {
      case "H01":
        return exposure.limit === null
          ? null
          : limitClears(value, exposure.limit, exposure, currency);
      case "H03":
        return overdueClears(customer, exposure, moment);
      case "H05": {
        const cap = orderCap(classOf(customer), exposure.limit, moment);
        if (cap === null || cap === 0) return null;
        const text = moneyText(cap, currency);
        return {
          zh: `将订单减至 ${text} 以内,或人工放行`,
          en: `reduce the order to ${text}, or release it by hand`,
        };
      }
      case "H11":
        return groupClears(
          customer,
          exposure.total,
          exposureWith(exposure, value) - exposure.total,
          moment,
        );
      case "H15":
        return { zh: `发布汇率:${seen}`, en: `publish the rate of ${seen}` };
      default:
        return byPerson[code as HoldCode] ?? null;
    }
  });
  const texts = clears.filter((text) => text !== null);
  return {
    zh: texts.map(({ zh }) => zh).join(";"),
    en: texts.map(({ en }) => en).join("; "),
  };
}
