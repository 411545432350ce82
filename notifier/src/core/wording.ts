/** The words of a message: what, how much, why, what to do, where to look. */
import type { Brief } from "./brief.ts";
import type { DutyCall, Notice } from "./notice.ts";

export const languages = ["zh-CN", "en"] as const;
export type Language = (typeof languages)[number];

/** Reasons that are told of one alert. */
export const reasonsTold = 3;
/** Milder alerts that a list names; critical ones are all named. */
export const mildNamedMax = 5;
/** Characters of a title at most, and of a line in a list. */
export const titleMax = 120;
export const lineMax = 60;

export interface Field {
  readonly label: string;
  readonly value: string;
}

/** A message in one language, without any markup. */
export interface Words {
  /** One line that says it all. */
  readonly title: string;
  /** Label and value, for one alert alone. */
  readonly fields: readonly Field[];
  /** Lines of a list, the gravest first, for several. */
  readonly lines: readonly string[];
  readonly linkText: string;
  readonly link: string;
  /** What the way to the phone's page is called. */
  readonly phoneText: string;
  /** The one alert it is about; null: several, or none. */
  readonly alertId: string | null;
}

const texts = {
  "zh-CN": {
    severity: {
      critical: "严重",
      high: "高",
      medium: "中",
      low: "低",
      info: "提示",
    },
    resolved: "已恢复",
    update: "更新",
    test: "测试",
    customer: "客户",
    rule: "规则",
    exposure: "敞口",
    limit: "授信额度",
    risk: "在险金额",
    why: "原因",
    action: "处置",
    open: "查看详情",
    phone: "手机查看（免登录）",
    storm: "告警风暴",
    many: (count: number) => `${String(count)} 条告警`,
    closed: (count: number) => `${String(count)} 条已恢复`,
    more: (count: number) => `另有 ${String(count)} 条`,
    noLimit: "无",
    colon: "：",
    onCall: "值班",
    step: (step: number, steps: number, round: number) =>
      `升级第 ${String(step)}/${String(steps)} 步${round > 1 ? `，第 ${String(round)} 轮` : ""}`,
    testTitle: "riskwall 测试消息：通道可用",
  },
  en: {
    severity: {
      critical: "critical",
      high: "high",
      medium: "medium",
      low: "low",
      info: "info",
    },
    resolved: "resolved",
    update: "update",
    test: "test",
    customer: "Customer",
    rule: "Rule",
    exposure: "Exposure",
    limit: "Credit limit",
    risk: "At risk",
    why: "Why",
    action: "What to do",
    open: "Open",
    phone: "On the phone, without sign-in",
    storm: "Alert storm",
    many: (count: number) => `${String(count)} alerts`,
    closed: (count: number) => `${String(count)} resolved`,
    more: (count: number) => `${String(count)} more`,
    noLimit: "none",
    colon: ": ",
    onCall: "On call",
    step: (step: number, steps: number, round: number) =>
      `escalation step ${String(step)} of ${String(steps)}${round > 1 ? `, round ${String(round)}` : ""}`,
    testTitle: "riskwall test message: the channel works",
  },
} as const;

type Texts = (typeof texts)[Language];

/** What a notice is about in one word: its severity, or that it is over. */
export function severityName(notice: Notice, language: Language): string {
  const t = texts[language];
  return notice.firingCount === 0
    ? t.resolved
    : severityWord(t, notice.severity);
}

function severityWord(t: Texts, severity: string): string {
  const found = Object.entries(t.severity).find(([name]) => name === severity);
  return found?.[1] ?? severity;
}

const titleOf = (brief: Brief, language: Language): string =>
  language === "zh-CN" ? brief.titleZh : brief.titleEn;

export function clip(text: string, max: number): string {
  const signs = [...text.replace(/\s+/g, " ").trim()];
  return signs.length <= max
    ? signs.join("")
    : `${signs.slice(0, max - 1).join("")}…`;
}

/** `[严重] 恒远机电：…` of one alert. */
function lineOf(
  brief: Brief,
  language: Language,
  { max, resolved }: { readonly max: number; readonly resolved: boolean },
): string {
  const t = texts[language];
  const word = resolved ? t.resolved : severityWord(t, brief.severity);
  const name = brief.customerName || brief.customerId;
  return clip(`[${word}] ${name}${t.colon}${titleOf(brief, language)}`, max);
}

/** The words of a notice for a reader of `language`. */
export function wordsOf(
  notice: Notice,
  language: Language,
  publicUrl: string,
): Words {
  const t = texts[language];
  if (notice.kind === "test") {
    const link = `${publicUrl}/alerts`;
    return {
      ...{ title: t.testTitle, fields: [], lines: [] },
      ...{ linkText: t.open, link, phoneText: t.phone, alertId: null },
    };
  }
  const [first] = notice.firing;
  const [ended] = notice.resolved;
  const { firingCount, resolvedCount } = notice;
  const one = firingCount + resolvedCount === 1 && (first ?? ended);
  const words = one
    ? ofOne(one, notice, language, publicUrl)
    : ofMany(notice, language, publicUrl);
  return notice.call ? called(words, notice.call, language) : words;
}

/** Says whom a step of an escalation calls, and which it is. */
function called(words: Words, call: DutyCall, language: Language): Words {
  const t = texts[language];
  const { person, step, steps, round } = call;
  const which = t.step(step, steps, round);
  const value = person === null ? which : `${person.name} (${which})`;
  const { fields, lines } = words;
  return lines.length > 0
    ? { ...words, lines: [`${t.onCall}${t.colon}${value}`, ...lines] }
    : { ...words, fields: [{ label: t.onCall, value }, ...fields] };
}

function ofOne(
  brief: Brief | undefined,
  notice: Notice,
  language: Language,
  publicUrl: string,
): Words {
  const t = texts[language];
  if (!brief) return ofMany(notice, language, publicUrl);
  const over = notice.firingCount === 0;
  const zh = language === "zh-CN";
  const { currency, limit } = brief;
  const money = (amount: string): string => `${amount} ${currency}`;
  const { ruleName, suggestedAction, exposureBefore, exposureAfter } = brief;
  const moved =
    exposureBefore === exposureAfter
      ? money(exposureAfter)
      : `${exposureBefore} → ${money(exposureAfter)}`;
  const reasons = brief.reasons
    .slice(0, reasonsTold)
    .map(({ textZh, textEn, number }) => {
      const text = zh ? textZh : textEn;
      return number === "" ? text : `${text} (${number})`;
    });
  const fields: Field[] = [
    { label: t.customer, value: `${brief.customerName} ${brief.customerId}` },
    {
      label: t.rule,
      value: `${brief.ruleId} ${zh ? ruleName.zh : ruleName.en}`,
    },
    { label: t.risk, value: money(brief.moneyAtRisk) },
    { label: t.exposure, value: moved },
    { label: t.limit, value: limit === null ? t.noLimit : money(limit) },
  ];
  if (!over) {
    if (reasons.length > 0) {
      fields.push({ label: t.why, value: reasons.join(zh ? "；" : "; ") });
    }
    const action = zh ? suggestedAction.zh : suggestedAction.en;
    if (action !== "") fields.push({ label: t.action, value: action });
  }
  return {
    title: lineOf(brief, language, { max: titleMax, resolved: over }),
    fields,
    lines: [],
    linkText: t.open,
    link: `${publicUrl}/alerts?open=${encodeURIComponent(brief.alertId)}`,
    phoneText: t.phone,
    alertId: brief.alertId,
  };
}

function ofMany(notice: Notice, language: Language, publicUrl: string): Words {
  const t = texts[language];
  const { firing, resolved, firingCount, resolvedCount, counts } = notice;
  const parts: string[] = [];
  if (firingCount > 0) {
    const bySeverity = Object.keys(t.severity).flatMap((name) => {
      const count = counts[name] ?? 0;
      return count > 0 ? [`${severityWord(t, name)} ${String(count)}`] : [];
    });
    parts.push(`${t.many(firingCount)} (${bySeverity.join(", ")})`);
  }
  if (resolvedCount > 0) parts.push(t.closed(resolvedCount));
  const mark = notice.storm
    ? t.storm
    : severityWord(t, firingCount > 0 ? notice.severity : "info");
  const word = firingCount > 0 ? mark : t.resolved;
  const grave = firing.filter(({ severity }) => severity === "critical");
  const mild = firing.filter(({ severity }) => severity !== "critical");
  const named = [...grave, ...mild.slice(0, mildNamedMax)];
  const lines = named.map((brief) =>
    lineOf(brief, language, { max: lineMax, resolved: false }),
  );
  const ended = resolved.slice(0, mildNamedMax);
  lines.push(
    ...ended.map((one) =>
      lineOf(one, language, { max: lineMax, resolved: true }),
    ),
  );
  const more = firingCount + resolvedCount - named.length - ended.length;
  if (more > 0) lines.push(t.more(more));
  return {
    title: clip(`[${word}] ${parts.join(", ")}`, titleMax),
    fields: [],
    lines,
    linkText: t.open,
    link: `${publicUrl}/alerts`,
    phoneText: t.phone,
    alertId: null,
  };
}

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const sign of text) {
    const code = sign.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/**
 * As many of the lines, from the first, as fit into `maxBytes` with a line
 * break each; the rest is said to be more.
 */
export function fitLines(
  lines: readonly string[],
  maxBytes: number,
  language: Language,
): readonly string[] {
  const t = texts[language];
  let bytes = 0;
  const fitting: string[] = [];
  for (const [i, line] of lines.entries()) {
    const rest = t.more(lines.length - i);
    const size = utf8Length(line) + 1;
    const last = i === lines.length - 1;
    const spare = last ? 0 : utf8Length(rest) + 1;
    if (bytes + size + spare > maxBytes) return [...fitting, rest];
    bytes += size;
    fitting.push(line);
  }
  return fitting;
}

/** The message as plain lines: title, fields or list. */
export function plainLines(words: Words, language: Language): string[] {
  const { colon } = texts[language];
  return [
    words.title,
    ...words.fields.map(({ label, value }) => `${label}${colon}${value}`),
    ...words.lines,
  ];
}
