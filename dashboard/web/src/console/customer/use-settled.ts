import { onScopeDispose, ref, watch, type Ref } from "vue";

/** A value must stand this long before it is taken over, ms. */
export const settleMs = 1200;
/** A value that never rests is taken over this often, ms. */
export const settleMaxMs = 5000;

/** Follows a value that changes often, once it rests. */
export function useSettled(source: () => string): Ref<string> {
  const settled = ref(source());
  let timer: ReturnType<typeof setTimeout> | null = null;
  let waitingSince = 0;
  const stop = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  watch(source, (value) => {
    if (settled.value === "") {
      settled.value = value;
      return;
    }
    const now = Date.now();
    if (timer === null) waitingSince = now;
    stop();
    const rest = Math.max(0, settleMaxMs - (now - waitingSince));
    timer = setTimeout(
      () => {
        timer = null;
        settled.value = value;
      },
      Math.min(settleMs, rest),
    );
  });
  onScopeDispose(stop);
  return settled;
}
