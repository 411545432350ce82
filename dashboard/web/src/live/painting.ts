/**
 * Shows changed topics to the components: a frame later, at most every 100 ms,
 * as a new map; alerts do not wait.
 */
import type { ShallowRef } from "vue";
import type { TopicState } from "./store.ts";

/** Least time between two paints of one topic, ms. */
export const paintEveryMs = 100;

export interface Painted {
  readonly state: TopicState;
  readonly rows: ShallowRef<ReadonlyMap<string, unknown>>;
  readonly loaded: ShallowRef<boolean>;
  readonly refused: ShallowRef<string | null>;
  dirty: boolean;
  paintedAt: number;
}

export interface Painting {
  /** A topic changed. */
  readonly touch: (held: Painted) => void;
}

export function createPainting(topics: () => Iterable<Painted>): Painting {
  let frame = 0;
  const paint = (now: number): void => {
    frame = 0;
    let waiting = false;
    for (const held of topics()) {
      if (!held.dirty) continue;
      const urgent = held.state.topic === "alerts";
      if (!urgent && now - held.paintedAt < paintEveryMs) {
        waiting = true;
        continue;
      }
      held.dirty = false;
      held.paintedAt = now;
      held.rows.value = new Map(held.state.rows);
      held.loaded.value = held.state.epoch !== "";
      held.refused.value = held.state.refused;
    }
    if (waiting) askFrame();
  };
  const askFrame = (): void => {
    if (frame === 0) frame = requestAnimationFrame(paint);
  };
  return {
    touch: (held) => {
      held.dirty = true;
      askFrame();
    },
  };
}
