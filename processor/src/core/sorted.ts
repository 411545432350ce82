/** Arrays kept sorted by id, so that bytes do not depend on arrival order. */
interface WithId {
  readonly id: string;
}

export function findById<T extends WithId>(
  list: readonly T[],
  id: string,
): T | null {
  return list.find((item) => item.id === id) ?? null;
}

export function insertById<T extends WithId>(list: T[], item: T): void {
  let i = list.length;
  while (i > 0 && (list[i - 1]?.id ?? "") > item.id) i -= 1;
  list.splice(i, 0, item);
}

/** Byte-wise comparison, the same on every engine and locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
