import type { AlertView } from "@riskwall/schemas";
import { dateTime, exact } from "../../format.ts";

export interface ExplainRow {
  /** The field's own name, such as `previousMax`. */
  readonly name: string;
  readonly value: string;
}

const isMoney = (text: string): boolean => /^-?\d+\.\d{2}$/.test(text);
const isInstant = (text: string): boolean => /^\d{4}-\d\d-\d\dT/.test(text);

function textOf(value: AlertView["explain"][string], currency: string): string {
  if (value === null) return "–";
  if (typeof value === "string") {
    if (isMoney(value)) return exact(value, currency);
    return isInstant(value) ? dateTime(value) : value;
  }
  if (Array.isArray(value)) return value.join(", ");
  return String(value);
}

/**
 * The fields a rule explains itself with, in their order; amounts are in the
 * currency that the fields name, else in `otherwise`.
 */
export function explainRows(
  explain: AlertView["explain"],
  otherwise: string,
): ExplainRow[] {
  const named = explain["currency"];
  const currency = typeof named === "string" ? named : otherwise;
  return Object.entries(explain).map(([name, value]) => ({
    name,
    value: textOf(value, currency),
  }));
}
