import {
  onScopeDispose,
  ref,
  shallowRef,
  type Ref,
  type ShallowRef,
} from "vue";

export interface Answer<T> {
  /** The last answer; stays while a newer one is on its way. */
  readonly value: ShallowRef<T | null>;
  readonly error: ShallowRef<Error | null>;
  readonly busy: Ref<boolean>;
  /** Asks again; an older question still open is dropped. */
  readonly load: () => Promise<void>;
}

/** Asks the API and keeps answer, failure and progress; ends with its scope. */
export function useAnswer<T>(
  ask: (signal: AbortSignal) => Promise<T>,
): Answer<T> {
  const value = shallowRef<T | null>(null);
  const error = shallowRef<Error | null>(null);
  const busy = ref(false);
  let current: AbortController | null = null;
  onScopeDispose(() => current?.abort());

  const load = async (): Promise<void> => {
    current?.abort();
    const mine = new AbortController();
    current = mine;
    busy.value = true;
    try {
      const answer = await ask(mine.signal);
      if (mine.signal.aborted) return;
      value.value = answer;
      error.value = null;
    } catch (reason) {
      if (mine.signal.aborted) return;
      error.value =
        reason instanceof Error ? reason : new Error(String(reason));
    } finally {
      if (current === mine) busy.value = false;
    }
  };
  return { value, error, busy, load };
}
