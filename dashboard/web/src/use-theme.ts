import { computed, type ComputedRef } from "vue";
import { useRoute } from "vue-router";
import { paletteOf, type Palette } from "./charts/palette.ts";
import { defaultTheme, settings, type Theme } from "./settings.ts";

/** The theme in force on this page, and the palette of its charts. */
export function useTheme(): {
  readonly theme: ComputedRef<Theme>;
  readonly palette: ComputedRef<Palette>;
} {
  const route = useRoute();
  const theme = computed(() => settings.theme || defaultTheme(route.path));
  return { theme, palette: computed(() => paletteOf(theme.value)) };
}
