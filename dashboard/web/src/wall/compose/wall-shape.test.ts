import {
  panelKinds,
  parseLayout,
  type PanelKind,
  type PlacedPanel,
} from "@riskwall/schemas/wall-layout";
import { describe, expect, it } from "vitest";
import {
  boxAfterKey,
  fits,
  newPanel,
  placed,
  shapeKey,
  uprightOrder,
} from "./wall-shape.ts";
import { templateNames, templateOf, templatePanels } from "./wall-templates.ts";

const map: PlacedPanel = { id: "map", kind: "map", x: 0, y: 0, w: 12, h: 10 };

it.each(templateNames)("the template %s is a layout without faults", (name) => {
  const panels = templatePanels(name);
  const { problems } = parseLayout({ format: 1, name, panels });
  expect(problems).toEqual([]);
  expect(fits(panels)).toBe(true);
});

it("an unknown template is the overview", () => {
  expect([templateOf("empty"), templateOf("x"), templateOf(null)]).toEqual([
    ...["empty", "overview", "overview"],
  ]);
});

describe("a new panel", () => {
  it("takes the first free place, under an id of its own", () => {
    expect(newPanel([map], "map")).toEqual({ ...map, id: "map-2", x: 12 });
    expect(newPanel([], "kpis")).toMatchObject({ x: 0, y: 0, w: 24, h: 4 });
  });

  it("comes at its smallest where its usual size finds no room", () => {
    const wall = { ...map, w: 24, h: 21 };
    expect(newPanel([wall], "handling")).toMatchObject({ y: 21, w: 5, h: 3 });
  });

  it("does not come when the grid is full", () => {
    expect(newPanel([{ ...map, w: 24, h: 24 }], "handling")).toBeNull();
  });

  it("fills the grid with each kind until none fits, and never overlaps", () => {
    // Keys of the literal itself.
    for (const kind of Object.keys(panelKinds) as PanelKind[]) {
      const panels: PlacedPanel[] = [];
      for (;;) {
        const next = newPanel(panels, kind);
        if (next === null) break;
        panels.push(next);
      }
      expect([kind, panels.length > 0, fits(panels)]).toEqual([
        ...[kind, true, true],
      ]);
    }
  });
});

it.each([
  ["over the edge", { ...map, x: 13 }],
  ["below the last row", { ...map, y: 15 }],
  ["left of the grid", { ...map, x: -1 }],
  ["too narrow", { ...map, w: 3 }],
])("a panel %s does not fit", (_, panel) => {
  expect(fits([panel])).toBe(false);
});

it("two panels in one place do not fit", () => {
  expect(fits([map, { ...map, id: "b", x: 11 }])).toBe(false);
});

it.each([
  ["ArrowRight", false, { x: 1, y: 0, w: 12, h: 10 }],
  ["ArrowUp", false, { x: 0, y: -1, w: 12, h: 10 }],
  ["ArrowLeft", true, { x: 0, y: 0, w: 11, h: 10 }],
  ["ArrowDown", true, { x: 0, y: 0, w: 12, h: 11 }],
])("%s, with Shift %s", (key, resizing, box) => {
  expect(boxAfterKey({ x: 0, y: 0, w: 12, h: 10 }, key, resizing)).toEqual(box);
});

it("other keys are not of the grid", () => {
  expect(boxAfterKey(map, "Enter", false)).toBeNull();
});

it("places change, what a panel shows does not", () => {
  const feed: PlacedPanel = { ...map, id: "feed", kind: "feed", x: 12 };
  const box = { x: 1, y: 2, w: 7, h: 8 };
  const moved = placed([map, feed], new Map([["feed", box]]));
  expect(moved).toEqual([map, { ...feed, ...box }]);
  expect(moved.map(shapeKey)).toEqual([map, feed].map(shapeKey));
  expect(uprightOrder([feed, map]).map(({ id }) => id)).toEqual([
    ...["map", "feed"],
  ]);
});
