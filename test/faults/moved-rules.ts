/** Rule sets for faults that change the rules under load. */
import { shippedRules } from "../../processor/src/rule-file.ts";

interface RuleFile {
  readonly rules: {
    readonly pay01: { readonly severities: readonly string[] };
  };
}

/** The shipped rules as another version; even ones judge PAY-01 harder. */
export function movedRules(version: number): {
  readonly name: "RuleSet";
  readonly value: {
    readonly version: number;
    readonly effectiveAt: number;
    readonly logic: number;
    readonly body: string;
  };
} {
  const { rules, body } = shippedRules();
  // Our own rule file as JSON.
  const file = JSON.parse(body) as RuleFile;
  const { pay01 } = file.rules;
  const first = version % 2 === 0 ? "medium" : "low";
  const severities = [first, "medium", "medium", "high", "critical"];
  const moved = { ...file.rules, pay01: { ...pay01, severities } };
  return {
    name: "RuleSet",
    value: {
      ...{ version, effectiveAt: 0, logic: rules.logic },
      body: JSON.stringify({ ...file, version, rules: moved }),
    },
  };
}
