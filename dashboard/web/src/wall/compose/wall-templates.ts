/** The built-in views as layouts: where a new wall may begin. */
import type { PanelKind, PlacedPanel } from "@riskwall/schemas/wall-layout";
import { wallViews } from "../views.ts";

type Place = readonly [
  kind: PanelKind,
  x: number,
  y: number,
  w: number,
  h: number,
  families?: readonly string[],
];

export const templateNames = [...wallViews, "empty"] as const;
export type TemplateName = (typeof templateNames)[number];

const places: Readonly<Record<TemplateName, readonly Place[]>> = {
  empty: [],
  overview: [
    ["kpis", 0, 0, 24, 4],
    ["classes", 0, 4, 6, 6],
    ["ageing", 0, 10, 6, 7],
    ["utilisation", 0, 17, 6, 7],
    ["pulse", 6, 4, 12, 5],
    ["map", 6, 9, 12, 9],
    ["riskiest", 6, 18, 6, 6],
    ["moves", 12, 18, 6, 6],
    ["feed", 18, 4, 6, 10],
    ["orders", 18, 14, 6, 6],
    ["handling", 18, 20, 6, 4],
  ],
  collections: [
    ["kpis", 0, 0, 24, 4],
    ["ageing", 0, 4, 6, 12],
    ["overdueShare", 0, 16, 6, 8],
    ["cash", 6, 4, 12, 9],
    ["overdue", 6, 13, 12, 11],
    ["feed", 18, 4, 6, 10, ["PAY", "COL", "DSP"]],
    ["riskiest", 18, 14, 6, 6],
    ["handling", 18, 20, 6, 4],
  ],
  orders: [
    ["kpis", 0, 0, 24, 4],
    ["outcomes", 0, 4, 6, 7],
    ["holdCodes", 0, 11, 6, 13],
    ["pulse", 6, 4, 12, 7],
    ["held", 6, 11, 12, 13],
    ["orders", 18, 4, 6, 9],
    ["feed", 18, 13, 6, 7, ["ORD", "EXP"]],
    ["handling", 18, 20, 6, 4],
  ],
  pipeline: [
    ["kpis", 0, 0, 24, 4],
    ["services", 0, 4, 6, 10],
    ["figures", 0, 14, 6, 10],
    ["flow", 6, 4, 12, 9],
    ["pulse", 6, 13, 12, 11],
    ["partitions", 18, 4, 6, 20],
  ],
};

export function templateOf(text: unknown): TemplateName {
  return templateNames.find((name) => name === text) ?? "overview";
}

export function templatePanels(name: TemplateName): readonly PlacedPanel[] {
  return places[name].map(([kind, x, y, w, h, families]) => ({
    ...{ id: kind, kind, x, y, w, h },
    ...(families === undefined ? {} : { families }),
  }));
}
