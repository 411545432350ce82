import type { AlertView } from "@riskwall/schemas";

export interface ExplainRow {
  readonly name: string;
  readonly value: string;
}

/** Words of a camelCase name: `previousMaxAt` → `previous max at`. */
export function spaced(name: string): string {
  return name.replace(/([A-Z])/g, " $1").toLowerCase();
}

function textOf(value: AlertView["explain"][string]): string {
  if (value === null) return "–";
  if (Array.isArray(value)) return value.join(", ");
  return String(value);
}

/** The fields a rule explains itself with, in their order. */
export function explainRows(explain: AlertView["explain"]): ExplainRow[] {
  return Object.entries(explain).map(([name, value]) => ({
    name: spaced(name),
    value: textOf(value),
  }));
}
