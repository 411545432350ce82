/**
 * Words of reasons, alerts and decisions in Chinese and English (domain E3,
 * E4, D2). Numbers are formatted here without `Intl`, so that every engine
 * writes the same bytes.
 */
import { formatMinor } from "@riskwall/schemas/money";
import type { CharacteristicCode } from "./rule-set.ts";

export interface Bilingual {
  readonly zh: string;
  readonly en: string;
}

const signs: Readonly<Record<string, string>> = {
  CNY: "¥",
  USD: "$",
  EUR: "€",
  GBP: "£",
};

/** ¥1,250,000.00, or "JPY 1,200" where no sign is unambiguous. */
export function moneyText(minor: number, currency: string): string {
  const text = formatMinor(Math.abs(minor), currency);
  const [whole = "0", fraction] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  const sign = signs[currency] ?? `${currency} `;
  const tail = fraction === undefined ? "" : `.${fraction}`;
  return `${minor < 0 ? "−" : ""}${sign}${grouped}${tail}`;
}

/** 0.4567 → "45.7 %". */
export function percentText(ratio: number): string {
  if (ratio === Infinity) return "∞";
  return `${(ratio * 100).toFixed(1)} %`;
}

/** One decimal, without a trailing ".0". */
export function numberText(n: number): string {
  return n.toFixed(1).replace(/\.0$/, "");
}

const reasonTexts: Readonly<
  Record<CharacteristicCode, (v: string) => Bilingual>
> = {
  PB1: (v) => ({
    zh: `近180天逾期付款比例偏高(${v})`,
    en: `Share of late payments in the last 180 days is high (${v})`,
  }),
  PB2: (v) => ({
    zh: `平均拖欠 ${v} 天,超过账期`,
    en: `Pays on average ${v} days beyond terms`,
  }),
  PB3: (v) => ({
    zh: `当前存在逾期 ${v} 天的款项`,
    en: `Has an item ${v} days past due`,
  }),
  PB4: (v) => ({
    zh: `逾期金额占应收 ${v}`,
    en: `Overdue is ${v} of receivables`,
  }),
  // Below the best bin without being slower: say that, not the opposite.
  PB5: (v) =>
    Number(v) > 0
      ? {
          zh: `付款速度正在变慢(+${v} 天)`,
          en: `Payments are slowing (+${v} days)`,
        }
      : {
          zh: `付款速度未明显加快(${v} 天)`,
          en: `Payments are not getting much faster (${v} days)`,
        },
  PB6: (v) => ({
    zh: `近90天违背付款承诺 ${v} 次`,
    en: `Broke ${v} payment promises in 90 days`,
  }),
  PB7: (v) => ({
    zh: `近180天退票/拒付 ${v} 次`,
    en: `${v} returned payments in 180 days`,
  }),
  EX1: (v) => ({ zh: `额度使用率 ${v}`, en: `Credit limit ${v} used` }),
  EX2: (v) => ({
    zh: `信用敞口增长过快(${v} 倍)`,
    en: `Exposure is growing fast (${v}× its 90-day mean)`,
  }),
  OR1: () => ({
    zh: "近30天出现异常订单",
    en: "Unusual orders in the last 30 days",
  }),
  RE1: () => ({ zh: "合作时间较短", en: "Short relationship" }),
  RE2: () => ({ zh: "交易不连续", en: "Irregular trading" }),
  CP1: () => ({
    zh: "出现资金紧张或拒付类投诉",
    en: "Complaints that speak of liquidity or refusal",
  }),
  CP2: () => ({
    zh: "多次争议未成立",
    en: "Disputes repeatedly decided against the customer",
  }),
  XT1: () => ({
    zh: "外部评级偏低或下调",
    en: "Weak or lowered outside rating",
  }),
  CT1: (v) => ({
    zh: `合同履约率偏低(${v})`,
    en: `Contract performance is low (${v})`,
  }),
  IN1: () => ({ zh: "所属行业风险上升", en: "Industry risk is raised" }),
};

const riseTexts: Readonly<
  Record<CharacteristicCode, (v: string) => Bilingual>
> = {
  PB1: (v) => ({
    zh: `近180天逾期付款比例改善至 ${v}`,
    en: `Share of late payments in the last 180 days improved to ${v}`,
  }),
  PB2: (v) => ({
    zh: `平均拖欠改善至 ${v} 天`,
    en: `Average days beyond terms improved to ${v}`,
  }),
  PB3: (v) =>
    v === "0"
      ? { zh: "逾期款项已清", en: "Nothing is past due any more" }
      : {
          zh: `最长逾期降至 ${v} 天`,
          en: `Oldest past-due item is down to ${v} days`,
        },
  PB4: (v) => ({
    zh: `逾期占应收降至 ${v}`,
    en: `Overdue is down to ${v} of receivables`,
  }),
  PB5: (v) => ({
    zh: `付款不再变慢(${v} 天)`,
    en: `Payments are no longer slowing (${v} days)`,
  }),
  PB6: () => ({
    zh: "违背付款承诺的次数减少",
    en: "Fewer broken payment promises",
  }),
  PB7: (v) => ({
    zh: `近180天退票/拒付降至 ${v} 次`,
    en: `Returned payments in 180 days are down to ${v}`,
  }),
  EX1: (v) => ({
    zh: `额度使用率降至 ${v}`,
    en: `Limit utilisation is down to ${v}`,
  }),
  EX2: (v) => ({
    zh: `信用敞口增长放缓(${v} 倍)`,
    en: `Exposure growth has slowed (${v}× its 90-day mean)`,
  }),
  OR1: () => ({
    zh: "近30天异常订单减少",
    en: "Fewer unusual orders in the last 30 days",
  }),
  RE1: (v) => ({
    zh: `合作时间达 ${v} 年`,
    en: `Relationship has reached ${v} years`,
  }),
  RE2: (v) => ({
    zh: `近12个月有 ${v} 个月下单`,
    en: `Ordered in ${v} of the last 12 months`,
  }),
  CP1: () => ({
    zh: "资金紧张或拒付类投诉减少",
    en: "Fewer complaints that speak of liquidity or refusal",
  }),
  CP2: (v) => ({
    zh: `争议不成立比例降至 ${v}`,
    en: `Disputes decided against the customer are down to ${v}`,
  }),
  XT1: () => ({ zh: "外部评级提高", en: "Outside rating has risen" }),
  CT1: (v) => ({
    zh: `合同履约率升至 ${v}`,
    en: `Contract performance has risen to ${v}`,
  }),
  IN1: () => ({ zh: "所属行业风险下降", en: "Industry risk has fallen" }),
};

/** Text of what raised a score, with its number now. */
export function riseText(code: CharacteristicCode, v: string): Bilingual {
  return riseTexts[code](v);
}

const positiveTexts: Readonly<Partial<Record<CharacteristicCode, Bilingual>>> =
  {
    PB1: { zh: "按时付款", en: "Pays on time" },
    PB2: { zh: "平均不拖欠", en: "Pays within terms on average" },
    PB3: { zh: "当前无逾期", en: "Nothing past due" },
    PB4: { zh: "应收无逾期", en: "No overdue receivables" },
    EX1: { zh: "额度使用率低", en: "Low limit utilisation" },
    RE1: { zh: "长期合作", en: "Long relationship" },
    RE2: { zh: "交易连续", en: "Trades every month" },
    XT1: { zh: "外部评级高", en: "Strong outside rating" },
  };

/** Text of a score reason with its number. */
export function reasonText(code: CharacteristicCode, v: string): Bilingual {
  return reasonTexts[code](v);
}

/** Text of a positive factor, or null where none is worded. */
export function positiveText(code: CharacteristicCode): Bilingual | null {
  return positiveTexts[code] ?? null;
}

/** Caps by name (R19). */
export const capTexts: Readonly<Record<string, Bilingual>> = {
  "fraud-hold": { zh: "欺诈冻结", en: "fraud hold" },
  insolvency: { zh: "破产或法院执行", en: "insolvency or court execution" },
  "written-off": {
    zh: "近一年有坏账核销",
    en: "a write-off within a year",
  },
  "overdue-90": { zh: "逾期超过90天", en: "overdue beyond 90 days" },
  "returned-twice": {
    zh: "180天内两次退票",
    en: "two returned payments in 180 days",
  },
};

/** Hold codes (domain E4). */
export const holdTexts = {
  H01: { zh: "超额度", en: "Limit exceeded" },
  H02: { zh: "额度过期", en: "Limit expired" },
  H03: { zh: "逾期天数", en: "Overdue days" },
  H04: { zh: "逾期金额", en: "Overdue amount" },
  H05: { zh: "单笔超限", en: "Single order too large" },
  H06: { zh: "突发大额待核", en: "Large sudden order under review" },
  H07: { zh: "需预付", en: "Class requires prepayment" },
  H08: { zh: "超标准账期", en: "Terms beyond standard" },
  H09: { zh: "退票", en: "Returned payment" },
  H10: { zh: "人工冻结", en: "Manual hold" },
  H11: { zh: "集团超限", en: "Group limit exceeded" },
  H12: { zh: "破产/司法", en: "Insolvency or court" },
  H13: { zh: "担保缺失", en: "Cover missing" },
  H14: { zh: "疑似拆单", en: "Split-order suspicion" },
  H15: { zh: "数据不新鲜,无法判定", en: "Data not fresh enough to decide" },
} as const satisfies Record<string, Bilingual>;
export type HoldCode = keyof typeof holdTexts;

export function isHoldCode(code: string): code is HoldCode {
  return Object.hasOwn(holdTexts, code);
}

/** Names and suggested actions of the rules (domain D2). */
export const ruleTexts = {
  "ORD-01": {
    name: { zh: "突发大额订单", en: "Large sudden order" },
    action: {
      zh: "致电客户核实订单,确认前不发货",
      en: "Call the customer to confirm the order; do not ship before",
    },
  },
  "ORD-02": {
    name: { zh: "单笔超限", en: "Single-order cap" },
    action: {
      zh: "拆分交付或要求预付",
      en: "Split the delivery or ask for prepayment",
    },
  },
  "ORD-03": {
    name: { zh: "下单频次突增", en: "Order burst" },
    action: {
      zh: "核对采购计划与敞口",
      en: "Check the buying plan against exposure",
    },
  },
  "ORD-05": {
    name: { zh: "沉睡客户激活", en: "Dormant reactivation" },
    action: {
      zh: "重新核验资料后再放行",
      en: "Verify the customer's data again before release",
    },
  },
  "ORD-06": {
    name: { zh: "新客户大单", en: "New customer, large first orders" },
    action: {
      zh: "要求部分预付,复核起始额度",
      en: "Ask for part prepayment; review the starter limit",
    },
  },
  "EXP-01": {
    name: { zh: "额度使用预警", en: "Utilisation warning" },
    action: {
      zh: "提醒销售,安排回款或提额评审",
      en: "Tell sales; collect, or review the limit",
    },
  },
  "EXP-02": {
    name: { zh: "超信用额度", en: "Limit breached" },
    action: {
      zh: "停止新订单,催收至额度内",
      en: "Stop new orders; collect back to within the limit",
    },
  },
  "EXP-03": {
    name: { zh: "额度到期/复评逾期", en: "Limit or review expired" },
    action: {
      zh: "复评客户,续批或调整额度",
      en: "Review the customer; renew or change the limit",
    },
  },
  "EXP-05": {
    name: { zh: "集中度", en: "Concentration" },
    action: {
      zh: "评估对最大客户的依赖,考虑担保、保险或降低额度",
      en: "Review how much hangs on the largest customers; consider cover or lower limits",
    },
  },
  "EXP-06": {
    name: { zh: "集团敞口", en: "Group exposure" },
    action: {
      zh: "集团内各成员暂停新增赊销,与集团统一协商回款",
      en: "Stop new credit to all members; agree payment with the group as a whole",
    },
  },
  "PAY-01": {
    name: { zh: "逾期分级", en: "Overdue stage" },
    action: {
      zh: "按催收级别联系客户",
      en: "Contact the customer by dunning level",
    },
  },
  "PAY-02": {
    name: { zh: "逾期占比", en: "Overdue share" },
    action: {
      zh: "复核额度,升级催收",
      en: "Review the limit; step up collection",
    },
  },
  "PAY-04": {
    name: { zh: "预期回款未到", en: "Expected payment missing" },
    action: {
      zh: "联系客户,确认付款安排",
      en: "Contact the customer; ask when it will be paid",
    },
  },
  "PAY-05": {
    name: { zh: "违背付款承诺", en: "Broken promise" },
    action: {
      zh: "联系决策人,要求新的付款计划",
      en: "Reach the decision maker; ask for a new plan",
    },
  },
  "PAY-06": {
    name: { zh: "退票/拒付", en: "Returned or reversed payment" },
    action: {
      zh: "冻结发货,核实退回原因",
      en: "Hold shipments; find out the bank's reason",
    },
  },
  "PAY-10": {
    name: { zh: "预测逾期", en: "Predicted late, not yet due" },
    action: {
      zh: "到期前提醒客户付款",
      en: "Remind the customer before the due day",
    },
  },
  "PRT-01": {
    name: { zh: "组合逾期率漂移", en: "Portfolio shift" },
    action: {
      zh: "按分层查看逾期来源,收紧受影响客群的额度",
      en: "Find the segments behind it and tighten limits there",
    },
  },
  "COL-02": {
    name: { zh: "回款预测缺口", en: "Forecast shortfall" },
    action: {
      zh: "核对未到的大额回款并跟进,更新资金计划",
      en: "Chase the large payments that did not come and revise the cash plan",
    },
  },
  "MDL-01": {
    name: { zh: "模型漂移", en: "Model drift" },
    action: {
      zh: "查看各特征的变化,确认后重设基线或重新标定",
      en: "See which characteristics moved; recalibrate, or accept the new baseline",
    },
  },
  "MDL-02": {
    name: { zh: "校准偏移", en: "Calibration off" },
    action: {
      zh: "用已成熟的结果重新校准违约概率",
      en: "Recalibrate the default probabilities on the matured outcomes",
    },
  },
  "SCR-01": {
    name: { zh: "评分显著下降", en: "Score drop" },
    action: {
      zh: "复核客户,查看下降原因",
      en: "Review the customer and the causes",
    },
  },
  "SCR-02": {
    name: { zh: "信用等级下调", en: "Class downgrade" },
    action: {
      zh: "按新等级调整账期与额度",
      en: "Set terms and limit by the new class",
    },
  },
  "CMP-01": {
    name: { zh: "投诉激增", en: "Complaint burst" },
    action: {
      zh: "与客服核对投诉原因",
      en: "Go through the complaints with service",
    },
  },
  "ORD-04": {
    name: { zh: "拆单", en: "Split orders" },
    action: {
      zh: "合并审批这些订单,核实采购原因",
      en: "Approve these orders as one; ask why they were split",
    },
  },
  "ORD-07": {
    name: { zh: "账期放宽", en: "Terms stretched on order" },
    action: {
      zh: "按约定账期,或报批后放行",
      en: "Keep the agreed terms, or have the longer ones approved",
    },
  },
  "ORD-08": {
    name: {
      zh: "新地址/新付款方+大单",
      en: "New delivery place or payer with large order",
    },
    action: {
      zh: "回拨已知联系人核实地址与付款方",
      en: "Call a known contact to confirm place and payer",
    },
  },
  "ORD-09": {
    name: { zh: "订单骤降", en: "Activity collapse" },
    action: {
      zh: "了解客户是否停购或转向他处",
      en: "Find out whether the customer stopped or buys elsewhere",
    },
  },
  "ORD-10": {
    name: { zh: "退单率异常", en: "Cancellations / returns jump" },
    action: {
      zh: "核实取消原因,暂缓备货",
      en: "Ask why orders are cancelled; hold back production",
    },
  },
  "EXP-04": {
    name: { zh: "敞口增长快于回款", en: "Exposure growth without cash" },
    action: {
      zh: "放缓发货,先催收到期款",
      en: "Slow down shipments; collect what is due first",
    },
  },
  "PAY-03": {
    name: { zh: "付款节奏恶化", en: "Payment rhythm worsens" },
    action: {
      zh: "联系客户了解付款变慢的原因",
      en: "Ask the customer why payments slow down",
    },
  },
  "PAY-09": {
    name: { zh: "分期违约", en: "Instalment missed" },
    action: {
      zh: "确认分期计划是否继续有效",
      en: "Decide whether the plan still stands",
    },
  },
  "PAY-11": {
    name: { zh: "付款方异常", en: "Unusual payer or account" },
    action: {
      zh: "核实付款账户与客户的关系",
      en: "Check how the account is related to the customer",
    },
  },
  "PAY-12": {
    name: { zh: "未核销款", en: "Unallocated cash" },
    action: {
      zh: "联系客户确认款项用途并核销",
      en: "Ask what the money is for, and allocate it",
    },
  },
  "PAY-13": {
    name: { zh: "疑似重复付款", en: "Possible duplicate payment" },
    action: {
      zh: "核对后退款或冲抵",
      en: "Check, then refund or set off",
    },
  },
  "DSP-01": {
    name: { zh: "争议激增", en: "Dispute surge" },
    action: {
      zh: "集中处理争议,核实是否借故拖延",
      en: "Settle the disputes together; see whether they buy time",
    },
  },
  "DSP-02": {
    name: { zh: "争议久拖", en: "Dispute ageing" },
    action: {
      zh: "升级处理,给出结论",
      en: "Escalate and decide it",
    },
  },
  "CMP-02": {
    name: { zh: "拒付/法律威胁", en: "Refusal or legal language" },
    action: {
      zh: "暂停新订单,转法务与销售负责人",
      en: "Stop new orders; hand over to legal and the sales lead",
    },
  },
  "CMP-03": {
    name: { zh: "资金紧张信号", en: "Liquidity language" },
    action: {
      zh: "联系客户,评估额度与付款计划",
      en: "Talk to the customer; review limit and payment plan",
    },
  },
  "EXT-01": {
    name: { zh: "外部评级/司法信息", en: "Outside rating or register event" },
    action: {
      zh: "复核额度与担保",
      en: "Review limit and cover",
    },
  },
  "SCR-03": {
    name: { zh: "评分振荡", en: "Unstable score" },
    action: {
      zh: "检查数据来源是否重复或缺失",
      en: "Check the sources for repeats and gaps",
    },
  },
  "SCR-04": {
    name: { zh: "评分提升", en: "Upgrade, limit could rise" },
    action: {
      zh: "评估提高额度",
      en: "Consider a higher limit",
    },
  },
  "EXP-07": {
    name: { zh: "担保/保险到期", en: "Cover ends or is too small" },
    action: {
      zh: "续保或补充担保,否则降低额度",
      en: "Renew or add cover, or lower the limit",
    },
  },
  "PAY-07": {
    name: { zh: "部分付款增多", en: "Part payments rising" },
    action: {
      zh: "了解客户资金状况,约定一次付清",
      en: "Ask about the customer's cash; agree to pay in one sum",
    },
  },
  "PAY-08": {
    name: { zh: "停止享受现金折扣", en: "Stopped taking discount" },
    action: {
      zh: "留意资金紧张,提前联系付款",
      en: "Watch for short cash; ask early about payment",
    },
  },
  "CTR-01": {
    name: { zh: "合同履约异常", en: "Contract performance" },
    action: {
      zh: "与项目负责人核实履约进度",
      en: "Check progress with the project's owner",
    },
  },
  "EXT-02": {
    name: { zh: "行业风险上升", en: "Industry risk up" },
    action: {
      zh: "复核该行业客户的额度政策",
      en: "Review the limit policy for this industry",
    },
  },
  "COL-01": {
    name: { zh: "催收升级", en: "Collection stage reached" },
    action: {
      zh: "停止赊销,确定还款安排或移交",
      en: "Stop credit sales; settle a plan or hand over",
    },
  },
  "DQ-04": {
    name: { zh: "对账差异", en: "Ledger mismatch" },
    action: {
      zh: "与 ERP 逐笔核对,补送缺失单据",
      en: "Go through it with the ERP; send what is missing",
    },
  },
  "DQ-01": {
    name: { zh: "数据源静默", en: "Source silent" },
    action: {
      zh: "联系数据源负责人,检查接口与任务",
      en: "Ask the owner of the source; check its interface and jobs",
    },
  },
  "DQ-02": {
    name: { zh: "迟到/乱序", en: "Late or out of order" },
    action: {
      zh: "检查数据源的发送顺序与延迟",
      en: "Check the order and delay in which the source sends",
    },
  },
  "DQ-03": {
    name: { zh: "无效事件", en: "Rejected events" },
    action: {
      zh: "清理已结单据或合并收款,再从死信重新提交",
      en: "Settle or merge old items, then send the dead letters again",
    },
  },
} as const satisfies Record<string, { name: Bilingual; action: Bilingual }>;
export type RuleId = keyof typeof ruleTexts;
