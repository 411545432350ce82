import type { AlertView } from "@riskwall/schemas";
import {
  computed,
  onBeforeUnmount,
  onMounted,
  shallowRef,
  watch,
  type ComputedRef,
} from "vue";
import { api, withQuery, type Page } from "../../api/api.ts";
import { liveClient } from "../../api/session.ts";
import { useAddress } from "../../use-address.ts";
import { usePaged, type Paged } from "../../use-paged.ts";
import { fits, type AlertFilter } from "./alert-filter.ts";
import { mergeLive } from "./merge-live.ts";

interface AlertPage extends Page<AlertView> {
  readonly counts: Readonly<Record<string, number>>;
}

const pageSize = 50;

export interface AlertList {
  /** The filter in the address. */
  readonly filter: ComputedRef<AlertFilter>;
  readonly openId: ComputedRef<string>;
  /** Changes filter or open alert; the address keeps it. */
  readonly set: (
    change: Partial<AlertFilter & { readonly open: string }>,
  ) => void;
  readonly list: Paged<AlertView, AlertPage>;
  /** Every open alert and those that ended within a day, as of now. */
  readonly live: ComputedRef<readonly AlertView[]>;
  /** What is listed: pages read, brought up to now. */
  readonly rows: ComputedRef<readonly AlertView[]>;
  readonly counts: ComputedRef<Readonly<Record<string, number>>>;
  readonly chosen: ComputedRef<AlertView | null>;
}

/** The alerts of the address, live; ends with its scope. */
export function useAlertList(): AlertList {
  const { given, keep } = useAddress();
  const subscription = liveClient().subscribe("alerts");
  onBeforeUnmount(subscription.close);
  const tab = computed(() => given("state", "open"));
  const filter = computed<AlertFilter>(() => ({
    state: tab.value === "all" ? "" : tab.value,
    severity: given("severity"),
    rule: given("rule"),
    class: given("class"),
    owner: given("owner"),
    customer: given("customer"),
    from: given("from"),
    to: given("to"),
  }));
  const openId = computed(() => given("open"));
  const list = usePaged<AlertView, AlertPage>((cursor, signal) =>
    api(
      withQuery("/api/alerts", { ...filter.value, limit: pageSize, cursor }),
      { signal },
    ),
  );
  /** An alert opened by its address, which no page read holds. */
  const opened = shallowRef<AlertView | null>(null);
  onMounted(async () => {
    const id = openId.value;
    const path = `/api/alerts/${encodeURIComponent(id)}`;
    await Promise.all([
      list.reload(),
      id === "" ? null : api<AlertView>(path).then((it) => (opened.value = it)),
    ]);
  });
  watch(
    () => JSON.stringify(filter.value),
    () => void list.reload(),
  );

  const live = computed(() => [...subscription.rows.value.values()]);
  const rows = computed(() => {
    const merged = mergeLive(list.items.value, live.value, filter.value, {
      keptId: openId.value || null,
      partial: list.hasMore.value,
    });
    const own = opened.value;
    const missing =
      own !== null &&
      own.alertId === openId.value &&
      !merged.some((alert) => alert.alertId === own.alertId);
    return missing ? [own, ...merged] : merged;
  });
  return {
    ...{ filter, openId, list, live, rows },
    set: ({ state, ...rest }) => {
      const asked = state === "" ? "all" : state;
      keep({ ...rest, ...(asked === undefined ? {} : { state: asked }) });
    },
    counts: computed(() => {
      if (!subscription.loaded.value) return list.first.value?.counts ?? {};
      const now: Record<string, number> = {};
      const others = { ...filter.value, state: "" };
      for (const alert of live.value) {
        if (!fits(alert, others)) continue;
        now[alert.state] = (now[alert.state] ?? 0) + 1;
      }
      return now;
    }),
    chosen: computed(
      () => rows.value.find((alert) => alert.alertId === openId.value) ?? null,
    ),
  };
}
