/** Where the chain of the audit topic ends, following its records. Pure. */
import { chainStart } from "@riskwall/schemas/audit";

/** What following needs of an entry. */
export interface Link {
  readonly id: string;
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
}

export interface ChainHead {
  /** The last entry that fits. */
  readonly seq: number;
  readonly hash: string;
  /** Offset after the last record seen, whether it fits or not. */
  readonly next: number;
}

export const emptyHead: ChainHead = { seq: 0, hash: chainStart, next: 0 };

/**
 * The head after a record. Before `trustedFrom` the beginning of the chain was
 * not read, so the first entry that is higher is taken: of two writers at the
 * same place the faster one stands first.
 */
export function followChain(
  head: ChainHead,
  offset: number,
  link: Link | null,
  trustedFrom: number,
): { readonly head: ChainHead; readonly fits: boolean } {
  const moved = { ...head, next: offset + 1 };
  if (link === null || offset < head.next) {
    return { head: offset < head.next ? head : moved, fits: false };
  }
  const follows = link.seq === head.seq + 1 && link.prev === head.hash;
  const adopted = offset < trustedFrom && link.seq > head.seq;
  if (!follows && !adopted) return { head: moved, fits: false };
  return { head: { ...moved, seq: link.seq, hash: link.hash }, fits: true };
}
