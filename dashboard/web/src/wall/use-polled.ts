/** An answer asked for again and again, with how fresh it is. */
import { computed, onScopeDispose, shallowRef, type ComputedRef } from "vue";
import { api } from "../api/api.ts";
import type { FreshnessStatus, LiveStatus } from "../live/live-client.ts";
import { polledFreshness } from "./polled-freshness.ts";

export interface Polled<Answer> {
  readonly value: ComputedRef<Answer | null>;
  readonly fresh: ComputedRef<FreshnessStatus>;
}

export function usePolled<Answer>(
  path: string,
  everyMs: number,
  status: LiveStatus,
): Polled<Answer> {
  const value = shallowRef<Answer | null>(null);
  /** Server ms of the last good answer; 0 = none. */
  const answeredAt = shallowRef(0);
  const load = async (): Promise<void> => {
    try {
      value.value = await api<Answer>(path);
      answeredAt.value = status.serverNow;
    } catch (reason) {
      // The mark beside the number tells how old it is.
      console.info("not answered", path, String(reason));
    }
  };
  void load();
  const timer = setInterval(() => {
    if (document.visibilityState === "visible") void load();
  }, everyMs);
  onScopeDispose(() => {
    clearInterval(timer);
  });
  return {
    value: computed(() => value.value),
    fresh: computed(() =>
      polledFreshness({
        ...{ answeredAt: answeredAt.value, everyMs },
        now: status.serverNow,
        line: status.state,
      }),
    ),
  };
}
