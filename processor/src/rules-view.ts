/** A rule set for reading: every threshold by path, for whom it is in force. */
import Table from "cli-table3";
import { isInForce } from "./core/rule-overrides.ts";
import type { RuleSet } from "./core/rule-set.ts";
import { ruleTexts } from "./core/texts.ts";

export type Leaf = readonly [path: string, value: string];

const isPlain = (item: unknown): boolean =>
  typeof item !== "object" || item === null;

/** Every value of the data with its path; short lists stay on one line. */
export function leaves(data: unknown, path = ""): Leaf[] {
  if (Array.isArray(data) && data.every(isPlain)) {
    return [[path, data.join(", ")]];
  }
  if (typeof data !== "object" || data === null) return [[path, String(data)]];
  return Object.entries(data).flatMap(([key, value]: [string, unknown]) => {
    const { code, id } = (value ?? {}) as { code?: unknown; id?: unknown };
    const name = [code, id].find((item) => typeof item === "string") ?? key;
    return leaves(
      value,
      path === "" ? String(name) : `${path}.${String(name)}`,
    );
  });
}

const names: Readonly<Record<string, { name: { zh: string; en: string } }>> =
  ruleTexts;

function ruleName(path: string): string {
  const found = /^rules\.([a-z]{3})(\d\d)\./.exec(path);
  if (!found) return "";
  const id = `${String(found[1]).toUpperCase()}-${String(found[2])}`;
  const text = names[id];
  return text ? `${id} ${text.name.zh} ${text.name.en}` : id;
}

/** Whose thresholds are asked for. */
export interface Asked {
  readonly segment: string;
  readonly class: string;
  /** Days since 1970. */
  readonly day: number;
}

/** Text of what an override sets at each path. */
function overridden(
  data: unknown,
  rules: RuleSet,
  asked: Asked,
): ReadonlyMap<string, { readonly value: string; readonly by: string }> {
  const out = new Map<string, { value: string; by: string }>();
  const { overrides: raw } = data as { overrides?: readonly object[] };
  rules.overrides.forEach((item, i) => {
    if (!isInForce(item, asked.segment, asked.class, asked.day)) return;
    const { rules: set, materiality } = (raw?.[i] ?? {}) as {
      rules?: object;
      materiality?: object;
    };
    const said = [
      ...leaves(set ?? {}, "rules"),
      ...leaves(materiality ?? {}, "materiality"),
    ];
    for (const [path, value] of said) out.set(path, { value, by: item.id });
  });
  return out;
}

export interface Shown {
  readonly path: string;
  readonly value: string;
  /** Override that sets it; empty = the rule set itself. */
  readonly by: string;
}

/** Thresholds in force for a segment and class; all of a rule set without. */
export function shownRules(
  data: unknown,
  rules: RuleSet,
  asked: Asked | null,
): Shown[] {
  const all = leaves(data).map(([path, value]) => ({ path, value, by: "" }));
  if (asked === null) return all;
  const said = overridden(data, rules, asked);
  const off = rules.overrides
    .filter((item) => isInForce(item, asked.segment, asked.class, asked.day))
    .flatMap((item) =>
      item.disabled.map((id) => ({ path: "disabled", value: id, by: item.id })),
    );
  const others =
    /^(segments|holds\.(overdueDays|limitShare)|limits\.multiplier)\./;
  const own = new RegExp(`^(segments\\.${asked.segment}|.*\\.${asked.class}$)`);
  return [
    ...all
      .filter(({ path }) => !path.startsWith("overrides"))
      .filter(({ path }) => !others.test(path) || own.test(path))
      .map((row) => ({ ...row, ...said.get(row.path) })),
    ...off,
  ];
}

export function printRules(
  data: unknown,
  rows: readonly Shown[],
  output: string,
): string {
  if (output === "json") return `${JSON.stringify(data, null, 2)}\n`;
  if (output === "ndjson") {
    return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  }
  const table = new Table({
    head: ["setting", "value", "set by", "rule"],
    style: { head: [], border: [], compact: true },
    colWidths: [null, 48, null, null],
    wordWrap: true,
  });
  for (const { path, value, by } of rows) {
    table.push([path, value, by, ruleName(path)]);
  }
  return `${table.toString()}\n`;
}
