/** Words for what makes an item likely to be late, in both languages. */
import { numberText, percentText, type Bilingual } from "../texts.ts";
import type { LateInput } from "./late-inputs.ts";
import type { LateFactor } from "./late-model.ts";

const days = [
  { zh: "周一", en: "Monday" },
  { zh: "周二", en: "Tuesday" },
  { zh: "周三", en: "Wednesday" },
  { zh: "周四", en: "Thursday" },
  { zh: "周五", en: "Friday" },
  { zh: "周六", en: "Saturday" },
  { zh: "周日", en: "Sunday" },
];

const texts: Readonly<Record<LateInput, (value: string) => Bilingual>> = {
  lateRatio180d: (v) => ({
    zh: `近180天逾期付款比例 ${v}`,
    en: `${v} of payments were late in the last 180 days`,
  }),
  lateRatio365d: (v) => ({
    zh: `近一年逾期付款比例 ${v}`,
    en: `${v} of payments were late in the last year`,
  }),
  overdueShare: (v) => ({
    zh: `当前应收中逾期占 ${v}`,
    en: `${v} of receivables is overdue now`,
  }),
  lateOfLast3: (v) => ({
    zh: `最近三笔中 ${v} 笔逾期`,
    en: `${v} of the last three payments were late`,
  }),
  fiveLateShare: (v) => ({
    zh: `拖欠五天以上的比例 ${v}`,
    en: `${v} of payments came five or more days late`,
  }),
  beyond15Share: (v) => ({
    zh: `拖欠十五天以上的比例 ${v}`,
    en: `${v} of payments came more than 15 days late`,
  }),
  termsDays: (v) => ({ zh: `账期 ${v} 天`, en: `Terms of ${v} days` }),
  amountShare: (v) => ({
    zh: `金额为同类大额订单的 ${v}`,
    en: `Amount is ${v} of a large order of the segment`,
  }),
  amountToUsual: (v) => ({
    zh: `金额为该客户平均付款的 ${v} 倍`,
    en: `Amount is ${v} times the customer's mean payment`,
  }),
  dueWeekday: (v) => ({ zh: `到期日为${v}`, en: `Falls due on a ${v}` }),
  dueSameDay: (v) => ({
    zh: `同日到期的其他款项 ${v} 笔`,
    en: `${v} other items fall due on the same day`,
  }),
  dueWithin3Days: (v) => ({
    zh: `前后三天内到期的其他款项 ${v} 笔`,
    en: `${v} other items fall due within three days`,
  }),
  sinceIssueDays: (v) => ({
    zh: `距上一张未结发票 ${v} 天`,
    en: `${v} days since the last open invoice before it`,
  }),
};

const shares: ReadonlySet<LateInput> = new Set([
  "lateRatio180d",
  "lateRatio365d",
  "overdueShare",
  "fiveLateShare",
  "beyond15Share",
  "amountShare",
]);

/** The factor as a sentence, and its number. */
export function factorText(
  factor: LateFactor,
): Bilingual & { readonly number: string } {
  const { input, value } = factor;
  if (input === "dueWeekday") {
    const day = days[value ?? 0] ?? { zh: "", en: "" };
    const { zh } = texts.dueWeekday(day.zh);
    return { zh, en: texts.dueWeekday(day.en).en, number: day.en };
  }
  const number =
    value === null
      ? "–"
      : shares.has(input)
        ? percentText(value)
        : numberText(value);
  return { ...texts[input](number), number };
}
