/** A record of an inbox as an item of a batch: JSON, or Avro of contract 4. */
import { isBusinessName, toContract } from "@riskwall/schemas";
import type { Codec } from "@riskwall/schemas/codec";
import type { KafkaMessage } from "kafkajs";
import type { Item, Origin } from "../accept.ts";
import { itemOfText } from "../answer-stream.ts";
import { decodeUtf8 } from "../body.ts";
import { limits } from "../limits.ts";

/** First byte of the Confluent wire format; no JSON text begins with it. */
const wireMagic = 0;

/** True for a record that its producer wrote inside a transaction. */
export function isTransactional(message: KafkaMessage): boolean {
  // Set by the decoder of kafkajs, missing in its types.
  const { batchContext } = message as {
    batchContext?: { inTransaction?: boolean };
  };
  return batchContext?.inTransaction === true;
}

function refused(
  code: string,
  message: string,
  raw: string,
  origin: Origin,
): Item {
  return { refused: { code, path: "$", message }, raw, origin };
}

/** Rejects only when the schema registry cannot be asked. */
export async function inboxItem(
  message: KafkaMessage,
  source: string,
  origin: Origin,
  codec: Codec,
): Promise<Item> {
  const bytes = message.value ?? Buffer.alloc(0);
  const avro = bytes[0] === wireMagic;
  const raw = avro ? bytes.toString("base64") : bytes.toString("utf8");
  if (bytes.length > limits.eventMaxBytes) {
    const text = `at most ${String(limits.eventMaxBytes)} bytes`;
    return refused("event_too_large", text, raw, origin);
  }
  if (isTransactional(message)) {
    const text = "records inside a transaction are not taken";
    return refused("in_transaction", text, raw, origin);
  }
  if (avro) return avroItem(bytes, raw, source, origin, codec);
  const text = decodeUtf8(bytes);
  if (text === null) {
    return refused("not_utf8", "the record is not UTF-8", raw, origin);
  }
  const item = itemOfText(text);
  return "refused" in item
    ? { ...item, origin }
    : { json: withSource(item.json, source), raw: text, origin };
}

async function avroItem(
  bytes: Buffer,
  raw: string,
  source: string,
  origin: Origin,
  codec: Codec,
): Promise<Item> {
  let decoded = codec.decode(bytes);
  if (decoded.kind === "unknown-id") {
    const { id } = decoded;
    if (!(await codec.learn(id))) {
      const text = `schema ${String(id)} is none of the business types`;
      return refused("schema_unknown", text, raw, origin);
    }
    decoded = codec.decode(bytes);
  }
  if (decoded.kind !== "record") {
    const text = decoded.kind === "malformed" ? decoded.message : "unreadable";
    return refused("not_avro", text, raw, origin);
  }
  const { record } = decoded;
  if (!isBusinessName(record.name)) {
    const text = `${record.name} is not taken from an inbox`;
    return refused("privileged_type", text, raw, origin);
  }
  const json = withSource(toContract(record), source);
  return { json, raw: JSON.stringify(json), origin };
}

/** The inbox speaks for its source; a record may leave the source out. */
function withSource(json: unknown, source: string): unknown {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return json;
  }
  const given = "source" in json ? json.source : undefined;
  return given === undefined || given === null || given === ""
    ? { ...json, source }
    : json;
}
