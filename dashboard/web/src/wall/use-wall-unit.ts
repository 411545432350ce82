import { onScopeDispose, ref, type Ref } from "vue";

/** The design is drawn for this size. */
export const designWidth = 1920;
export const designHeight = 1080;

/** Pixels of one unit of the design, following the window (ux 2.8 `fit`). */
export function useWallUnit(): Ref<number> {
  const measure = (): number =>
    Math.min(innerWidth / designWidth, innerHeight / designHeight);
  const unit = ref(measure());
  const onResize = (): void => {
    unit.value = measure();
  };
  addEventListener("resize", onResize);
  onScopeDispose(() => {
    removeEventListener("resize", onResize);
  });
  return unit;
}
