/**
 * Alertmanager's matchers: `name="v"`, `!=`, `=~`, `!~`; patterns are whole. And
 * the labels of an alert that they look at: one meaning for the router and for
 * pages that say what a silence would cover.
 */
export type Labels = Readonly<Record<string, string>>;

/** What of an alert its labels are made of. */
interface Labelled {
  readonly alertId: string;
  readonly ruleId: string;
  readonly severity: string;
  readonly customerId: string;
  readonly class: string;
  readonly currency: string;
}

/** Labels an alert is matched and grouped by. */
export function labelsOf(alert: Labelled): Labels {
  const { ruleId } = alert;
  const dash = ruleId.indexOf("-");
  return {
    alertname: ruleId,
    alert_id: alert.alertId,
    rule_family: dash > 0 ? ruleId.slice(0, dash) : ruleId,
    severity: alert.severity,
    customer_id: alert.customerId,
    class: alert.class,
    currency: alert.currency,
  };
}

export const matcherOps = ["=", "!=", "=~", "!~"] as const;
export type MatcherOp = (typeof matcherOps)[number];

export interface Matcher {
  readonly name: string;
  readonly op: MatcherOp;
  readonly value: string;
  /** Compiled and anchored; null unless `op` is a pattern's. */
  readonly pattern: RegExp | null;
}

/** Characters of a matcher at most; patterns run for every alert. */
export const matcherMax = 500;

const shape = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(.*?)\s*$/s;
// A quantified group that holds a quantifier may take exponential time.
const nestedQuantifier = /\([^()]*[+*{][^()]*\)\s*[+*{]/;

export type ParsedMatcher =
  | { readonly kind: "ok"; readonly matcher: Matcher }
  | { readonly kind: "bad"; readonly why: string };

/** Reads one matcher; quotes around the value may be left out. */
export function parseMatcher(text: string): ParsedMatcher {
  const bad = (why: string): ParsedMatcher => ({ kind: "bad", why });
  if (text.length > matcherMax) return bad("too long");
  const [, name, opText, raw = ""] = shape.exec(text) ?? [];
  const op = matcherOps.find((one) => one === opText);
  if (name === undefined || op === undefined) {
    return bad('expected name="value" with =, !=, =~ or !~');
  }
  const value = unquote(raw);
  if (value === null) return bad("unbalanced quotes");
  if (op === "=" || op === "!=") {
    return { kind: "ok", matcher: { name, op, value, pattern: null } };
  }
  if (nestedQuantifier.test(value)) return bad("a nested quantifier");
  try {
    const pattern = new RegExp(`^(?:${value})$`, "u");
    return { kind: "ok", matcher: { name, op, value, pattern } };
  } catch (error) {
    return bad(error instanceof Error ? error.message : String(error));
  }
}

function unquote(raw: string): string | null {
  if (!raw.startsWith('"')) return raw.includes('"') ? null : raw;
  if (raw.length < 2 || !raw.endsWith('"')) return null;
  return raw.slice(1, -1).replace(/\\(["\\n])/g, (_, sign: string) => {
    return sign === "n" ? "\n" : sign;
  });
}

/** The text of a matcher. */
export function matcherText({ name, op, value }: Matcher): string {
  return `${name}${op}${JSON.stringify(value)}`;
}

/** A label that is not there counts as empty. */
function matches({ name, op, value, pattern }: Matcher, labels: Labels) {
  const given = labels[name] ?? "";
  switch (op) {
    case "=":
      return given === value;
    case "!=":
      return given !== value;
    case "=~":
      return pattern?.test(given) === true;
    case "!~":
      return pattern?.test(given) === false;
  }
}

export function matchesAll(
  matchers: readonly Matcher[],
  labels: Labels,
): boolean {
  return matchers.every((matcher) => matches(matcher, labels));
}
