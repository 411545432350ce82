/** The layout of a composed wall; a newer version appears by itself. */
import type { WallView } from "@riskwall/schemas";
import { onScopeDispose, ref, shallowRef, watch, type Ref } from "vue";
import { api, ApiProblem } from "../../api/api.ts";

/** How often a wall looks whether somebody saved it anew. */
const everyMs = 30_000;

export interface Composed {
  /** Null until it is known, and for a wall without id. */
  readonly wall: Readonly<Ref<WallView | null>>;
  /** There is no such wall, or no longer. */
  readonly gone: Readonly<Ref<boolean>>;
}

export function useComposed(id: () => string | null): Composed {
  const wall = shallowRef<WallView | null>(null);
  const gone = ref(false);
  const load = async (): Promise<void> => {
    const wanted = id();
    if (wanted === null) return;
    try {
      const found = await api<WallView>(
        `/api/walls/${encodeURIComponent(wanted)}`,
      );
      if (id() !== wanted) return;
      gone.value = false;
      // The same version keeps its panels as they are.
      if (found.version !== wall.value?.version) wall.value = found;
    } catch (error) {
      // Not reachable: what is shown stays, and the lamp tells of the line.
      if (!(error instanceof ApiProblem)) throw error;
      if (error.status === 404 && id() === wanted) gone.value = true;
    }
  };
  const timer = setInterval(() => {
    if (document.visibilityState === "visible") void load();
  }, everyMs);
  onScopeDispose(() => {
    clearInterval(timer);
  });
  watch(
    id,
    () => {
      wall.value = null;
      gone.value = false;
      void load();
    },
    { immediate: true },
  );
  return { wall, gone };
}
