/** The mapping file of an import (contract 6): read, checked, compiled. */
import { parse as parseYaml } from "yaml";
import { z } from "zod";

const translation = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean()]),
);
const translations = z.record(z.string(), translation);

const eventMapping = z.strictObject({
  type: z.string().min(1),
  when: z.string().optional(),
  id: z.string().min(1),
  source: z.string().optional(),
  time: z.string().min(1),
  data: z.record(z.string(), z.unknown()),
  map: translations.optional(),
});

const mapping = z.strictObject({
  format: z.enum(["csv", "ndjson"]).default("csv"),
  delimiter: z.string().length(1).default(","),
  quote: z.string().length(1).default('"'),
  encoding: z.string().default("utf-8"),
  timezone: z.string().default("Asia/Shanghai"),
  /** How dates with separators are read. */
  dates: z.enum(["ymd", "dmy", "mdy"]).default("ymd"),
  source: z.string().min(1),
  decimals: z.number().int().min(0).max(6).optional(),
  map: translations.default({}),
  events: z.array(eventMapping).min(1).max(50),
});

export type Mapping = z.infer<typeof mapping>;
export type EventMapping = z.infer<typeof eventMapping>;
export type Translations = z.infer<typeof translations>;

/** A mapping that cannot be used; the text names every problem. */
export class MappingRefused extends Error {
  readonly code = "mapping_refused";
}

/** Reads the YAML text of a mapping. */
export function parseMapping(text: string): Mapping {
  let yaml: unknown;
  try {
    yaml = parseYaml(text);
  } catch (cause) {
    throw new MappingRefused(`the mapping is not YAML: ${String(cause)}`, {
      cause,
    });
  }
  const result = mapping.safeParse(yaml);
  if (!result.success) {
    throw new MappingRefused(`mapping:\n${z.prettifyError(result.error)}`);
  }
  checkNames(result.data);
  return result.data;
}

function checkNames({ timezone, encoding }: Mapping): void {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: timezone });
    new TextDecoder(encoding);
  } catch (cause) {
    throw new MappingRefused(`mapping: ${String(cause)}`, { cause });
  }
}

/** Columns that the templates of a value name, `{row}` aside. */
export function columnsOf(value: unknown): string[] {
  if (typeof value === "string") {
    return [...value.matchAll(/\{([^{}]+)\}/g)]
      .map(([, name = ""]) => name)
      .filter((name) => name !== "row");
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    name === "map" ? [] : columnsOf(item),
  );
}

/** Refuses a mapping that names columns the file does not have. */
export function checkColumns(
  { events }: Mapping,
  header: readonly string[],
): void {
  const known = new Set(header);
  const missing = new Set(
    events.flatMap(columnsOf).filter((column) => !known.has(column)),
  );
  if (missing.size === 0) return;
  throw new MappingRefused(
    `mapping: the file has no column ${[...missing].join(", ")}; it has ${header.join(", ")}`,
  );
}
