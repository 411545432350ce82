import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  gridColumns,
  overlap,
  panelKinds,
  panelsMax,
  parseLayout,
  type PanelKind,
} from "./wall-layout.ts";

const map = { id: "a", kind: "map", x: 0, y: 0, w: 12, h: 10 };
const feed = { id: "b", kind: "feed", x: 12, y: 0, w: 6, h: 10 };
const wall = (panels: unknown, more: object = {}): object => ({
  ...{ format: 1, name: "Lobby", panels },
  ...more,
});

describe("a layout", () => {
  it("is taken as it is, names trimmed", () => {
    const panels = [
      { ...map, refresh: "slow", title: " Where risk is " },
      { ...feed, families: ["PAY"] },
    ];
    expect(parseLayout(wall(panels))).toEqual({
      layout: wall([
        { ...map, refresh: "slow", title: "Where risk is" },
        { ...feed, families: ["PAY"] },
      ]),
      problems: [],
    });
  });

  it.each([
    ["a text", "x", "", "not_an_object"],
    ["a list", [], "", "not_an_object"],
    ["no panels", { format: 1, name: "x" }, "panels", "missing"],
    ["panels as text", wall("x"), "panels", "not_a_list"],
    ["another format", wall([], { format: 2 }), "format", "unknown_value"],
    ["a strange field", wall([], { colour: 1 }), "colour", "unknown_field"],
    ["no name", wall([], { name: "  " }), "name", "missing"],
    ["a number as name", wall([], { name: 7 }), "name", "not_text"],
    ["a long name", wall([], { name: "x".repeat(61) }), "name", "too_long"],
    ["a panel that is none", wall([7]), "panels[0]", "not_an_object"],
    [
      "an unknown kind",
      wall([{ ...map, kind: "pie" }]),
      "panels[0].kind",
      "unknown_value",
    ],
    [
      "no kind",
      wall([{ ...map, kind: undefined }]),
      "panels[0].kind",
      "missing",
    ],
    [
      "an odd id",
      wall([{ ...map, id: "a b" }]),
      "panels[0].id",
      "unknown_value",
    ],
    ["half a column", wall([{ ...map, x: 0.5 }]), "panels[0].x", "not_whole"],
    ["no width", wall([{ ...map, w: undefined }]), "panels[0].w", "missing"],
    [
      "a place left of it",
      wall([{ ...map, x: -1 }]),
      "panels[0].x",
      "out_of_range",
    ],
    [
      "over the right edge",
      wall([{ ...map, x: 13 }]),
      "panels[0].w",
      "outside_grid",
    ],
    [
      "below the last row",
      wall([{ ...map, y: 15 }]),
      "panels[0].h",
      "outside_grid",
    ],
    [
      "a panel too narrow",
      wall([{ ...map, w: 2 }]),
      "panels[0].w",
      "too_small",
    ],
    ["a panel too low", wall([{ ...map, h: 2 }]), "panels[0].h", "too_small"],
    [
      "an unknown class",
      wall([{ ...map, refresh: "hourly" }]),
      "panels[0].refresh",
      "unknown_value",
    ],
    ["no title", wall([{ ...map, title: "" }]), "panels[0].title", "missing"],
    [
      "families of a map",
      wall([{ ...map, families: ["PAY"] }]),
      "panels[0].families",
      "not_for_kind",
    ],
    [
      "a family as text",
      wall([{ ...feed, families: "PAY" }]),
      "panels[0].families",
      "not_a_list",
    ],
    [
      "too many families",
      wall([{ ...feed, families: Array.from({ length: 21 }, () => "PAY") }]),
      "panels[0].families",
      "too_many",
    ],
    [
      "a family that is none",
      wall([{ ...feed, families: ["PAY", "pay-1"] }]),
      "panels[0].families[1]",
      "unknown_value",
    ],
    [
      "one id twice",
      wall([map, { ...feed, id: "a" }]),
      "panels[1].id",
      "twice",
    ],
    [
      "two panels in one place",
      wall([map, { ...feed, x: 11 }]),
      "panels[1]",
      "overlaps",
    ],
    [
      "too many panels",
      wall(Array.from({ length: panelsMax + 1 }, () => map)),
      "panels",
      "too_many",
    ],
  ])("with %s is refused, and says where", (_, value, path, fault) => {
    const { layout, problems } = parseLayout(value);
    expect(layout).toBeNull();
    expect(problems).toContainEqual(expect.objectContaining({ path, fault }));
  });

  it("reports all that is wrong at once", () => {
    const { problems } = parseLayout(
      wall([{ ...map, w: 99, colour: "red" }], { name: "" }),
    );
    expect(problems.map(({ path }) => path).sort()).toEqual([
      ...["name", "panels[0].colour", "panels[0].w"],
    ]);
  });

  it("never throws, whatever comes", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const panels = { format: 1, name: "x", panels: value };
        expect(parseLayout(value).problems.length).toBeGreaterThan(0);
        parseLayout(panels);
      }),
    );
  });
});

it("every kind fits the grid at its usual size, and is no smaller than allowed", () => {
  // Keys of the literal itself.
  for (const kind of Object.keys(panelKinds) as PanelKind[]) {
    const { min, usual } = panelKinds[kind];
    expect([kind, usual[0] >= min[0], usual[1] >= min[1]]).toEqual([
      ...[kind, true, true],
    ]);
    const { layout } = parseLayout(
      wall([{ id: "x", kind, x: 0, y: 0, w: usual[0], h: usual[1] }]),
    );
    expect([kind, layout === null]).toEqual([kind, false]);
  }
});

it("panels side by side do not overlap", () => {
  expect(overlap(map, feed)).toBe(false);
  expect(overlap(map, { ...feed, x: gridColumns / 2 - 1 })).toBe(true);
});
