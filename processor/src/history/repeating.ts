/** Work that is done again and again, never twice at a time. */

/** `work` must not reject. */
export function repeatEvery(
  everyMs: number,
  work: () => Promise<void>,
): { readonly stop: () => Promise<void> } {
  let working: Promise<void> | null = null;
  const timer = setInterval(() => {
    working ??= work().finally(() => {
      working = null;
    });
  }, everyMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await working;
    },
  };
}
