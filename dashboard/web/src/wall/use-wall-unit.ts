import { computed, onScopeDispose, ref, type ComputedRef } from "vue";

/** The design is drawn for this size; upright it is turned. */
export const designWidth = 1920;
export const designHeight = 1080;

export interface WallFit {
  /** Pixels of one unit of the design (ux 2.8 `fit`). */
  readonly u: number;
  /** Taller than wide. */
  readonly upright: boolean;
}

export function fitOf(width: number, height: number): WallFit {
  const upright = height > width;
  const [w, h] = upright
    ? [designHeight, designWidth]
    : [designWidth, designHeight];
  return { u: Math.min(width / w, height / h), upright };
}

/** Follows the window. */
export function useWallFit(): ComputedRef<WallFit> {
  const size = ref([innerWidth, innerHeight] as const);
  const onResize = (): void => {
    size.value = [innerWidth, innerHeight];
  };
  addEventListener("resize", onResize);
  onScopeDispose(() => {
    removeEventListener("resize", onResize);
  });
  return computed(() => fitOf(...size.value));
}
