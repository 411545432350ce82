/** Steps of composing a wall. Pure: every step gives a new list of panels. */
import {
  gridColumns,
  gridRows,
  overlap,
  panelKinds,
  panelsMax,
  type PanelKind,
  type PlacedPanel,
} from "@riskwall/schemas/wall-layout";

export type Box = Pick<PlacedPanel, "x" | "y" | "w" | "h">;
export type Panels = readonly PlacedPanel[];

/** Changes exactly when a panel has to be made anew: all but place and title. */
export function shapeKey(panel: PlacedPanel): string {
  const { kind, refresh, families } = panel;
  return JSON.stringify([kind, refresh, families]);
}

/** As one reads it: from the top, then from the left. */
export function uprightOrder(panels: Panels): Panels {
  return [...panels].sort((a, b) => a.y - b.y || a.x - b.x);
}

/** The first place from the top where a box of this size is free. */
export function freePlace(
  panels: readonly Box[],
  w: number,
  h: number,
): Box | null {
  for (let y = 0; y + h <= gridRows; y += 1) {
    for (let x = 0; x + w <= gridColumns; x += 1) {
      const box = { x, y, w, h };
      if (!panels.some((panel) => overlap(panel, box))) return box;
    }
  }
  return null;
}

/** An id that no panel has yet, told by its kind. */
function freshId(panels: Panels, kind: PanelKind): string {
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? kind : `${kind}-${String(n)}`;
    if (!panels.some((panel) => panel.id === id)) return id;
  }
}

/** The new panel at its usual size, or the smallest; null when there is no room. */
export function newPanel(panels: Panels, kind: PanelKind): PlacedPanel | null {
  if (panels.length >= panelsMax) return null;
  const { usual, min } = panelKinds[kind];
  const place =
    freePlace(panels, usual[0], usual[1]) ?? freePlace(panels, min[0], min[1]);
  return place && { id: freshId(panels, kind), kind, ...place };
}

/** True when every panel lies on the grid, is large enough, and none overlap. */
export function fits(panels: Panels): boolean {
  return panels.every((panel, i) => {
    const { x, y, w, h } = panel;
    const [minW, minH] = panelKinds[panel.kind].min;
    const inside =
      x >= 0 && y >= 0 && x + w <= gridColumns && y + h <= gridRows;
    const large = w >= minW && h >= minH;
    return (
      inside &&
      large &&
      !panels.slice(0, i).some((other) => overlap(other, panel))
    );
  });
}

/** Panels with new places, by id; those that are not named stay. */
export function placed(
  panels: Panels,
  boxes: ReadonlyMap<string, Box>,
): Panels {
  return panels.map((panel) => {
    const box = boxes.get(panel.id);
    if (box === undefined) return panel;
    const { x, y, w, h } = box;
    return { ...panel, x, y, w, h };
  });
}

/** Keys on a panel: arrows move it, with Shift they change its size. */
export function boxAfterKey(
  box: Box,
  key: string,
  resizing: boolean,
): Box | null {
  const steps: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  const step = steps[key];
  if (step === undefined) return null;
  const [dx, dy] = step;
  return resizing
    ? { ...box, w: box.w + dx, h: box.h + dy }
    : { ...box, x: box.x + dx, y: box.y + dy };
}
