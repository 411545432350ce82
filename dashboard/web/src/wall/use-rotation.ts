/** Turns the views of the wall; the rules are in `rotation.ts`. */
import type { AlertView } from "@riskwall/schemas";
import {
  computed,
  onScopeDispose,
  ref,
  shallowRef,
  type ComputedRef,
} from "vue";
import { isTold } from "./feed-order.ts";
import {
  progress,
  show,
  startRotation,
  step,
  type Rotation,
  type RotationInput,
} from "./rotation.ts";
import { viewAfter, type WallView } from "./views.ts";

const tickMs = 500;

export interface Turning {
  readonly view: ComputedRef<WallView>;
  /** The alert that took the wall over; null = none. */
  readonly takeover: ComputedRef<string | null>;
  readonly progress: ComputedRef<number>;
  readonly paused: ComputedRef<boolean>;
  readonly show: (view: WallView) => void;
  readonly turn: (steps: number) => void;
  readonly togglePause: () => void;
}

export interface RotationDeps {
  readonly first: WallView;
  readonly views: readonly WallView[];
  readonly everyMs: () => number;
  /** Something else holds the wall still: a card, the past, a pointer. */
  readonly still: () => boolean;
  readonly alerts: () => readonly AlertView[];
  /** False until the first alerts came: what is there takes over nothing. */
  readonly loaded: () => boolean;
}

export function useRotation(deps: RotationDeps): Turning {
  const stopped = ref(false);
  const now = ref(performance.now());
  const criticals = (): string[] =>
    deps
      .alerts()
      .filter((a) => a.severity === "critical" && a.state === "open")
      .filter(isTold)
      .map((alert) => alert.alertId);
  const rotation = shallowRef<Rotation>(
    startRotation(deps.first, now.value, []),
  );
  let begun = false;
  const input = (): RotationInput => ({
    now: now.value,
    everyMs: deps.everyMs(),
    views: deps.views,
    paused: stopped.value || deps.still(),
    criticals: criticals(),
  });
  const timer = setInterval(() => {
    now.value = performance.now();
    if (!deps.loaded()) return;
    if (!begun) {
      begun = true;
      const { view } = rotation.value;
      rotation.value = startRotation(view, now.value, criticals());
    }
    rotation.value = step(rotation.value, input());
  }, tickMs);
  onScopeDispose(() => {
    clearInterval(timer);
  });
  const showView = (view: WallView): void => {
    rotation.value = show(rotation.value, view, performance.now());
  };
  return {
    view: computed(() => rotation.value.view),
    takeover: computed(() => rotation.value.takeover?.alertId ?? null),
    progress: computed(() => progress(rotation.value, input())),
    paused: computed(() => stopped.value),
    show: showView,
    turn: (steps) => {
      showView(viewAfter(rotation.value.view, steps, deps.views));
    },
    togglePause: () => {
      stopped.value = !stopped.value;
    },
  };
}
