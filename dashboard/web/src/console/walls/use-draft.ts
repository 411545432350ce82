/** The wall being composed: its steps, and what of it is saved. */
import type { WallView } from "@riskwall/schemas";
import {
  parseLayout,
  type PanelKind,
  type PlacedPanel,
  type WallLayout,
} from "@riskwall/schemas/wall-layout";
import { computed, ref, shallowRef, type ComputedRef, type Ref } from "vue";
import {
  begin,
  push,
  redo,
  undo,
  type EditHistory,
} from "../../wall/compose/edit-history.ts";
import { newPanel, type Panels } from "../../wall/compose/wall-shape.ts";

export interface Draft {
  /** As it is written; `checked` is what can be saved of it, or null. */
  readonly layout: ComputedRef<WallLayout>;
  readonly checked: ComputedRef<WallLayout | null>;
  readonly selected: Ref<string | null>;
  readonly panel: ComputedRef<PlacedPanel | null>;
  /** The version this began from; 0 = never saved. */
  readonly version: Ref<number>;
  readonly changed: ComputedRef<boolean>;
  readonly canUndo: ComputedRef<boolean>;
  readonly canRedo: ComputedRef<boolean>;
  /** Begins from what is saved: nothing to undo, nothing to save. */
  readonly start: (layout: WallLayout, version: number) => void;
  /** The server took it. */
  readonly saved: (wall: WallView) => void;
  /** Another layout as a step: imported, or an older version. */
  readonly take: (layout: WallLayout) => void;
  readonly rename: (name: string) => void;
  readonly arrange: (panels: Panels) => void;
  /** False when the grid has no room for it. */
  readonly add: (kind: PanelKind) => boolean;
  readonly alter: (panel: PlacedPanel) => void;
  readonly remove: (id: string) => void;
  readonly undo: () => void;
  readonly redo: () => void;
}

const nothing: WallLayout = { format: 1, name: "", panels: [] };

export function useDraft(): Draft {
  const history = shallowRef<EditHistory<WallLayout>>(begin(nothing));
  const kept = shallowRef<WallLayout>(nothing);
  const selected = ref<string | null>(null);
  const version = ref(0);
  const layout = computed(() => history.value.now);
  const step = (change: Partial<WallLayout>, stroke = ""): void => {
    const next = { ...layout.value, ...change };
    history.value = push(history.value, next, stroke);
  };
  const keepSelection = (): void => {
    const { panels } = layout.value;
    if (!panels.some(({ id }) => id === selected.value)) selected.value = null;
  };
  const start = (from: WallLayout, at: number): void => {
    history.value = begin(from);
    kept.value = from;
    version.value = at;
    keepSelection();
  };
  return {
    ...{ layout, selected, version, start },
    panel: computed(
      () => layout.value.panels.find(({ id }) => id === selected.value) ?? null,
    ),
    changed: computed(
      () =>
        version.value === 0 ||
        JSON.stringify(layout.value) !== JSON.stringify(kept.value),
    ),
    canUndo: computed(() => history.value.past.length > 0),
    canRedo: computed(() => history.value.future.length > 0),
    checked: computed(() => parseLayout(layout.value).layout),
    saved: (wall) => {
      kept.value = layout.value;
      version.value = wall.version;
    },
    take: (other) => {
      step(other);
      keepSelection();
    },
    rename: (name) => {
      step({ name }, "name");
    },
    arrange: (panels) => {
      step({ panels });
    },
    add: (kind) => {
      const { panels } = layout.value;
      const made = newPanel(panels, kind);
      if (made === null) return false;
      step({ panels: [...panels, made] });
      selected.value = made.id;
      return true;
    },
    alter: (panel) => {
      const { panels } = layout.value;
      const before = panels.find(({ id }) => id === panel.id);
      const typed = before?.title !== panel.title ? `title ${panel.id}` : "";
      const next = panels.map((it) => (it.id === panel.id ? panel : it));
      step({ panels: next }, typed);
    },
    remove: (id) => {
      const { panels } = layout.value;
      step({ panels: panels.filter((it) => it.id !== id) });
      keepSelection();
    },
    undo: () => {
      history.value = undo(history.value);
      keepSelection();
    },
    redo: () => {
      history.value = redo(history.value);
      keepSelection();
    },
  };
}
