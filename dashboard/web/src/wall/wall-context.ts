/** What the wall's panels share. */
import type { PanelFigure } from "@riskwall/schemas/names";
import {
  computed,
  inject,
  provide,
  type ComputedRef,
  type InjectionKey,
} from "vue";
import type { Look } from "../charts/look.ts";
import type { FreshnessStatus, LiveStatus } from "../live/live-client.ts";
import { useTheme } from "../use-theme.ts";
import type { TimeTravel } from "./use-time-travel.ts";
import type { WallData } from "./use-wall-data.ts";
import { useWallFit, type WallFit } from "./use-wall-unit.ts";

export interface AskedOrigin {
  readonly name: PanelFigure;
  readonly title: string;
  readonly fresh: FreshnessStatus;
}

export interface WallContext {
  readonly data: WallData;
  readonly status: LiveStatus;
  readonly travel: TimeTravel;
  /** The instant the wall shows, ms: the server's present, or a past one. */
  readonly now: ComputedRef<number>;
  readonly fit: ComputedRef<WallFit>;
  readonly look: ComputedRef<Look>;
  /** Shows an alert in the focus card. */
  readonly focusAlert: (alertId: string) => void;
  /** Shows where the numbers of a panel come from. */
  readonly askOrigin: (asked: AskedOrigin) => void;
  readonly openCustomer: (customerId: string) => void;
}

const key: InjectionKey<WallContext> = Symbol("wall");

export type WallDeps = Omit<WallContext, "fit" | "look" | "now">;

/** Gives the context to every panel below; a preview brings its own size. */
export function provideWall(
  deps: WallDeps,
  fit: ComputedRef<WallFit> = useWallFit(),
): WallContext {
  const { palette } = useTheme();
  const look = computed(() => ({ palette: palette.value, u: fit.value.u }));
  const { status, travel } = deps;
  const now = computed(() => travel.at.value ?? status.serverNow);
  const context = { ...deps, look, now, fit };
  provide(key, context);
  return context;
}

/** Gives the panels below other data than the wall's: slower ones. */
export function provideData(wall: WallContext, data: WallData): void {
  provide(key, { ...wall, data });
}

export function useWall(): WallContext {
  const context = inject(key);
  if (!context) throw new Error("this part belongs on the wall");
  return context;
}
