/** Arrays kept sorted by id, so that bytes do not depend on arrival order. */
interface WithId {
  readonly id: string;
}

/** Index of the first item whose id is not below `id`. */
function lowerIndex(list: readonly WithId[], id: string): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.id ?? "") < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the item with this id, -1 where there is none. */
export function indexById(list: readonly WithId[], id: string): number {
  const at = lowerIndex(list, id);
  return list[at]?.id === id ? at : -1;
}

export function findById<T extends WithId>(
  list: readonly T[],
  id: string,
): T | null {
  return list[indexById(list, id)] ?? null;
}

export function insertById<T extends WithId>(list: T[], item: T): void {
  list.splice(lowerIndex(list, item.id), 0, item);
}

/** Byte-wise comparison, the same on every engine and locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
