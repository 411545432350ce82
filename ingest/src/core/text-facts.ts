/**
 * Facts of a complaint's text (domain C11), computed before the append so that
 * the fold needs no lexicon. Three meanings are kept apart: seller's fault,
 * liquidity, refusal. Pure, and deterministic per `version`.
 */
import type { TextFacts } from "@riskwall/schemas";

export const textFactsVersion = 1;

type Meaning = "fault" | "liquidity" | "refusal";

/** Weight of each meaning in the severity (C11). */
const meaningWeight: Readonly<Record<Meaning, number>> = {
  fault: 0.1,
  liquidity: 0.4,
  refusal: 0.55,
};

const lexicon: Readonly<Record<Meaning, readonly string[]>> = {
  liquidity: [
    ..."资金紧张 资金链 周转困难 周转不开 资金周转 延期付款 推迟付款 晚点付款 分期付款 分期支付 缓一缓 宽限 账上没钱 没有钱付 现金流 回款困难 资金困难 暂时付不了 暂时无法付款 延迟支付 拖一拖 银行抽贷 贷款没批 下月再付 过段时间付".split(
      " ",
    ),
    ..."cash flow|cash-flow|short of cash|liquidity|extension|extend the payment|pay later|payment plan|in instalments|in installments|cannot pay|can't pay|unable to pay|delay payment|delay the payment|defer|postpone payment|funds are tight|bank cut|more time to pay".split(
      "|",
    ),
  ],
  refusal: [
    ..."拒付 拒绝付款 不会付款 不付款 律师函 律师 起诉 法院 诉讼 仲裁 终止合作 解除合同 停止合作 投诉到工商 曝光 赔偿否则".split(
      " ",
    ),
    ..."refuse to pay|will not pay|won't pay|not going to pay|lawsuit|lawyer|sue|legal action|court|arbitration|terminate|end the contract|stop doing business".split(
      "|",
    ),
  ],
  fault: [
    ..."质量问题 质量差 质量 次品 破损 损坏 坏了 发错货 发错 漏发 少发 缺货 延误 迟到 晚到 送货慢 没收到 未收到 延迟发货 发票错误 发票开错 价格不对 多收 态度差 服务差 退货 换货 不满意 故障 不合格".split(
      " ",
    ),
    ..."defective|damaged|broken|wrong item|missing|late delivery|delayed|not delivered|poor quality|quality|invoice error|wrong price|overcharged|rude|bad service|return the goods|faulty|not as ordered".split(
      "|",
    ),
  ],
};

/** Rhetorical and double negations that negate nothing. */
const idioms = ["不得不", "没有不", "无不", "not only"];
const negators = [
  ..."不 没 未 无 非 别 难以 并非".split(" "),
  ..."not|never|no|hardly|isn't|doesn't".split("|"),
];
const degrees: readonly (readonly [string, number])[] = [
  ["极其", 2],
  ["非常", 1.75],
  ["很", 1.5],
  ["比较", 1.25],
  ["有点", 0.7],
  ["稍", 0.7],
  ["extremely", 2],
  ["very", 1.5],
  ["slightly", 0.7],
];
const spansMax = 8;
const lookBackZh = 4;
const lookBackEn = 24;

/** NFKC, lower case, ids and phones masked. */
export function normalise(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\d{7,}/g, "#");
}

/** zh where more than a fifth of the letters are Han. */
export function languageOf(text: string): "zh" | "en" {
  const han = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  return letters > 0 && han / letters > 0.2 ? "zh" : "en";
}

/** The words before a hit, up to the last punctuation. */
function scope(text: string, at: number, chinese: boolean): string {
  const from = Math.max(0, at - (chinese ? lookBackZh : lookBackEn));
  return (
    text
      .slice(from, at)
      .split(/[,.;:!?,。;:!?、]/)
      .at(-1) ?? ""
  );
}

function isNegated(before: string, chinese: boolean): boolean {
  if (idioms.some((idiom) => before.endsWith(idiom))) return false;
  return chinese
    ? negators.some((word) => before.endsWith(word))
    : before
        .split(/[^a-z']+/)
        .slice(-4)
        .some((word) => negators.includes(word));
}

function degreeOf(before: string): number {
  return degrees.find(([word]) => before.includes(word))?.[1] ?? 1;
}

/** Facts of a text, with the spans they rest on. */
export function textFacts(raw: string): TextFacts {
  const text = normalise(raw);
  const language = languageOf(text);
  const spans: string[] = [];
  const found = new Map<Meaning, number>();
  let opinion = 0;
  for (const meaning of ["refusal", "liquidity", "fault"] as const) {
    for (const term of lexicon[meaning]) {
      const at = text.indexOf(term);
      if (at < 0) continue;
      const chinese = /\p{Script=Han}/u.test(term);
      const before = scope(text, at, chinese);
      if (isNegated(before, chinese)) continue;
      const weight = degreeOf(before);
      found.set(meaning, (found.get(meaning) ?? 0) + weight);
      opinion += weight * (meaning === "fault" ? 0.6 : 1);
      if (spans.length < spansMax) spans.push(term);
    }
  }
  const categories = (["refusal", "liquidity", "fault"] as const).filter(
    (meaning) => found.has(meaning),
  );
  const meaning = categories[0] ?? "fault";
  const tokens = language === "zh" ? text.length / 2 : text.split(/\s+/).length;
  const polarity = Math.min(1, opinion / Math.sqrt(Math.max(1, tokens)));
  const weight = categories.length === 0 ? 0 : meaningWeight[meaning];
  const severity = Math.min(1, 0.2 + 0.25 * polarity + weight);
  return {
    version: textFactsVersion,
    language,
    categories: [...categories],
    meaning: categories.length === 0 ? "none" : meaning,
    severity: Math.round(severity * 1000),
    spans,
  };
}
