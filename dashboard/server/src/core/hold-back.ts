/**
 * What a client that reads too slowly is spared (ux 2.4): nothing but alerts is
 * sent to it until it has taken what waits; then it gets, per topic, all
 * changes of the meantime in one delta. Pure: the socket tells what it took.
 *
 * flowing ─more than `holdBytes` wait─▶ held ─all taken─▶ flowing
 */
import type { LiveDelta, LiveTopic } from "@riskwall/schemas/live";

/** Unsent bytes from which on a client is held back. */
export const holdBytes = 262_144;
/** A client whose unsent bytes stay above this for `pressureMs` is cut off. */
export const pressureBytes = 1_048_576;
export const pressureMs = 10_000;

export interface HoldBack {
  /** Counts what waits; true when the client has to be held from now on. */
  waits: (bytes: number, sent: ReadonlyMap<string, number>) => boolean;
  /** All was taken; answers sequences by room after which nothing was sent. */
  taken: () => ReadonlyMap<string, number> | null;
  /** True when it read nothing for too long; call every second. */
  isLost: (nowMs: number) => boolean;
  unsent: () => number;
}

export function createHoldBack(): HoldBack {
  let unsent = 0;
  let heldAt: ReadonlyMap<string, number> | null = null;
  let pressedSince: number | null = null;
  return {
    waits: (bytes, sent) => {
      unsent += bytes;
      if (heldAt !== null || unsent < holdBytes) return false;
      heldAt = new Map(sent);
      return true;
    },
    taken: () => {
      const rooms = heldAt;
      unsent = 0;
      heldAt = null;
      return rooms;
    },
    isLost: (nowMs) => {
      if (unsent < pressureBytes) pressedSince = null;
      else pressedSince ??= nowMs;
      return pressedSince !== null && nowMs - pressedSince >= pressureMs;
    },
    unsent: () => unsent,
  };
}

/** Alerts wait for nobody. */
export function mayBeHeld(topic: LiveTopic): boolean {
  return topic !== "alerts";
}

/**
 * Deltas that bring a held client up to date, for the rooms it is in. A room
 * it joined meanwhile, or whose ring does not reach back, is left out: the
 * next heartbeat makes the client ask.
 */
export function catchUp(
  rooms: Iterable<string>,
  heldAt: ReadonlyMap<string, number>,
  merged: (room: string, seq: number) => LiveDelta | null,
): readonly LiveDelta[] {
  const out: LiveDelta[] = [];
  for (const room of rooms) {
    const seq = heldAt.get(room);
    const delta = seq === undefined ? null : merged(room, seq);
    if (delta !== null && mayBeHeld(delta.topic)) out.push(delta);
  }
  return out;
}
