/**
 * Identities of the newest events, so that a repeat in the log (a client that
 * sent again after a lost answer) makes no second row. Older repeats collapse
 * in the table itself, under FINAL and at merges. Two generations, each of at
 * most `generationMax` entries; the older is dropped when the newer is full.
 */
export const generationMax = 100_000;
/** Partitions leave 45 bits for the offset in one safe integer. */
const offsetSpan = 2 ** 45;

export interface RecentEvents {
  /** True when the identity was seen at another place of the log. */
  isRepeat: (identity: string, partition: number, offset: number) => boolean;
  clear: () => void;
}

/** Identity of an event: it is told apart per customer, as in the fold. */
export function eventIdentity(
  customerId: string,
  source: string,
  eventId: string,
): string {
  return `${customerId}\u0000${source}\u0000${eventId}`;
}

export function createRecentEvents(max: number = generationMax): RecentEvents {
  let young = new Map<string, number>();
  let old = new Map<string, number>();
  return {
    isRepeat: (identity, partition, offset) => {
      const place = partition * offsetSpan + offset;
      const known = young.get(identity) ?? old.get(identity);
      if (known !== undefined) return known !== place;
      young.set(identity, place);
      if (young.size >= max) {
        old = young;
        young = new Map();
      }
      return false;
    },
    clear: () => {
      young = new Map();
      old = new Map();
    },
  };
}
