/** Ctrl/⌘ Z, with Shift (or Ctrl Y) the other way; not while one writes. */
import { onScopeDispose } from "vue";

export function useUndoKeys(deps: {
  readonly undo: () => void;
  readonly redo: () => void;
}): void {
  const onKey = (event: KeyboardEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const { target } = event;
    const writing =
      target instanceof HTMLElement &&
      target.closest("input, textarea, select") !== null;
    if (writing) return;
    const key = event.key.toLowerCase();
    const back = key === "z" && !event.shiftKey;
    const forth = key === "y" || (key === "z" && event.shiftKey);
    if (!back && !forth) return;
    event.preventDefault();
    if (back) deps.undo();
    else deps.redo();
  };
  addEventListener("keydown", onKey);
  onScopeDispose(() => {
    removeEventListener("keydown", onKey);
  });
}
