/** Records of the topics as rows of the tables (contract 5). Pure. */
import {
  alertView,
  contractType,
  decisionView,
  isBusinessName,
  scoreView,
  toContract,
  type NamedRecord,
} from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";

/** Late and future, as the fold judges them (architecture 4). */
const latenessMs = 7 * 86_400_000;
const futureMs = 300_000;

export interface SourceRecord {
  readonly partition: number;
  readonly offset: number;
  readonly appendedAt: number;
  readonly key: string;
  readonly value: Buffer;
  /** Null when it could not be decoded. */
  readonly record: NamedRecord | null;
}

export type Row = Readonly<Record<string, unknown>>;
export interface TableRow {
  readonly table: string;
  readonly row: Row;
}

const time = (ms: number): string =>
  new Date(ms).toISOString().replace("T", " ").replace("Z", "");

/** Rows of one record of the log. */
export function projectLog(source: SourceRecord): TableRow[] {
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
        appended_at: time(appendedAt),
        customer_id: customerId,
        occurred_at: time(occurredAt),
        name: record?.name ?? "",
        key,
        value: value.toString("base64"),
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
        occurred_at: time(record.value.at),
        seq: record.value.seq,
        totals: record.value.totals,
      },
    });
  }
  const event = projectEvent(source, record);
  if (event) rows.push({ table: "events", row: event });
  return rows;
}

function projectEvent(source: SourceRecord, record: NamedRecord): Row | null {
  if (!isBusinessName(record.name)) return null;
  const fields = record.value as unknown as {
    readonly eventId: string;
    readonly source: string;
    readonly time: number;
    readonly historical: boolean;
    readonly customerId: string;
    readonly amount?: number;
    readonly currency?: string | null;
  };
  const { appendedAt } = source;
  const outside =
    fields.time > appendedAt + futureMs ||
    (!fields.historical && fields.time < appendedAt - latenessMs);
  if (outside) return null;
  const { data } = toContract(record) as { readonly data: object };
  const { amount, currency } = fields;
  return {
    event_id: fields.eventId,
    source: fields.source,
    type: contractType(record.name),
    customer_id: fields.customerId,
    occurred_at: time(fields.time),
    appended_at: time(appendedAt),
    amount:
      amount === undefined || !currency ? null : formatMinor(amount, currency),
    currency: currency ?? "",
    data: JSON.stringify(data),
    historical: fields.historical,
    partition: source.partition,
    offset: source.offset,
  };
}

/** Position of an output, to drop repeats; null for dead letters. */
export function positionOf(
  record: NamedRecord,
): { readonly offset: number; readonly n: number } | null {
  switch (record.name) {
    case "ScoreChange":
    case "Alert":
    case "ActionOutcome":
    case "Decision":
    case "Late":
      return { offset: record.value.offset, n: record.value.n };
    default:
      return null;
  }
}

/** Rows of one output record. */
export function projectOutput(source: SourceRecord): TableRow[] {
  const { record, partition, offset } = source;
  if (record === null) return [];
  switch (record.name) {
    case "ScoreChange": {
      const v = record.value;
      const money = (n: number): string => formatMinor(n, v.currency);
      const view = scoreView(v);
      return [
        {
          table: "score_changes",
          row: {
            id: v.id,
            customer_id: v.customerId,
            name: v.name,
            segment: v.segment,
            occurred_at: time(v.at),
            appended_at: time(v.appendedAt),
            score_from: v.from,
            score: v.score,
            class_before: v.classBefore ?? "",
            class: v.class,
            base: v.base,
            points: JSON.stringify(view.points),
            cap_effect: v.capEffect,
            cap: v.cap ?? "",
            pd: v.pd,
            reasons: JSON.stringify(view.reasons),
            cause: v.cause,
            corrected: v.corrected,
            muted: v.muted,
            ruleset_version: v.rulesetVersion,
            exposure: money(v.exposure),
            overdue: money(v.overdue),
            credit_limit: v.limit === null ? null : money(v.limit),
            currency: v.currency,
            text_zh: v.textZh,
            text_en: v.textEn,
            partition: v.partition,
            offset: v.offset,
            n: v.n,
          },
        },
      ];
    }
    case "Alert": {
      const v = record.value;
      return [
        {
          table: "alerts",
          row: {
            alert_id: v.alertId,
            rule_id: v.ruleId,
            customer_id: v.customerId,
            customer_name: v.customerName,
            ref: v.ref,
            severity: v.severity,
            state: v.state,
            version: v.version,
            action_version: v.actionVersion,
            occurred_at: time(v.eventTime),
            opened_at: time(v.openedAt),
            updated_at: time(v.updatedAt),
            appended_at: time(v.appendedAt),
            trigger_event_ids: v.triggerEventIds,
            title_zh: v.titleZh,
            title_en: v.titleEn,
            money_at_risk: formatMinor(v.moneyAtRisk, v.currency),
            muted: v.muted,
            ruleset_version: v.rulesetVersion,
            view: JSON.stringify(alertView(v)),
            partition: v.partition,
            offset: v.offset,
            n: v.n,
          },
        },
      ];
    }
    case "Decision": {
      const v = record.value;
      return [
        {
          table: "decisions",
          row: {
            id: v.id,
            order_id: v.orderId,
            customer_id: v.customerId,
            event_id: v.eventId,
            source: v.source,
            occurred_at: time(v.decidedAt),
            decided_at: time(v.decidedAt),
            appended_at: time(v.appendedAt),
            outcome: v.outcome,
            codes: v.codes,
            trigger: v.trigger,
            amount: formatMinor(v.amount, v.currency),
            currency: v.currency,
            score: v.score,
            class: v.class,
            actor: v.actor ?? "",
            muted: v.muted,
            ruleset_version: v.rulesetVersion,
            view: JSON.stringify(decisionView(v)),
            partition: v.partition,
            offset: v.offset,
            n: v.n,
          },
        },
      ];
    }
    case "Late": {
      const v = record.value;
      return [
        {
          table: "late",
          row: {
            reason: v.reason,
            event_id: v.eventId,
            source: v.source,
            type: v.type,
            customer_id: v.customerId,
            occurred_at: time(v.time),
            appended_at: time(v.appendedAt),
            raw: Buffer.from(v.raw).toString("base64"),
            partition: v.partition,
            offset: v.offset,
            n: v.n,
          },
        },
      ];
    }
    case "DeadLetter": {
      const v = record.value;
      return [
        {
          table: "dead_letters",
          row: {
            id: v.id,
            occurred_at: time(v.at),
            stage: v.stage,
            source: v.source ?? "",
            event_id: v.eventId ?? "",
            customer_id: v.customerId ?? "",
            type: v.type ?? "",
            code: v.code,
            path: v.path ?? "",
            message: v.message,
            raw: Buffer.from(v.raw).toString("utf8"),
            topic: v.topic ?? "",
            source_partition: v.partition,
            source_offset: v.offset,
            partition,
            offset,
          },
        },
      ];
    }
    default:
      return [];
  }
}
