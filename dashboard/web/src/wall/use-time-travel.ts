/** The wall at a past instant; null = live. */
import type { WallMoment } from "@riskwall/schemas";
import { onScopeDispose, ref, shallowRef, watch, type Ref } from "vue";
import { api, withQuery } from "../api/api.ts";

/** A slider that moves asks only when it rests. */
const restMs = 250;

export interface TimeTravel {
  /** The chosen instant, ms; null = live. */
  readonly at: Readonly<Ref<number | null>>;
  /** What stood then; null while it is asked for. */
  readonly moment: Readonly<Ref<WallMoment | null>>;
  readonly failed: Readonly<Ref<string | null>>;
  readonly go: (at: number | null) => void;
}

export function useTimeTravel(): TimeTravel {
  const at = ref<number | null>(null);
  const moment = shallowRef<WallMoment | null>(null);
  const failed = ref<string | null>(null);
  let timer: ReturnType<typeof setTimeout> | null = null;
  let asking: AbortController | null = null;
  const stop = (): void => {
    if (timer !== null) clearTimeout(timer);
    asking?.abort();
  };
  const ask = async (instant: number): Promise<void> => {
    const controller = new AbortController();
    asking = controller;
    try {
      const path = withQuery("/api/wall/at", {
        at: new Date(instant).toISOString(),
      });
      const found = await api<WallMoment>(path, { signal: controller.signal });
      if (at.value === instant) moment.value = found;
    } catch (error) {
      if (controller.signal.aborted) return;
      failed.value = error instanceof Error ? error.message : String(error);
    }
  };
  watch(at, (instant) => {
    stop();
    moment.value = null;
    failed.value = null;
    if (instant === null) return;
    timer = setTimeout(() => void ask(instant), restMs);
  });
  onScopeDispose(stop);
  return {
    ...{ at, moment, failed },
    go: (instant) => {
      at.value = instant;
    },
  };
}
