import { onScopeDispose, ref, watch, type Ref } from "vue";

/** Typing rests this long before it is taken over, ms. */
const restMs = 250;

/** A text field: what is typed, handed over trimmed once typing rests. */
export function useTyped(
  initial: string,
  take: (text: string) => void,
): Ref<string> {
  const typed = ref(initial);
  let timer: ReturnType<typeof setTimeout> | null = null;
  const stop = (): void => {
    if (timer !== null) clearTimeout(timer);
  };
  watch(typed, (text) => {
    stop();
    timer = setTimeout(() => {
      take(text.trim());
    }, restMs);
  });
  onScopeDispose(stop);
  return typed;
}
