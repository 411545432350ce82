/** Records of the log as rows of the tables (contract 5). Pure. */
import {
  contractType,
  isBusinessName,
  toContract,
  type NamedRecord,
} from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import { futureMs, latenessMs } from "../core/record-time.ts";
import { textFactsJson } from "./text-facts-json.ts";

/** One record as read from a topic. */
export interface SourceRecord {
  readonly partition: number;
  readonly offset: number;
  readonly appendedAt: number;
  readonly key: string;
  readonly value: Buffer;
  /** Null when it could not be decoded. */
  readonly record: NamedRecord | null;
}

/** Column → value of one table row, as JSON carries it. */
export type Row = Readonly<Record<string, unknown>>;
export interface TableRow {
  readonly table: string;
  readonly row: Row;
}

const dayMs = 86_400_000;
/** Days whose text is remembered; rows of a flush lie on few of them. */
const daysMax = 4096;
const dayTexts = new Map<number, string>();
const twoDigits = Array.from({ length: 60 }, (_, n) =>
  String(n).padStart(2, "0"),
);

function dayText(day: number): string {
  const known = dayTexts.get(day);
  if (known !== undefined) return known;
  const text = new Date(day * dayMs).toISOString().slice(0, 10);
  if (dayTexts.size >= daysMax) dayTexts.clear();
  dayTexts.set(day, text);
  return text;
}

/** Text of an instant as ClickHouse reads it: UTC, milliseconds. */
export function timeText(ms: number): string {
  const day = Math.floor(ms / dayMs);
  const rest = ms - day * dayMs;
  const s = Math.floor(rest / 1000);
  const hour = twoDigits[Math.floor(s / 3600)] ?? "";
  const minute = twoDigits[Math.floor(s / 60) % 60] ?? "";
  const second = twoDigits[s % 60] ?? "";
  const millis = String(rest % 1000).padStart(3, "0");
  return `${dayText(day)} ${hour}:${minute}:${second}.${millis}`;
}

/**
 * Rows of one record of the log. `judgedAt` is its append time as the fold
 * sees it (simulated in a simulated namespace): the log keeps every record,
 * `events` only what is neither late nor in the future by that time.
 */
export function projectLog(source: SourceRecord, judgedAt: number): TableRow[] {
  const { partition, offset, appendedAt, key, value, record } = source;
  const place = { partition, offset };
  const fields = record?.value as Readonly<Record<string, unknown>> | undefined;
  const customerId =
    typeof fields?.["customerId"] === "string" ? fields["customerId"] : "";
  const occurredAt =
    typeof fields?.["time"] === "number" ? fields["time"] : appendedAt;
  const rows: TableRow[] = [
    {
      table: "log",
      row: {
        ...place,
        appended_at: timeText(appendedAt),
        customer_id: customerId,
        occurred_at: timeText(occurredAt),
        name: record?.name ?? "",
        key,
        value64: value.toString("base64"),
      },
    },
  ];
  if (record === null) return rows;
  if (record.name === "Portfolio" && partition === 0) {
    rows.push({
      table: "portfolio_snapshots",
      row: {
        ...place,
        customer_id: "#portfolio",
        occurred_at: timeText(record.value.at),
        seq: record.value.seq,
        totals: record.value.totals,
      },
    });
  }
  const event = projectEvent(source, record, judgedAt);
  if (event) rows.push({ table: "events", row: event });
  return rows;
}

/** What every business record has, and the amount that some have. */
interface Envelope {
  readonly eventId: string;
  readonly source: string;
  readonly time: number;
  readonly historical: boolean;
  readonly customerId: string;
  readonly amount?: number;
  readonly currency?: string | null;
}

/** Whole digits that `events.amount`, a Decimal(18, 4), has room for. */
const wholeDigitsMax = 14;

/** Null also for an amount beyond the column; `data` has it exactly. */
function amountText(
  amount: number | undefined,
  currency: string,
): string | null {
  if (amount === undefined) return null;
  const text = formatMinor(amount, currency);
  const [whole = ""] = text.split(".");
  return whole.length > wholeDigitsMax ? null : text;
}

function projectEvent(
  source: SourceRecord,
  record: NamedRecord,
  judgedAt: number,
): Row | null {
  if (!isBusinessName(record.name)) return null;
  // Decoded by the schema of a business name, which has the envelope.
  const fields = record.value as unknown as Envelope;
  const outside =
    fields.time > judgedAt + futureMs ||
    (!fields.historical && fields.time < judgedAt - latenessMs);
  if (outside) return null;
  const { data } = toContract(record) as { readonly data: object };
  const { amount, currency } = fields;
  return {
    event_id: fields.eventId,
    source: fields.source,
    type: contractType(record.name),
    customer_id: fields.customerId,
    occurred_at: timeText(fields.time),
    appended_at: timeText(source.appendedAt),
    amount: currency ? amountText(amount, currency) : null,
    currency: currency ?? "",
    data: JSON.stringify({ ...data, ...textFactsJson(record) }),
    historical: fields.historical,
    partition: source.partition,
    offset: source.offset,
  };
}
