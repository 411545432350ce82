/** Records of the alerts topic, and which of them are new. */
import { decodeWire, type Codec } from "@riskwall/schemas/codec";
import { briefOf } from "./core/brief.ts";
import type { Seen } from "./core/router.ts";
import type { TopicPosition } from "./outbox/router-store.ts";

/** One alert record and where it stands. */
export interface Item {
  readonly offset: number;
  readonly pos: { readonly offset: number; readonly n: number } | null;
  readonly seen: Seen | null;
}

/** Decodes a record; what is no alert only moves the position. */
export async function readItem(
  codec: Codec,
  offset: number,
  value: Buffer | null,
): Promise<Item> {
  const decoded = await decodeWire(codec, value ?? Buffer.alloc(0));
  if (decoded.kind !== "record") return { offset, pos: null, seen: null };
  const { record } = decoded;
  switch (record.name) {
    case "Alert": {
      const { announce, muted } = record.value;
      const pos = { offset: record.value.offset, n: record.value.n };
      return {
        offset,
        pos,
        seen: { brief: briefOf(record.value), announce, muted },
      };
    }
    case "AlertSuppressed":
    case "ActionOutcome": {
      const pos = { offset: record.value.offset, n: record.value.n };
      return { offset, pos, seen: null };
    }
    default:
      return { offset, pos: null, seen: null };
  }
}

export interface NewItems {
  readonly to: TopicPosition;
  readonly seen: readonly Seen[];
}

/** What was not taken yet of some records, and the position after them. */
export function newItems(
  from: TopicPosition,
  items: readonly Item[],
): NewItems {
  let to = from;
  const seen: Seen[] = [];
  for (const { offset, pos, seen: one } of items) {
    if (offset < to.next) continue;
    to = { ...to, next: offset + 1 };
    const isNew =
      pos !== null &&
      (pos.offset > to.posOffset ||
        (pos.offset === to.posOffset && pos.n > to.posN));
    if (!isNew) continue;
    to = { ...to, posOffset: pos.offset, posN: pos.n };
    if (one) seen.push(one);
  }
  return { to, seen };
}
