/**
 * What the shape of a rule set cannot say: thresholds that contradict each
 * other, names nobody knows, periods that end before they begin.
 */
import type { RuleSet } from "./core/rule-set.ts";
import { applyOverride } from "./core/rule-overrides.ts";
import { ruleTexts } from "./core/texts.ts";

type Say = (isRight: boolean, path: string, message: string) => void;

const knownRules: ReadonlySet<string> = new Set(Object.keys(ruleTexts));

/** Clearing thresholds lie below those that raise, graver ones above. */
function checkThresholds({ rules, holds }: RuleSet, say: Say): void {
  const { exp01, exp02, exp04, pay02, pay03, pay10, scr01, ord01 } = rules;
  say(exp01.rearm < exp01.warn, "rules.exp01.rearm", "lies below warn");
  say(exp01.warn <= exp01.high, "rules.exp01.high", "is not below warn");
  say(
    exp02.clear <= exp02.critical,
    "rules.exp02.critical",
    "is not below clear",
  );
  say(exp04.growth <= exp04.high, "rules.exp04.high", "is not below growth");
  say(pay02.clear <= pay02.share, "rules.pay02.clear", "is not above share");
  say(pay02.share <= pay02.high, "rules.pay02.high", "is not below share");
  say(pay03.medium <= pay03.high, "rules.pay03.high", "is not below medium");
  say(pay10.clear <= pay10.chance, "rules.pay10.clear", "is not above chance");
  say(
    pay10.chance <= pay10.medium,
    "rules.pay10.medium",
    "is not below chance",
  );
  say(scr01.clear <= scr01.medium, "rules.scr01.clear", "is not above medium");
  say(scr01.medium <= scr01.high, "rules.scr01.high", "is not below medium");
  say(
    ord01.maxMedian <= ord01.farMedian,
    "rules.ord01.farMedian",
    "is not below maxMedian",
  );
  const { stages } = rules.pay01;
  const isRising = stages.every(
    (day, i) => i === 0 || day > (stages[i - 1] ?? 0),
  );
  say(isRising, "rules.pay01.stages", "rise");
  const { A, B, C, D, E } = holds.overdueDays;
  const isStricter = A >= B && B >= C && C >= D && D >= E;
  say(isStricter, "holds.overdueDays", "a weaker class is not held later");
}

function checkNames(rules: RuleSet, say: Say): void {
  const known = (ids: Iterable<string>, path: string): void => {
    for (const id of ids) say(knownRules.has(id), path, `no rule ${id}`);
  };
  const segments = (list: readonly string[], path: string): void => {
    for (const name of list) {
      say(name in rules.segments, path, `no segment ${name}`);
    }
  };
  known(rules.disabled, "disabled");
  known(rules.alerts.fdr.rules, "alerts.fdr.rules");
  known(rules.severity.byMatrix, "severity.byMatrix");
  rules.alerts.maintenance.forEach((window, i) => {
    const path = `alerts.maintenance.${String(i)}`;
    known(window.rules, `${path}.rules`);
    segments(window.segments, `${path}.segments`);
    say(window.from < window.until, `${path}.until`, "lies after from");
  });
  const ids = new Set<string>();
  rules.overrides.forEach((item, i) => {
    const path = `overrides.${String(i)}`;
    known(item.disabled, `${path}.disabled`);
    segments(item.segments, `${path}.segments`);
    say(item.from <= item.to, `${path}.to`, "is not before from");
    say(!ids.has(item.id), `${path}.id`, `${item.id} is there twice`);
    ids.add(item.id);
  });
}

function checkScale({ score, severity, classes }: RuleSet, say: Say): void {
  const { A, B, C, D } = classes.cut;
  say(A > B && B > C && C > D, "classes.cut", "falls from A to D");
  const inside = score.min < score.base && score.base < score.max;
  say(inside, "score.base", "lies between min and max");
  const [low, high] = severity.shares;
  say(low < high, "severity.shares", "rise");
}

/** Every contradiction with its path; empty when there is none. */
export function ruleProblems(rules: RuleSet): string[] {
  const problems: string[] = [];
  const into =
    (prefix: string): Say =>
    (isRight, path, message) => {
      const text = `${path}: ${message}`;
      // What the rule set itself says wrong is not said of its overrides.
      if (!isRight && !problems.includes(text)) problems.push(prefix + text);
    };
  checkThresholds(rules, into(""));
  checkNames(rules, into(""));
  checkScale(rules, into(""));
  rules.overrides.forEach((item, i) => {
    checkThresholds(
      applyOverride(rules, item),
      into(`overrides.${String(i)}.`),
    );
  });
  return problems;
}
