import type { PanelKind } from "@riskwall/schemas/wall-layout";
import { useWords } from "../../use-words.ts";

/** What a panel is called: its own title, else that of its kind. */
export function usePanelName(): (panel: {
  readonly kind: PanelKind;
  readonly title?: string;
}) => string {
  const { t } = useWords();
  return ({ kind, title }) => title ?? t(`compose.kind.${kind}`);
}
