/**
 * The words behind the three meanings of a complaint (domain C11): seller's
 * fault, liquidity, refusal. Own list; Chinese terms match as substrings,
 * English ones as runs of stems.
 */

export type Meaning = "refusal" | "liquidity" | "fault";

/** Most urgent first: the first found names the complaint. */
export const meanings: readonly Meaning[] = ["refusal", "liquidity", "fault"];

/** Category weight in the severity (C11). */
export const meaningWeight: Readonly<Record<Meaning, number>> = {
  fault: 0.1,
  liquidity: 0.4,
  refusal: 0.55,
};

/** How bad one mention is, before degree and negation. */
export const opinionWeight: Readonly<Record<Meaning, number>> = {
  fault: 0.8,
  liquidity: 1,
  refusal: 1.2,
};

const words = (text: string): readonly string[] => text.trim().split(/\s+/);
const phrases = (text: string): readonly string[] =>
  text
    .split("|")
    .map((item) => item.trim())
    .filter((item) => item !== "");

export const chineseTerms: Readonly<Record<Meaning, readonly string[]>> = {
  refusal: words(`
    拒付 拒绝付款 拒绝支付 拒不付款 不会付款 不会支付 不付款 不再付款 不予支付
    律师函 律师 起诉 法院 诉讼 仲裁 报案 终止合作 停止合作 解除合同 取消合作
    断绝合作 投诉到工商 曝光 维权 法律途径 追究责任 扣下货款 扣留货款`),
  liquidity: words(`
    资金紧张 资金链 资金困难 资金周转 周转困难 周转不开 周转不灵 手头紧 现金流
    账上没钱 没钱付 没有钱付 付不出 付不起 暂时付不了 暂时无法付款 无力支付
    延期付款 推迟付款 晚点付款 延迟支付 延后付款 延期支付 展期 缓一缓 宽限
    分期付款 分期支付 分批付 拖一拖 下月再付 下个月再付 过段时间付 回款困难
    回款慢 银行抽贷 贷款没批 贷款未批 等客户回款 工资都发不出`),
  fault: words(`
    质量问题 质量差 质量太差 质量不好 质量有问题 质量不合格 次品 残次品 破损
    损坏 坏了 开裂 生锈 变质 不合格 故障 发错货 发错 漏发 少发 短少 数量不对
    缺货 断货 延误 迟到 晚到 送货慢 太慢 没收到 未收到 没送到 延迟发货 迟迟不发
    发票错误 发票开错 开错发票 金额不对 价格不对 重复收费 多收 乱收费 态度差
    态度恶劣 服务差 没人处理 无人处理 不回复 推诿 退货 换货 退款 不满意 与样品不符
    货不对板 型号不对`),
};

export const englishTerms: Readonly<Record<Meaning, readonly string[]>> = {
  refusal: phrases(`refuse to pay|refuse payment|will not pay|won't pay|
    not going to pay|withhold payment|stop payment|lawsuit|lawyer|attorney|sue|
    legal action|take you to court|court|arbitration|litigation|
    terminate the contract|terminate our contract|end the contract|
    stop doing business|cancel the contract|debt collector`),
  liquidity: phrases(`cash flow|short of cash|out of cash|liquidity|insolvent|
    extension|extend the payment|extend payment|pay later|payment plan|
    in instalments|in installments|cannot pay|can't pay|unable to pay|
    not able to pay|delay payment|delay the payment|defer payment|
    defer the payment|postpone payment|postpone the payment|funds are tight|
    tight on funds|money is tight|bank cut|credit line was cut|more time to pay|
    struggling to pay`),
  fault: phrases(`defective|defect|damaged|broken|wrong item|wrong goods|
    wrong product|missing item|missing part|items are missing|late delivery|
    delivered late|arrived late|delayed|not delivered|never arrived|poor quality|
    bad quality|quality problem|quality issue|invoice error|wrong invoice|
    wrong price|wrong quantity|overcharged|charged twice|rude|bad service|
    poor service|return the goods|return the order|refund|faulty|malfunction|
    not as ordered|not as described|does not work|doesn't work|unacceptable|
    disappointed|complaint`),
};

/** Traditional characters of the Chinese terms, with their simplified form. */
export const traditional: Readonly<Record<string, string>> = Object.fromEntries(
  `資资 緊紧 張张 鏈链 轉转 開开 靈灵 頭头 現现 賬账 帳账 沒没 錢钱 無无 遲迟
  點点 後后 緩缓 寬宽 過过 時时 間间 難难 銀银 貸贷 請请 戶户 發发 絕绝 給给
  會会 師师 訴诉 訟诉 報报 終终 約约 斷断 質质 量量 題题 問问 損损 壞坏
  銹锈 變变 錯错 貨货 數数 對对 誤误 遞递 價价 復复 費费 亂乱 態态 惡恶 務务
  處处 諉诿 換换 滿满 樣样 與与 號号 從从 裡里 們们 該该 極极 較较 別别 雖虽
  還还 業业 單单 這这 個个 東东 來来 動动 運运 鍋锅 應应 說说 買买 賣卖
  關关 聯联 係系 責责 維维 權权 徑径 連连 檢检 實实 際际 認认 識识 當当`
    .trim()
    .split(/\s+/)
    .map((pair) => [pair.slice(0, 1), pair.slice(1)]),
);

/** What turns a Chinese term around when it stands right before it. */
export const chineseNegation =
  /(?:并非|难以|从未|不|没有|没|未|无|非|别)(?:是|会|想|要|再|能|可|必|需|打算|存在|出现|发生|任何|什么|过|被|到|敢|肯|愿意|考虑|收到|遇到|有)*$/;

/** Words with a negator inside that negate nothing, or negate twice. */
export const chineseIdioms =
  /不得不|能不能|可不可以|是不是|要不要|没有不|无不|不是不|不仅|不但|不只|不光|非常|无论|未来|特别|分别|不断|不好意思/g;

export const englishNegators: ReadonlySet<string> = new Set([
  "not",
  "never",
  "no",
  "hardly",
  "without",
  "isn't",
  "wasn't",
  "aren't",
  "don't",
  "doesn't",
  "didn't",
  "won't",
  "cannot",
  "can't",
]);

/** Degree words and their factor (C11), strongest first. */
export const degrees: readonly (readonly [string, number])[] = [
  ["极其", 2],
  ["极度", 2],
  ["非常", 1.75],
  ["十分", 1.75],
  ["特别", 1.75],
  ["很", 1.5],
  ["太", 1.5],
  ["比较", 1.25],
  ["有点", 0.7],
  ["稍", 0.7],
  ["extremely", 1.75],
  ["totally", 1.75],
  ["very", 1.5],
  ["quite", 1.25],
  ["slightly", 0.7],
  ["somewhat", 0.7],
];
