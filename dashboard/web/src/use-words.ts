import { useI18n } from "vue-i18n";
import { spanOf } from "./format.ts";

/** Words of the chosen language, and spans of time in it. */
export function useWords() {
  const { t, te } = useI18n();
  const span = (ms: number): string => {
    const { n, unit } = spanOf(ms);
    return t(`span.${unit}`, { n });
  };
  return {
    t,
    /** True when there is a word for a key. */
    te: (key: string): boolean => te(key),
    /** "8 秒" / "8 s" */
    span,
    /** "8 秒前" / "8 s ago"; the present is given, ms. */
    ago: (at: string | number, now: number): string => {
      const ms = now - new Date(at).getTime();
      return ms < 1000 ? t("span.now") : t("span.ago", { t: span(ms) });
    },
  };
}
