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

/** The view `steps` further, round and round. */
export function viewAfter(view: WallView, steps: number): WallView {
  const n = wallViews.length;
  const at = (((wallViews.indexOf(view) + steps) % n) + n) % n;
  return wallViews[at] ?? "overview";
}
