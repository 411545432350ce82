/** Views of the wall, in the order of rotation; keys 1 to 4 jump to them. */
export const wallViews = [
  "overview",
  "collections",
  "orders",
  "pipeline",
] as const;
export type WallView = (typeof wallViews)[number];

/** The view an address asks for. */
export function viewOf(text: unknown): WallView {
  return wallViews.find((view) => view === text) ?? "overview";
}

/** A composed wall has one view only. */
export const oneView: readonly WallView[] = ["overview"];

/** The view `steps` further among those there are, round and round. */
export function viewAfter(
  view: WallView,
  steps: number,
  views: readonly WallView[],
): WallView {
  const n = views.length;
  const at = (((views.indexOf(view) + steps) % n) + n) % n;
  return views[at] ?? "overview";
}
