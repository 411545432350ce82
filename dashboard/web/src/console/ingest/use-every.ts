import { onScopeDispose } from "vue";

/** Calls now and then again and again, while the page is seen. */
export function useEvery(everyMs: number, call: () => Promise<void>): void {
  void call();
  const timer = setInterval(() => {
    if (document.visibilityState === "visible") void call();
  }, everyMs);
  onScopeDispose(() => {
    clearInterval(timer);
  });
}
