/** Two values of one field, compared as text. */

/** A field that differs, with both values as text. */
export interface Difference {
  readonly field: string;
  readonly oracle: string;
  readonly state: string;
}

/** Text of a value; whole numbers of either kind read the same. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "bigint" || Number.isInteger(item) ? String(item) : item,
  );
}

/** Notes a difference where the texts of two values differ. */
export function check(
  into: Difference[],
  field: string,
  oracle: unknown,
  state: unknown,
): void {
  const [own, other] = [textOf(oracle), textOf(state)];
  if (own !== other) into.push({ field, oracle: own, state: other });
}
