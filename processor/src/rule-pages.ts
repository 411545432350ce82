/**
 * Pages of the rules, from the rule set, the rules' texts and the prose in
 * `rules/pages.yaml`: one per rule and language, and one list. Made anew with
 * `./riskwall rules docs`; a test holds pages and data equal.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { z } from "zod";
import { ruleTexts, type RuleId } from "./core/texts.ts";
import { leaves } from "./rules-view.ts";

const prose = z.strictObject({
  means: z.string().min(1),
  trigger: z.string().min(1),
  severity: z.string().min(1),
  tune: z.string().min(1),
});
const pageProse = z.strictObject({
  /** Explanation fields beside the common record. */
  fields: z.array(z.string()).min(1),
  zh: prose,
  en: prose,
});
const pagesFile = z.record(z.string(), pageProse);
export type PageProse = z.infer<typeof pageProse>;

/** Prose by rule; a rule that has none yet gets a page of its data alone. */
export function readProse(): Readonly<Record<string, PageProse>> {
  const url = new URL("../rules/pages.yaml", import.meta.url);
  return pagesFile.parse(parse(readFileSync(fileURLToPath(url), "utf8")));
}

type Language = "zh" | "en";

/** Rules of which no error rate is known yet; of all others: docs/error-rates.md. */
const unmeasured: ReadonlySet<string> = new Set(["MDL-02"]);

/** Rules on groups and the portfolio: no class, no insurance of one customer. */
const acrossCustomers: ReadonlySet<string> = new Set([
  ...["EXP-05", "EXP-06", "COL-02", "PRT-01", "MDL-01", "MDL-02"],
]);

const words = {
  zh: {
    means: "含义",
    trigger: "触发条件",
    severity: "严重度",
    settings: "参数",
    fields: "解释字段",
    action: "建议操作",
    tune: "如何调整",
    hygiene: "提示方式",
    statistical: "统计规则:参与当日的错误发现率控制(Benjamini-Hochberg)。",
    matrix: "严重度再按风险金额由矩阵决定。",
    raised: "D、E 级和重点关注客户升一级;全额投保降一级。",
    rates: "误报与检出",
    measured: "实测见 [error-rates.md](../../error-rates.md)。",
    unknown: "尚无实测。",
    none: "无",
    index: "规则",
  },
  en: {
    means: "What it means",
    trigger: "Trigger",
    severity: "Severity",
    settings: "Settings",
    fields: "Explanation fields",
    action: "Suggested action",
    tune: "How to tune",
    hygiene: "Telling",
    statistical:
      "Statistical: takes part in the day's control of false discoveries (Benjamini-Hochberg).",
    matrix: "Severity then goes by money at risk, through the matrix.",
    raised:
      "One step more for class D, E and watched customers; one less where fully insured.",
    rates: "Error rates",
    measured: "Measured: [error-rates.md](../../error-rates.md).",
    unknown: "Not measured yet.",
    none: "none",
    index: "Rules",
  },
} as const;

/** ORD-01 → ord01, its key under `rules`. */
const keyOf = (ruleId: string): string => ruleId.toLowerCase().replace("-", "");

function percent(text: string): string {
  const share = Number((Number(text) * 100).toFixed(4));
  return `${String(share)} %`;
}

/** Puts settings into the braces of a text; throws on one that is not there. */
export function fillProse(
  text: string,
  ruleId: string,
  values: ReadonlyMap<string, string>,
): string {
  return text.replace(/\{([\w.]+)(%?)\}/g, (_, name: string, mark: string) => {
    const own = values.get(`rules.${keyOf(ruleId)}.${name}`);
    const value = own ?? values.get(name);
    if (value === undefined) throw new Error(`${ruleId}: no setting ${name}`);
    return mark === "%" ? percent(value) : value;
  });
}

interface PageData {
  readonly values: ReadonlyMap<string, string>;
  readonly fdr: string;
  readonly byMatrix: string;
}

function pageOf(
  ruleId: RuleId,
  text: PageProse | undefined,
  data: PageData,
  language: Language,
): string {
  const said = words[language];
  const { name, action } = ruleTexts[ruleId];
  const fill = (part: string): string => fillProse(part, ruleId, data.values);
  const prefix = `rules.${keyOf(ruleId)}.`;
  const settings = [...data.values].filter(([path]) => path.startsWith(prefix));
  const list = settings.map(([path, value]) => `- \`${path}\`: ${value}`);
  const own = text?.[language];
  const isRaised = !ruleId.startsWith("SCR") && !acrossCustomers.has(ruleId);
  const telling = [
    ...(data.fdr.includes(ruleId) ? [said.statistical] : []),
    ...(data.byMatrix.includes(ruleId) ? [said.matrix] : []),
    ...(isRaised ? [said.raised] : []),
  ];
  const section = (title: string, body: string): string[] =>
    body === "" ? [] : ["", `## ${title}`, "", body];
  return [
    `# ${ruleId} ${name[language]}`,
    ...section(said.means, own === undefined ? "" : fill(own.means)),
    ...section(said.trigger, own === undefined ? "" : fill(own.trigger)),
    ...section(said.severity, own === undefined ? "" : fill(own.severity)),
    ...section(
      said.settings,
      settings.length === 0 ? said.none : list.join("\n"),
    ),
    ...section(
      said.fields,
      (text?.fields ?? []).map((f) => `\`${f}\``).join(", "),
    ),
    ...section(said.action, action[language]),
    ...section(said.tune, own === undefined ? "" : fill(own.tune)),
    ...section(said.hygiene, telling.join(" ")),
    ...section(
      said.rates,
      unmeasured.has(ruleId) ? said.unknown : said.measured,
    ),
    "",
  ].join("\n");
}

/** Every page by its path below the folder of the pages. */
export function rulePages(
  data: unknown,
  texts: Readonly<Record<string, PageProse>>,
): ReadonlyMap<string, string> {
  const values = new Map(leaves(data));
  const of = {
    values,
    fdr: values.get("alerts.fdr.rules") ?? "",
    byMatrix: values.get("severity.byMatrix") ?? "",
  };
  // Written by the compiler's own list of rules.
  const ids = (Object.keys(ruleTexts) as RuleId[]).sort();
  const pages = new Map<string, string>();
  for (const language of ["zh", "en"] as const) {
    for (const id of ids) {
      pages.set(`${language}/${id}.md`, pageOf(id, texts[id], of, language));
    }
    const lines = ids.map(
      (id) => `- [${id} ${ruleTexts[id].name[language]}](${id}.md)`,
    );
    const index = [`# ${words[language].index}`, "", ...lines, ""];
    pages.set(`${language}/README.md`, index.join("\n"));
  }
  return pages;
}
