/** What a card's change is measured over, ms: the "24 h" it says. */
const dayMs = 86_400_000;
/** Samples are minutes apart: what is that much younger still rounds to a day. */
const slackMs = 1_800_000;

export interface DayChange {
  readonly first: number;
  readonly last: number;
}

/**
 * First and last of values, where the first is as old as the label says; null
 * while nothing that old is kept, so that nothing is compared with the start
 * of the product. `at` in ms, oldest first.
 */
export function dayChange(
  values: readonly number[],
  at: readonly number[],
): DayChange | null {
  const [first] = values;
  const last = values.at(-1);
  const span = (at.at(-1) ?? 0) - (at[0] ?? 0);
  if (first === undefined || last === undefined) return null;
  return span >= dayMs - slackMs ? { first, last } : null;
}
