/**
 * A composed wall as data: panels on a grid. The same check stands at every
 * boundary, the API's and the composer's import, and says what is wrong where.
 *
 *   {"format": 1, "name": "Lobby", "panels": [
 *     {"id": "p1", "kind": "map", "x": 0, "y": 4, "w": 14, "h": 12,
 *      "refresh": "fast", "title": "…", "families": ["PAY"]}]}
 *
 * `refresh`, `title` and `families` may be absent; `families` is of feeds.
 */

/** Columns of the grid, and its rows: a wall never scrolls. */
export const gridColumns = 24;
export const gridRows = 24;
export const panelsMax = 40;
/** Characters of a wall's name, and of a panel's own title. */
export const nameMax = 60;
/** Families of rules that one feed may be narrowed to. */
export const familiesMax = 20;

/** How often a panel is drawn: at once, 2, 0.5 and 0.1 times a second. */
export const refreshNames = ["event", "realtime", "fast", "slow"] as const;
export type RefreshName = (typeof refreshNames)[number];

/** Of each kind of panel: its refresh class and its size, smallest and usual. */
interface Kind {
  readonly refresh: RefreshName;
  readonly min: readonly [w: number, h: number];
  readonly usual: readonly [w: number, h: number];
}

/** The library of panels. */
export const panelKinds = {
  kpis: { refresh: "realtime", min: [16, 3], usual: [24, 4] },
  pulse: { refresh: "realtime", min: [6, 3], usual: [12, 5] },
  map: { refresh: "fast", min: [6, 5], usual: [12, 10] },
  feed: { refresh: "event", min: [5, 4], usual: [6, 10] },
  orders: { refresh: "realtime", min: [6, 4], usual: [6, 8] },
  handling: { refresh: "event", min: [5, 3], usual: [6, 4] },
  classes: { refresh: "fast", min: [4, 4], usual: [6, 6] },
  ageing: { refresh: "slow", min: [4, 4], usual: [6, 7] },
  utilisation: { refresh: "fast", min: [5, 6], usual: [6, 8] },
  riskiest: { refresh: "fast", min: [6, 4], usual: [6, 6] },
  moves: { refresh: "realtime", min: [6, 4], usual: [6, 6] },
  cash: { refresh: "slow", min: [6, 5], usual: [12, 8] },
  overdue: { refresh: "fast", min: [6, 6], usual: [12, 10] },
  overdueShare: { refresh: "fast", min: [5, 4], usual: [6, 7] },
  held: { refresh: "fast", min: [10, 5], usual: [12, 11] },
  holdCodes: { refresh: "fast", min: [5, 5], usual: [6, 10] },
  outcomes: { refresh: "realtime", min: [5, 3], usual: [6, 5] },
  services: { refresh: "fast", min: [4, 5], usual: [6, 9] },
  figures: { refresh: "fast", min: [5, 4], usual: [6, 8] },
  flow: { refresh: "realtime", min: [12, 4], usual: [12, 8] },
  partitions: { refresh: "realtime", min: [5, 5], usual: [6, 12] },
} as const satisfies Readonly<Record<string, Kind>>;
export type PanelKind = keyof typeof panelKinds;

export interface PlacedPanel {
  /** Unique on its wall. */
  readonly id: string;
  readonly kind: PanelKind;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  /** Absent: that of the kind. */
  readonly refresh?: RefreshName;
  /** In place of the kind's own title. */
  readonly title?: string;
  /** Families of rules (`PAY`); absent = all. Feeds only. */
  readonly families?: readonly string[];
}

export interface WallLayout {
  readonly format: 1;
  readonly name: string;
  readonly panels: readonly PlacedPanel[];
}

export type LayoutFault =
  | "not_an_object"
  | "not_a_list"
  | "not_text"
  | "not_whole"
  | "missing"
  | "unknown_field"
  | "unknown_value"
  | "out_of_range"
  | "outside_grid"
  | "too_small"
  | "too_long"
  | "too_many"
  | "twice"
  | "overlaps"
  | "not_for_kind";

/** What is wrong, and where: `panels[2].w`. `detail` names what would do. */
export interface LayoutProblem {
  readonly path: string;
  readonly fault: LayoutFault;
  readonly detail: string;
}

export type ParsedLayout =
  | { readonly layout: WallLayout; readonly problems: readonly [] }
  | { readonly layout: null; readonly problems: readonly LayoutProblem[] };

type Fields = Readonly<Record<string, unknown>>;
type Report = (path: string, fault: LayoutFault, detail?: string) => void;

const idPattern = /^[\w-]{1,40}$/;
const familyPattern = /^[A-Z]{2,5}$/;
const panelFields = [
  ...(["id", "kind", "x", "y", "w", "h"] as const),
  ...(["refresh", "title", "families"] as const),
];

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function strangers(
  fields: Fields,
  known: readonly string[],
  place: { readonly path: string; readonly report: Report },
): void {
  for (const name of Object.keys(fields)) {
    if (known.includes(name)) continue;
    const path = place.path === "" ? name : `${place.path}.${name}`;
    place.report(path, "unknown_field", known.join(", "));
  }
}

function wholeOf(
  value: unknown,
  range: readonly [low: number, high: number],
  place: { readonly path: string; readonly report: Report },
): number | null {
  const { path, report } = place;
  const [low, high] = range;
  if (value === undefined) report(path, "missing");
  else if (typeof value !== "number" || !Number.isInteger(value)) {
    report(path, "not_whole");
  } else if (value < low || value > high) {
    report(path, "out_of_range", `${String(low)}–${String(high)}`);
  } else return value;
  return null;
}

/** Trimmed, not empty and short enough. */
function nameOf(value: unknown, path: string, report: Report): string | null {
  if (value === undefined) report(path, "missing");
  else if (typeof value !== "string") report(path, "not_text");
  else if (value.trim() === "") report(path, "missing");
  else if ([...value.trim()].length > nameMax) {
    report(path, "too_long", String(nameMax));
  } else return value.trim();
  return null;
}

function isKind(value: unknown): value is PanelKind {
  return typeof value === "string" && Object.hasOwn(panelKinds, value);
}

function kindOf(value: unknown, path: string, report: Report) {
  if (isKind(value)) return value;
  if (value === undefined) report(path, "missing");
  else report(path, "unknown_value", Object.keys(panelKinds).join(", "));
  return null;
}

function familiesOf(
  fields: Fields,
  path: string,
  report: Report,
): readonly string[] | undefined {
  const { families, kind } = fields;
  if (families === undefined) return undefined;
  if (kind !== "feed") report(path, "not_for_kind", "feed");
  else if (!Array.isArray(families)) report(path, "not_a_list");
  else if (families.length > familiesMax) {
    report(path, "too_many", String(familiesMax));
  } else {
    const list: readonly unknown[] = families;
    return list.flatMap((family, i) => {
      if (typeof family === "string" && familyPattern.test(family)) {
        return [family];
      }
      report(`${path}[${String(i)}]`, "unknown_value", "PAY, ORD, EXP …");
      return [];
    });
  }
  return undefined;
}

function refreshOf(
  value: unknown,
  path: string,
  report: Report,
): RefreshName | undefined {
  if (value === undefined) return undefined;
  const found = refreshNames.find((name) => name === value);
  if (found === undefined) {
    report(path, "unknown_value", refreshNames.join(", "));
  }
  return found;
}

/** Position and size, or null; a panel lies within the grid. */
function boxOf(fields: Fields, path: string, report: Report) {
  const at = (name: string) => ({ path: `${path}.${name}`, report });
  const x = wholeOf(fields["x"], [0, gridColumns - 1], at("x"));
  const y = wholeOf(fields["y"], [0, gridRows - 1], at("y"));
  const w = wholeOf(fields["w"], [1, gridColumns], at("w"));
  const h = wholeOf(fields["h"], [1, gridRows], at("h"));
  if (x === null || y === null || w === null || h === null) return null;
  if (x + w > gridColumns) {
    report(`${path}.w`, "outside_grid", String(gridColumns - x));
  } else if (y + h > gridRows) {
    report(`${path}.h`, "outside_grid", String(gridRows - y));
  } else return { x, y, w, h };
  return null;
}

function panelOf(
  value: unknown,
  path: string,
  report: Report,
): PlacedPanel | null {
  if (!isFields(value)) {
    report(path, "not_an_object");
    return null;
  }
  strangers(value, panelFields, { path, report });
  const id = nameOf(value["id"], `${path}.id`, report);
  if (id !== null && !idPattern.test(id)) {
    report(`${path}.id`, "unknown_value", "A–Z a–z 0–9 _ -, 1–40");
  }
  const kind = kindOf(value["kind"], `${path}.kind`, report);
  const box = boxOf(value, path, report);
  const refresh = refreshOf(value["refresh"], `${path}.refresh`, report);
  const families = familiesOf(value, `${path}.families`, report);
  const title =
    value["title"] === undefined
      ? null
      : nameOf(value["title"], `${path}.title`, report);
  if (id === null || kind === null || box === null) return null;
  const [w, h] = panelKinds[kind].min;
  if (box.w < w) report(`${path}.w`, "too_small", String(w));
  if (box.h < h) report(`${path}.h`, "too_small", String(h));
  return {
    ...{ id, kind, ...box },
    ...(refresh === undefined ? {} : { refresh }),
    ...(title === null ? {} : { title }),
    ...(families === undefined || families.length === 0 ? {} : { families }),
  };
}

/** True when two panels lie on a common cell. */
export function overlap(
  a: Pick<PlacedPanel, "x" | "y" | "w" | "h">,
  b: Pick<PlacedPanel, "x" | "y" | "w" | "h">,
): boolean {
  return (
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
  );
}

function checkTogether(panels: readonly PlacedPanel[], report: Report): void {
  panels.forEach((panel, i) => {
    const path = `panels[${String(i)}]`;
    const before = panels.slice(0, i);
    if (before.some(({ id }) => id === panel.id)) {
      report(`${path}.id`, "twice", panel.id);
    }
    const under = before.find((other) => overlap(panel, other));
    if (under !== undefined) report(path, "overlaps", under.id);
  });
}

/** Checks a layout of whatever origin; every problem found is reported. */
export function parseLayout(value: unknown): ParsedLayout {
  const problems: LayoutProblem[] = [];
  const report: Report = (path, fault, detail = "") => {
    problems.push({ path, fault, detail });
  };
  if (!isFields(value)) {
    report("", "not_an_object");
    return { layout: null, problems };
  }
  strangers(value, ["format", "name", "panels"], { path: "", report });
  if (value["format"] !== 1) report("format", "unknown_value", "1");
  const name = nameOf(value["name"], "name", report);
  const { panels } = value;
  if (!Array.isArray(panels)) {
    report("panels", panels === undefined ? "missing" : "not_a_list");
    return { layout: null, problems };
  }
  if (panels.length > panelsMax) {
    report("panels", "too_many", String(panelsMax));
    return { layout: null, problems };
  }
  const list: readonly unknown[] = panels;
  const placed = list.map((panel, i) =>
    panelOf(panel, `panels[${String(i)}]`, report),
  );
  const whole = placed.filter((panel) => panel !== null);
  if (whole.length === placed.length) checkTogether(whole, report);
  return problems.length > 0 || name === null
    ? { layout: null, problems }
    : { layout: { format: 1, name, panels: whole }, problems: [] };
}
