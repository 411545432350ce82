import { computed, shallowRef, type ComputedRef, type ShallowRef } from "vue";
import type { Page } from "./api/api.ts";
import { useAnswer, type Answer } from "./use-answer.ts";

export interface Paged<Item, P extends Page<Item>> {
  readonly items: ComputedRef<readonly Item[]>;
  readonly first: ShallowRef<P | null>;
  readonly hasMore: ComputedRef<boolean>;
  readonly error: Answer<P>["error"];
  readonly busy: Answer<P>["busy"];
  /** Reads the first page again. */
  readonly reload: () => Promise<void>;
  readonly more: () => Promise<void>;
}

/** A list read page by page; `cursor` is null for the first. */
export function usePaged<Item, P extends Page<Item>>(
  read: (cursor: string | null, signal: AbortSignal) => Promise<P>,
): Paged<Item, P> {
  const pages = shallowRef<readonly P[]>([]);
  let cursor: string | null = null;
  const answer = useAnswer(async (signal) => {
    const asked = cursor;
    const page = await read(asked, signal);
    pages.value = asked === null ? [page] : [...pages.value, page];
    return page;
  });
  const first = computed(() => pages.value[0] ?? null);
  return {
    items: computed(() => pages.value.flatMap((page) => page.items)),
    first,
    hasMore: computed(() => (pages.value.at(-1)?.next ?? null) !== null),
    error: answer.error,
    busy: answer.busy,
    reload: () => {
      cursor = null;
      return answer.load();
    },
    more: () => {
      cursor = pages.value.at(-1)?.next ?? null;
      return answer.load();
    },
  };
}
