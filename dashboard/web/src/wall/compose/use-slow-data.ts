/** The wall's rows, taken over now and then: what a slower panel draws. */
import {
  computed,
  onScopeDispose,
  shallowRef,
  watch,
  type ComputedRef,
} from "vue";
import type { WallData } from "../use-wall-data.ts";
import type { WallContext } from "../wall-context.ts";

export function useSlowData(
  { data, travel }: Pick<WallContext, "data" | "travel">,
  everyMs: number,
): WallData {
  const takes: (() => void)[] = [];
  const slow = <Value>(source: ComputedRef<Value>): ComputedRef<Value> => {
    const kept = shallowRef(source.value);
    takes.push(() => {
      kept.value = source.value;
    });
    return computed(() => kept.value);
  };
  const take = (): void => {
    for (const one of takes) one();
  };
  const timer = setInterval(take, everyMs);
  onScopeDispose(() => {
    clearInterval(timer);
  });
  // The first rows, and the step into the past and back, do not wait.
  watch([data.loaded, travel.at, travel.moment], take, { flush: "post" });
  const { totals, sparks, pulse, map, ageingByWeek, held, ops } = data;
  const { utilisation, riskiest, overdue, alerts, feed } = data;
  const { orders, decisions, moves } = data;
  return {
    ...{ totals: slow(totals), sparks: slow(sparks), pulse: slow(pulse) },
    ...{ map: slow(map), ageingByWeek: slow(ageingByWeek), held: slow(held) },
    ...{ utilisation: slow(utilisation), riskiest: slow(riskiest) },
    ...{ overdue: slow(overdue), alerts: slow(alerts), feed: slow(feed) },
    ...{ orders: slow(orders), decisions: slow(decisions) },
    ...{ moves: slow(moves), ops: slow(ops) },
    ...{ fresh: data.fresh, loaded: data.loaded },
  };
}
