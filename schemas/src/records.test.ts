import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { avroType, schemaText } from "./codec.ts";
import { recordFiles, type RecordName } from "./records.ts";

/** `interface X { name: type; }` of records.ts: name → field → type text. */
function interfaces(): Map<string, Map<string, string>> {
  const url = new URL("./records.ts", import.meta.url);
  const text = readFileSync(fileURLToPath(url), "utf8").replaceAll(
    /\/\*\*[\s\S]*?\*\//g,
    "",
  );
  const found = new Map<string, Map<string, string>>();
  for (const match of text.matchAll(/export interface (\w+) \{([^}]*)\}/g)) {
    const fields = [...(match[2] ?? "").matchAll(/(\w+): ([^;]+);/g)];
    found.set(
      match[1] ?? "",
      new Map(fields.map((field) => [field[1] ?? "", field[2] ?? ""])),
    );
  }
  return found;
}

type Avro =
  | string
  | readonly Avro[]
  | {
      readonly type: string;
      readonly name?: string;
      readonly items?: Avro;
      readonly values?: Avro;
      readonly fields?: readonly {
        readonly name: string;
        readonly type: Avro;
      }[];
    };

const primitives: Readonly<Record<string, string>> = {
  string: "string",
  int: "number",
  long: "number",
  double: "number",
  boolean: "boolean",
  bytes: "Uint8Array",
  null: "null",
};

/** TypeScript text of an Avro type; named records are collected on the way. */
function typeText(type: Avro, records: Map<string, Avro>): string {
  if (typeof type === "string") return primitives[type] ?? type;
  if (Array.isArray(type)) {
    const members = (type as readonly Avro[]).map((item) =>
      typeText(item, records),
    );
    return [...members.filter((item) => item !== "null"), "null"].join(" | ");
  }
  const object = type as Exclude<Avro, string | readonly Avro[]>;
  if (object.type === "array") {
    return `${typeText(object.items ?? "null", records)}[]`;
  }
  if (object.type === "map") {
    return `Record<string, ${typeText(object.values ?? "null", records)}>`;
  }
  if (object.type === "record") {
    records.set(object.name ?? "", object);
    return object.name ?? "";
  }
  return primitives[object.type] ?? object.type;
}

function fieldsOf(
  record: Avro,
  records: Map<string, Avro>,
): Map<string, string> {
  const object = record as Exclude<Avro, string | readonly Avro[]>;
  return new Map(
    (object.fields ?? []).map((field) => [
      field.name,
      typeText(field.type, records),
    ]),
  );
}

const names = Object.keys(recordFiles) as RecordName[];
const written = interfaces();

/** Lists of a state that are stored packed, under a name of their own. */
const packedLists = {
  orders: "order",
  invoices: "invoice",
  payments: "payment",
};
const state = written.get("CustomerState");
for (const [list, item] of Object.entries(packedLists)) {
  state?.delete(list);
  state?.set(`${item}Bytes`, "Uint8Array");
}

describe("records.ts and avro/ say the same, field for field", () => {
  test.each(names)("%s", (name) => {
    const records = new Map<string, Avro>();
    const whole = JSON.parse(schemaText(name)) as Avro;
    typeText(whole, records);
    expect(records.has(name)).toBe(true);
    for (const [recordName, record] of records) {
      const fields = fieldsOf(record, records);
      expect(Object.fromEntries(written.get(recordName) ?? [])).toEqual(
        Object.fromEntries(fields),
      );
    }
  });

  test.each(names)("%s survives a round trip", (name) => {
    const type = avroType(name);
    const random: unknown = type.random();
    const again: unknown = type.fromBuffer(type.toBuffer(random));
    expect(type.toString(again)).toBe(type.toString(random));
  });
});
