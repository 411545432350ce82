/** Dead letters as history keeps them, with what became of each. */
import { toContract } from "@riskwall/schemas";
import type { Codec } from "@riskwall/schemas/codec";
import {
  letterBody,
  type LetterBody,
  type LetterIdentity,
} from "../core/letter-body.ts";
import {
  afterPlace,
  pageOf,
  type Page,
  type Past,
  type Place,
} from "./past.ts";

/** The newest attempt to send a letter again. */
export interface RedriveNote {
  readonly state: "sending" | "sent" | "refused";
  readonly by: string;
  readonly at: string;
  /** Identity of the event that was sent. */
  readonly source: string;
  readonly eventId: string;
  readonly edited: boolean;
  /** What the door said to a refused one; else empty. */
  readonly answer: string;
}

export interface DeadLetterItem extends LetterIdentity {
  readonly at: string;
  readonly customerId: string;
  readonly type: string;
  readonly path: string;
  readonly message: string;
  readonly raw: string;
  readonly topic: string;
  /** Where it came from: of `topic`, or of the log; -1 when it was HTTP. */
  readonly partition: number;
  readonly offset: number;
  readonly redrive: RedriveNote | null;
}

export interface DeadLetter extends DeadLetterItem {
  /** `base64` where `raw` is the bytes of the log's record. */
  readonly rawEncoding: "utf8" | "base64";
  /** The record as contract JSON, or null when it cannot be read. */
  readonly decoded: unknown;
  readonly body: LetterBody;
}

/** Empty text = no condition. */
export interface DeadLetterFilter {
  readonly code: string;
  readonly source: string;
  readonly stage: string;
  readonly customer: string;
  /** `yes`: sent again; `no`: not yet, or refused. */
  readonly redriven: "" | "yes" | "no";
}

interface Row extends Readonly<Record<string, string | number | boolean>> {
  readonly source_partition: number;
  readonly source_offset: number;
}

const columns = `d.id AS id, d.occurred_at AS occurred_at, stage, d.source AS source, d.event_id AS event_id, customer_id, type, code, path,
  message, raw, topic, source_partition, source_offset, r.state AS redrive_state, r.actor AS redrive_actor, r.at AS redrive_at,
  r.source AS redrive_source, r.event_id AS redrive_event_id, r.edited AS redrive_edited, r.answer AS redrive_answer`;
const joined =
  "FROM (SELECT * FROM dead_letters FINAL) AS d LEFT JOIN (SELECT * FROM redrives FINAL) AS r ON r.letter_id = d.id";

const text = (row: Row, name: string): string => String(row[name] ?? "");

function noteOf(row: Row): RedriveNote | null {
  const state = text(row, "redrive_state");
  if (state !== "sending" && state !== "sent" && state !== "refused") {
    return null;
  }
  return {
    state,
    by: text(row, "redrive_actor"),
    at: text(row, "redrive_at"),
    source: text(row, "redrive_source"),
    eventId: text(row, "redrive_event_id"),
    edited: row["redrive_edited"] === true,
    answer: text(row, "redrive_answer"),
  };
}

function itemOf(row: Row): DeadLetterItem {
  return {
    id: text(row, "id"),
    at: text(row, "occurred_at"),
    stage: text(row, "stage"),
    source: text(row, "source"),
    eventId: text(row, "event_id"),
    customerId: text(row, "customer_id"),
    type: text(row, "type"),
    code: text(row, "code"),
    path: text(row, "path"),
    message: text(row, "message"),
    raw: text(row, "raw"),
    topic: text(row, "topic"),
    partition: Number(row.source_partition),
    offset: Number(row.source_offset),
    redrive: noteOf(row),
  };
}

/** Rejected records, newest first; the fold may write a letter twice. */
export async function readDeadLetters(
  past: Past,
  filter: DeadLetterFilter,
  after: Place | null,
  size: number,
): Promise<Page<DeadLetterItem>> {
  const place = afterPlace("d.occurred_at", "d.id", after);
  const rows = await past.rows<Row>(
    `SELECT ${columns} ${joined}
     WHERE ({code:String} = '' OR code = {code:String}) AND ({source:String} = '' OR d.source = {source:String})
       AND ({stage:String} = '' OR stage = {stage:String}) AND ({customer:String} = '' OR customer_id = {customer:String})
       AND ({redriven:String} = '' OR ({redriven:String} = 'yes') = (r.state = 'sent')) AND ${place.sql}
     ORDER BY d.occurred_at DESC, d.id DESC LIMIT 1 BY d.id LIMIT {size:UInt32}`,
    { ...place.params, ...filter, size: size + 1 },
  );
  return pageOf(
    rows,
    size,
    (row) => ({
      at: Date.parse(text(row, "occurred_at")),
      id: text(row, "id"),
    }),
    itemOf,
  );
}

/** Records of the log behind letters of the fold: `partition-offset` → bytes. */
async function readWires(
  past: Past,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> {
  const rows = await past.rows<{
    partition: number;
    offset: number;
    wire: string;
  }>(
    `SELECT \`partition\`, \`offset\`, base64Encode(value) AS wire FROM log FINAL
     WHERE (\`partition\`, \`offset\`) IN (SELECT toUInt16(source_partition), toUInt64(source_offset) FROM dead_letters
       WHERE id IN ({ids:Array(String)}) AND stage = 'fold' AND source_offset >= 0 AND raw != '')`,
    { ids },
  );
  return new Map(
    rows.map(({ partition, offset, wire }) => [
      `${String(partition)}-${String(offset)}`,
      Buffer.from(wire, "base64"),
    ]),
  );
}

async function decode(codec: Codec, wire: Buffer): Promise<unknown> {
  let decoded = codec.decode(wire);
  if (decoded.kind === "unknown-id" && (await codec.learn(decoded.id))) {
    decoded = codec.decode(wire);
  }
  return decoded.kind === "record" ? toContract(decoded.record) : null;
}

async function wholeLetter(
  item: DeadLetterItem,
  wire: Buffer | undefined,
  codec: Codec,
): Promise<DeadLetter> {
  const decodedWire = wire === undefined ? null : await decode(codec, wire);
  const body = letterBody(item, item.raw, decodedWire);
  return {
    ...item,
    ...(wire === undefined
      ? { rawEncoding: "utf8" }
      : { rawEncoding: "base64", raw: wire.toString("base64") }),
    decoded: body.kind === "event" ? body.json : decodedWire,
    body,
  };
}

/** Letters by id, decoded; unknown ids are left out. */
export async function loadDeadLetters(
  past: Past,
  codec: Codec,
  ids: readonly string[],
): Promise<DeadLetter[]> {
  if (ids.length === 0) return [];
  const [rows, wires] = await Promise.all([
    past.rows<Row>(
      `SELECT ${columns} FROM (SELECT * FROM dead_letters FINAL WHERE id IN ({ids:Array(String)})) AS d
       LEFT JOIN (SELECT * FROM redrives FINAL WHERE letter_id IN ({ids:Array(String)})) AS r ON r.letter_id = d.id
       LIMIT 1 BY d.id`,
      { ids },
    ),
    readWires(past, ids),
  ]);
  const letters: DeadLetter[] = [];
  for (const row of rows) {
    const item = itemOf(row);
    const key = `${String(item.partition)}-${String(item.offset)}`;
    const wire = item.stage === "fold" ? wires.get(key) : undefined;
    letters.push(await wholeLetter(item, wire, codec));
  }
  return letters;
}
