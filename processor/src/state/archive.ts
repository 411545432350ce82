/** The archive of the log: ClickHouse table `log`, offset by offset. */
import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
} from "@clickhouse/client";
import type { Codec } from "@riskwall/schemas/codec";
import { databaseName, topicNames } from "@riskwall/schemas/names";
import type { RawRecord } from "../pipeline.ts";

/** Rows of one question. */
const pageRows = 20_000;
const requestTimeoutMs = 60_000;

export interface Archive {
  /** First offset of each partition of the log that the archive lacks. */
  readonly ends: () => Promise<ReadonlyMap<number, number>>;
  /** First offset after the newest stored output of each partition. */
  readonly outputs: () => Promise<ReadonlyMap<number, number>>;
  /** Records of a partition in order, in pages. */
  readonly pages: (
    partition: number,
    from: number,
    to: number,
  ) => AsyncGenerator<RawRecord[]>;
  /** Offsets of a partition that a person let pass (`dlq skip`). */
  readonly skips: (partition: number) => Promise<number[]>;
  readonly close: () => Promise<void>;
}

interface Row {
  readonly position: string;
  readonly at: string;
  readonly value64: string;
}

const columns =
  "toString(offset) AS position, toString(toUnixTimestamp64Milli(appended_at)) AS at, base64Encode(value) AS value64";

function toRaw(row: Row): RawRecord {
  return {
    offset: Number(row.position),
    appendedAt: Number(row.at),
    value: Buffer.from(row.value64, "base64"),
  };
}

export function connectArchive(
  url: string,
  namespace: string,
  codec: Codec,
): Archive {
  const client: ClickHouseClient = createClient({
    url,
    database: databaseName(namespace),
    request_timeout: requestTimeoutMs,
    log: { level: ClickHouseLogLevel.OFF },
  });
  const rows = async <Found>(
    query: string,
    params: Readonly<Record<string, unknown>>,
  ): Promise<Found[]> => {
    const reply = await client.query({
      query,
      query_params: { ...params },
      format: "JSONEachRow",
    });
    return reply.json<Found>();
  };
  return {
    ends: async () => {
      const found = await rows<{ partition: number; end: string }>(
        "SELECT `partition`, toString(`to`) AS end FROM history_plan FINAL WHERE topic = {topic:String} AND done",
        { topic: topicNames(namespace).events },
      );
      return new Map(found.map((row) => [row.partition, Number(row.end)]));
    },
    outputs: async () => {
      const { scores, alerts, decisions, late } = topicNames(namespace);
      const found = await rows<{ partition: number; end: string }>(
        `SELECT \`partition\`, toString(max(pos_offset) + 1) AS end FROM history_plan FINAL
         WHERE has({topics:Array(String)}, topic) AND pos_n >= 0 GROUP BY \`partition\``,
        { topics: [scores, alerts, decisions, late] },
      );
      return new Map(found.map((row) => [row.partition, Number(row.end)]));
    },
    pages: async function* (partition, from, to) {
      const ask = async (at: number): Promise<Row[]> =>
        rows<Row>(
          `SELECT ${columns} FROM log FINAL WHERE \`partition\` = {partition:UInt16}
             AND offset >= {at:UInt64} AND offset < {end:UInt64} ORDER BY offset`,
          { partition, at, end: Math.min(to, at + pageRows) },
        );
      // One page is read ahead while the one before is folded.
      let next = from < to ? ask(from) : null;
      for (let at = from; next !== null; at += pageRows) {
        const page = await next;
        next = at + pageRows < to ? ask(at + pageRows) : null;
        // Its failure is thrown where it is awaited.
        next?.catch(() => undefined);
        yield page.map(toRaw);
      }
    },
    skips: async (partition) => {
      const found = await rows<Row>(
        `SELECT ${columns} FROM log FINAL WHERE \`partition\` = {partition:UInt16} AND name = 'Skip' ORDER BY offset`,
        { partition },
      );
      return found.flatMap((row) => {
        const { value } = toRaw(row);
        const decoded = codec.decode(value ?? Buffer.alloc(0));
        return decoded.kind === "record" && decoded.record.name === "Skip"
          ? [decoded.record.value.offset]
          : [];
      });
    },
    close: async () => client.close(),
  };
}
