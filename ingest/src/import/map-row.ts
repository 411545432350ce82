/**
 * One row of a file becomes the events that the mapping makes of it, as JSON
 * of contract 2. What is wrong with them is found by the same checks as for
 * any event; nothing is repaired here but float dust, and only when asked.
 */
import type { EventMapping, Mapping, Translations } from "./mapping.ts";
import { roundDecimal } from "./round-decimal.ts";
import { createZonedReader, type ZonedReader } from "./zoned-time.ts";

/** Values of a row by column. */
export type Row = Readonly<Record<string, unknown>>;

export interface MappedEvent {
  readonly json: Readonly<Record<string, unknown>>;
  /** Amounts whose digits were cut. */
  readonly rounded: number;
}

export type MapRow = (row: Row, rowNumber: number) => MappedEvent[];

const amountFields = new Set(["amount", "disputedAmount", "creditLimit"]);
const dateFields = new Set([
  "dueDate",
  "issueDate",
  "valueDate",
  "promiseDate",
  "ratedAt",
  "since",
  "asOf",
]);
const timeFields = new Set(["validFrom", "validTo"]);
const numberFields = new Set(["termsDays", "version", "normalised"]);
const flagFields = new Set(["historical", "insured"]);
const lone = /^\{([^{}]+)\}$/;
const plainDate = /^\d{1,4}[-/.]?\d{1,2}[-/.]?\d{1,4}$/;

interface Scope {
  readonly row: Row;
  readonly rowNumber: number;
  readonly maps: Translations;
  readonly decimals: number | undefined;
  readonly zone: ZonedReader;
  rounded: number;
}

function asText(value: unknown): string {
  if (typeof value === "string") return value.trim();
  if (typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

/** A column of the row; dots lead into objects of NDJSON. */
function cell(row: Row, column: string): unknown {
  if (Object.hasOwn(row, column)) return row[column];
  let value: unknown = row;
  for (const name of column.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Row)[name];
  }
  return value;
}

function translate(
  text: string,
  map: Translations[string] | undefined,
): string {
  if (map === undefined) return text;
  if (Object.hasOwn(map, text)) return String(map[text]);
  return Object.hasOwn(map, "*") ? String(map["*"]) : text;
}

function column(scope: Scope, name: string): string {
  if (name === "row") return String(scope.rowNumber);
  return translate(asText(cell(scope.row, name)), scope.maps[name]);
}

function fill(template: string, scope: Scope): string {
  return template.replace(/\{([^{}]+)\}/g, (_, name: string) =>
    column(scope, name),
  );
}

/** The text of a template as the type of its field; undefined = left out. */
function typed(name: string, text: string, scope: Scope): unknown {
  if (text === "") return undefined;
  if (amountFields.has(name) && scope.decimals !== undefined) {
    const rounded = roundDecimal(text, scope.decimals);
    if (rounded?.changed === true) scope.rounded += 1;
    return rounded?.text ?? text;
  }
  if (dateFields.has(name)) return scope.zone.date(text) ?? text;
  if (timeFields.has(name)) {
    const read = plainDate.test(text) ? scope.zone.date : scope.zone.instant;
    return read(text) ?? text;
  }
  if (numberFields.has(name) && /^[+-]?\d+(\.0+)?$/.test(text)) {
    return Number(text);
  }
  if (name === "severity" && /^\d*\.?\d+$/.test(text)) return Number(text);
  if (flagFields.has(name)) {
    if (/^(true|1)$/i.test(text)) return true;
    if (/^(false|0)$/i.test(text)) return false;
  }
  return text;
}

function value(name: string, template: unknown, scope: Scope): unknown {
  if (typeof template === "string") {
    const [, only] = lone.exec(template) ?? [];
    const raw = only === undefined ? undefined : cell(scope.row, only);
    const structured = typeof raw === "object" && raw !== null;
    if (structured) return raw;
    const named = template.includes(`{${name}}`) ? undefined : scope.maps[name];
    return typed(name, translate(fill(template, scope), named), scope);
  }
  if (typeof template === "number" && amountFields.has(name)) {
    return typed(name, String(template), scope);
  }
  if (Array.isArray(template)) {
    return template
      .map((item: unknown) => value(name, item, scope))
      .filter((item) => item !== undefined);
  }
  if (typeof template !== "object" || template === null) return template;
  return translated(name, template as Row, scope) ?? fields(template, scope);
}

/** `{ value: "{COLUMN}", map: { A: B } }`: a translation of one field. */
function translated(name: string, template: Row, scope: Scope): unknown {
  const { value: inner, map } = template;
  if (typeof inner !== "string" || typeof map !== "object" || map === null) {
    return undefined;
  }
  // YAML gave plain values; anything else is shown as text.
  const table = map as Translations[string];
  return typed(name, translate(fill(inner, scope), table), scope) ?? "";
}

function fields(template: object, scope: Scope): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(template)) {
    const made = value(name, item, scope);
    if (made !== undefined && made !== "") out[name] = made;
  }
  return out;
}

function eventOf(event: EventMapping, scope: Scope, source: string): object {
  const time = fill(event.time, scope);
  return {
    id: fill(event.id, scope),
    source: event.source === undefined ? source : fill(event.source, scope),
    type: fill(event.type, scope),
    time: scope.zone.instant(time) ?? time,
    data: fields(event.data, scope),
  };
}

/** Compiles a mapping into the function of its rows. */
export function createMapRow(mapping: Mapping): MapRow {
  const zone = createZonedReader(mapping.timezone, mapping.dates);
  const { decimals, source } = mapping;
  const events = mapping.events.map((event) => ({
    event,
    maps: { ...mapping.map, ...event.map },
  }));
  return (row, rowNumber) =>
    events.flatMap(({ event, maps }): MappedEvent[] => {
      const scope = { row, rowNumber, maps, decimals, zone, rounded: 0 };
      if (event.when !== undefined && fill(event.when, scope) === "") return [];
      const json = { ...eventOf(event, scope, source) };
      return [{ json, rounded: scope.rounded }];
    });
}
