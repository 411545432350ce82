/**
 * Confluent wire format: byte 0, schema id as 4 bytes big endian, Avro body.
 * The only I/O of this package besides setup: the schema registry.
 */
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  COMPATIBILITY,
  SchemaRegistry,
  SchemaType,
} from "@kafkajs/confluent-schema-registry";
import avro from "avsc";
import {
  recordFiles,
  type NamedRecord,
  type RecordName,
  type Records,
} from "./records.ts";
import { encodeAfter } from "./scratch.ts";

/** Result of decoding one wire value without waiting. */
export type Decoded =
  | { readonly kind: "record"; readonly record: NamedRecord }
  | { readonly kind: "unknown-id"; readonly id: number }
  | { readonly kind: "malformed"; readonly message: string };

export interface Codec {
  /** Wire bytes of a record. Throws on a value that does not fit its schema. */
  encode: <Name extends RecordName>(name: Name, value: Records[Name]) => Buffer;
  /** Synchronous once the id was seen; else `unknown-id`: `learn`, then retry. */
  decode: (wire: Uint8Array) => Decoded;
  /**
   * Fetches a writer schema. False when the registry does not know the id or
   * the schema is none of ours; rejects when the registry is not reachable.
   */
  learn: (id: number) => Promise<boolean>;
}

const recordNames = Object.keys(recordFiles) as RecordName[];

/** Avro schema text of a record, as shipped. */
export function schemaText(name: RecordName): string {
  const url = new URL(`../avro/${recordFiles[name]}`, import.meta.url);
  return readFileSync(fileURLToPath(url), "utf8");
}

/** Avro type of a record: unions are plain values, longs are safe numbers. */
export function avroType(name: RecordName): avro.Type {
  const schema = JSON.parse(schemaText(name)) as avro.Schema;
  return avro.Type.forSchema(schema);
}

/** Registry subject of a record: its full name. */
export function subjectName(name: RecordName): string {
  return `riskwall.${name}`;
}

/** Tries at a subject that another process registers at the same time. */
const registerTries = 6;
const registerPauseMs = 150;

/**
 * The registry has no one step for a schema and its compatibility: who comes
 * between the two of somebody else sees none, or a rule that is there already.
 */
function isHalfRegistered(error: unknown): boolean {
  return (
    error instanceof Error &&
    /Compatibility does not match|already exists/.test(error.message)
  );
}

async function registerSubject(
  registry: SchemaRegistry,
  name: RecordName,
): Promise<number> {
  for (let tried = 1; ; tried += 1) {
    try {
      const { id } = await registry.register(
        { type: SchemaType.AVRO, schema: schemaText(name) },
        {
          subject: subjectName(name),
          compatibility: COMPATIBILITY.BACKWARD_TRANSITIVE,
        },
      );
      return id;
    } catch (error) {
      if (tried === registerTries || !isHalfRegistered(error)) throw error;
    }
    await setTimeout(registerPauseMs);
  }
}

/** Time that the registry has for one answer; the client asks four times. */
const answerMaxMs = 5000;

/** A client that gives up a registry which takes requests and says nothing. */
function connectRegistry(host: string, timeoutMs: number): SchemaRegistry {
  return new SchemaRegistry({
    host,
    middlewares: [
      () => ({
        prepareRequest: async (next) => {
          const request = await next();
          return request.enhance({ timeout: timeoutMs });
        },
      }),
    ],
  });
}

/**
 * Registers every schema with BACKWARD_TRANSITIVE compatibility and returns
 * the codec. Rejects when the registry refuses a schema as incompatible, or
 * stays silent.
 */
export async function createCodec(
  registryUrl: string,
  timeoutMs = answerMaxMs,
): Promise<Codec> {
  const registry = connectRegistry(registryUrl, timeoutMs);
  const ids = new Map<RecordName, number>();
  for (const name of recordNames) {
    ids.set(name, await registerSubject(registry, name));
  }
  return codecOf(ids, async (id) => fetchWriter(registry, id));
}

async function fetchWriter(
  registry: SchemaRegistry,
  id: number,
): Promise<avro.Type | null> {
  try {
    const schema: unknown = await registry.getSchema(id);
    return schema instanceof avro.Type ? schema : writerFromText(schema);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

function writerFromText(schema: unknown): avro.Type | null {
  if (typeof schema !== "object" || schema === null) return null;
  return avro.Type.forSchema(JSON.parse(JSON.stringify(schema)) as avro.Schema);
}

function isNotFound(error: unknown): boolean {
  return (
    typeof error === "object" &&
    error !== null &&
    "status" in error &&
    error.status === 404
  );
}

interface Reader {
  readonly name: RecordName;
  readonly decode: (body: Buffer) => unknown;
}

/** Codec over known ids; `fetch` resolves writer schemas seen later. */
export function codecOf(
  ids: ReadonlyMap<RecordName, number>,
  fetch: (id: number) => Promise<avro.Type | null>,
): Codec {
  const types = new Map(recordNames.map((name) => [name, avroType(name)]));
  const typeOf = (name: RecordName): avro.Type => {
    const type = types.get(name);
    if (!type) throw new Error(`no schema for ${name}`);
    return type;
  };
  const headers = new Map<RecordName, Buffer>();
  const readers = new Map<number, Reader | null>();
  for (const [name, id] of ids) {
    const header = Buffer.alloc(5);
    header.writeInt32BE(id, 1);
    headers.set(name, header);
    const type = typeOf(name);
    readers.set(id, {
      name,
      decode: (body): unknown => type.fromBuffer(body),
    });
  }
  return {
    encode: (name, value) => {
      const header = headers.get(name);
      if (!header) throw new Error(`schema of ${name} is not registered`);
      return encodeAfter(header, typeOf(name), value);
    },
    decode: (wire) => decodeBytes(wire, readers),
    learn: async (id) => {
      const writer = await fetch(id);
      const reader = writer === null ? null : readerOf(writer, typeOf);
      readers.set(id, reader);
      return reader !== null;
    },
  };
}

function readerOf(
  writer: avro.Type,
  typeOf: (name: RecordName) => avro.Type,
): Reader | null {
  const name = recordNames.find((item) => subjectName(item) === writer.name);
  if (!name) return null;
  const type = typeOf(name);
  const text = JSON.stringify(writer.schema({ exportAttrs: true }));
  const own = avro.Type.forSchema(JSON.parse(text) as avro.Schema);
  const resolver = type.createResolver(own);
  return { name, decode: (body): unknown => type.fromBuffer(body, resolver) };
}

function decodeBytes(
  wire: Uint8Array,
  readers: ReadonlyMap<number, Reader | null>,
): Decoded {
  const bytes = Buffer.isBuffer(wire)
    ? wire
    : Buffer.from(wire.buffer, wire.byteOffset, wire.byteLength);
  if (bytes.length < 5 || bytes[0] !== 0) {
    return { kind: "malformed", message: "not in Confluent wire format" };
  }
  const id = bytes.readInt32BE(1);
  const reader = readers.get(id);
  if (reader === undefined) return { kind: "unknown-id", id };
  if (reader === null) {
    return { kind: "malformed", message: `schema ${String(id)} is not ours` };
  }
  try {
    const value = reader.decode(bytes.subarray(5));
    // The cast at the trust boundary: avsc decoded by the schema of `name`.
    return {
      kind: "record",
      record: { name: reader.name, value } as NamedRecord,
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "malformed", message };
  }
}

/** Decodes, fetching the writer's schema when it is not known yet. */
export async function decodeWire(codec: Codec, wire: Buffer): Promise<Decoded> {
  const decoded = codec.decode(wire);
  if (decoded.kind !== "unknown-id") return decoded;
  await codec.learn(decoded.id);
  return codec.decode(wire);
}
