/** What the wall's panels share. */
import {
  computed,
  inject,
  provide,
  type ComputedRef,
  type InjectionKey,
} from "vue";
import type { Look } from "../charts/look.ts";
import type { LiveStatus } from "../live/connect-live.ts";
import { useTheme } from "../use-theme.ts";
import type { WallData } from "./use-wall-data.ts";
import { useWallUnit } from "./use-wall-unit.ts";

export interface WallContext {
  readonly data: WallData;
  readonly status: LiveStatus;
  readonly look: ComputedRef<Look>;
  /** Shows an alert in the focus card. */
  readonly focusAlert: (alertId: string) => void;
  readonly openCustomer: (customerId: string) => void;
}

const key: InjectionKey<WallContext> = Symbol("wall");

export type WallDeps = Omit<WallContext, "look">;

/** Gives the context to every panel below. */
export function provideWall(deps: WallDeps): WallContext {
  const unit = useWallUnit();
  const { palette } = useTheme();
  const look = computed(() => ({ palette: palette.value, u: unit.value }));
  const context = { ...deps, look };
  provide(key, context);
  return context;
}

export function useWall(): WallContext {
  const context = inject(key);
  if (!context) throw new Error("this part belongs on the wall");
  return context;
}
