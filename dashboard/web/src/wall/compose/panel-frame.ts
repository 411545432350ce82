/** What a composed wall says to one of its panels: title, pace, content. */
import {
  panelKinds,
  type PlacedPanel,
  type RefreshName,
} from "@riskwall/schemas/wall-layout";
import {
  computed,
  inject,
  provide,
  type ComputedRef,
  type InjectionKey,
} from "vue";
import { refreshKey } from "../../charts/scheduler-key.ts";
import { refreshMs } from "../../charts/scheduler.ts";
import { provideData, useWall } from "../wall-context.ts";
import { useSlowData } from "./use-slow-data.ts";

export interface PanelFrame {
  /** In place of the panel's own; null = its own. */
  readonly title: ComputedRef<string | null>;
}

const frameKey: InjectionKey<PanelFrame> = Symbol("panel frame");

export function refreshOf({ kind, refresh }: PlacedPanel): RefreshName {
  return refresh ?? panelKinds[kind].refresh;
}

/** Sets up what is below for one placed panel; only its title may change. */
export function provideFrame(panel: () => PlacedPanel): void {
  provide(frameKey, { title: computed(() => panel().title ?? null) });
  const refresh = refreshOf(panel());
  provide(refreshKey, refresh === "event" ? "realtime" : refresh);
  if (refresh === "event") return;
  const wall = useWall();
  provideData(wall, useSlowData(wall, refreshMs[refresh]));
}

/** The frame of a panel on a composed wall; null on the built-in views. */
export function useFrame(): PanelFrame | null {
  return inject(frameKey, null);
}
