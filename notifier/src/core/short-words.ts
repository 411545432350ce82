/** What fits into a text message or a call: variables of a fixed template. */
import { alertCode } from "@riskwall/schemas/alert-code";
import type { Notice } from "./notice.ts";
import { clip, severityName, type Language, type Words } from "./wording.ts";

/** Characters of one variable: providers refuse longer ones. */
const variableMax = 20;

export interface ShortWords {
  readonly cust: string;
  readonly what: string;
  readonly amt: string;
  /** Typed on the phone's page; `-` where it is about several. */
  readonly code: string;
}

/** Without brackets, in which providers put the sender's name, and slashes. */
const plain = (text: string): string =>
  clip(text.replace(/[【】[\]<>{}/\\:：]/g, " "), variableMax);

export function shortWordsOf(
  notice: Notice,
  words: Words,
  language: Language,
): ShortWords {
  const none = { amt: "-", code: "-" };
  const [brief] = [...notice.firing, ...notice.resolved];
  if (words.alertId === null || !brief) {
    return { cust: "riskwall", what: plain(words.title), ...none };
  }
  const title = language === "zh-CN" ? brief.titleZh : brief.titleEn;
  const mark = severityName(notice, language);
  return {
    cust: plain(brief.customerName || brief.customerId),
    what: plain(`${mark} ${title}`),
    amt: plain(`${brief.moneyAtRisk} ${brief.currency}`),
    code: alertCode(brief.alertId),
  };
}

/** One sentence of it, for providers without templates. */
export function shortSentence(words: ShortWords, language: Language): string {
  const { cust, what, amt, code } = words;
  const parts = [cust, what, ...(amt === "-" ? [] : [amt])];
  const way =
    language === "zh-CN" ? `手机页输入 ${code}` : `on the phone page: ${code}`;
  return [...parts, ...(code === "-" ? [] : [way])].join(
    language === "zh-CN" ? "，" : ", ",
  );
}
