/** Keys without modifiers; they can be turned off (WCAG 2.1.4). */
import { onBeforeUnmount, onMounted, ref } from "vue";

const storageKey = "riskwall.keys";

/** False when the user has turned single keys off. */
export const keysOn = ref(localStorage.getItem(storageKey) !== "off");

export function switchKeys(on: boolean): void {
  keysOn.value = on;
  localStorage.setItem(storageKey, on ? "on" : "off");
}

/** True where a key is text, or belongs to a dialog that is open. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  const { target } = event;
  return (
    target instanceof HTMLElement &&
    target.closest(
      "input:not([type=checkbox]), select, textarea, [contenteditable], .el-dialog",
    ) !== null
  );
}

/**
 * Calls the function of a key (`KeyboardEvent.key`, letters in lower case)
 * while the component lives; "g a" is two keys, one after the other.
 */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  let before = "";
  const onKey = (event: KeyboardEvent): void => {
    if (!keysOn.value || isTaken(event)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act =
      keys[`${before} ${key}`] ?? (before === "g" ? undefined : keys[key]);
    before = before === "" && key === "g" ? "g" : "";
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  onMounted(() => {
    addEventListener("keydown", onKey);
  });
  onBeforeUnmount(() => {
    removeEventListener("keydown", onKey);
  });
}
