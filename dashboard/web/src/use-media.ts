import { onScopeDispose, ref, type Ref } from "vue";

/** Whether a media query holds, followed while its scope lives. */
export function useMedia(query: string): Readonly<Ref<boolean>> {
  const list = matchMedia(query);
  const holds = ref(list.matches);
  const onChange = (): void => {
    holds.value = list.matches;
  };
  list.addEventListener("change", onChange);
  onScopeDispose(() => {
    list.removeEventListener("change", onChange);
  });
  return holds;
}
