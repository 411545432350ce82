/** Records of the output topics as rows of the tables (contract 5). Pure. */
import {
  alertView,
  decisionView,
  scoreView,
  type NamedRecord,
} from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import { timeText, type SourceRecord, type TableRow } from "./log-rows.ts";

/** Position of an output, to drop repeats; null for dead letters. */
export function positionOf(
  record: NamedRecord,
): { readonly offset: number; readonly n: number } | null {
  switch (record.name) {
    case "ScoreChange":
    case "Alert":
    case "AlertSuppressed":
    case "ActionOutcome":
    case "Decision":
    case "LimitChange":
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
            occurred_at: timeText(v.at),
            appended_at: timeText(v.appendedAt),
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
            occurred_at: timeText(v.eventTime),
            opened_at: timeText(v.openedAt),
            updated_at: timeText(v.updatedAt),
            appended_at: timeText(v.appendedAt),
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
    case "AlertSuppressed": {
      const v = record.value;
      return [
        {
          table: "suppressed_alerts",
          row: {
            id: v.id,
            customer_id: v.customerId,
            customer_name: v.customerName,
            segment: v.segment,
            occurred_at: timeText(v.at),
            appended_at: timeText(v.appendedAt),
            rule_id: v.ruleId,
            ref: v.ref,
            severity: v.severity,
            reason: v.reason,
            value: v.value,
            threshold: v.threshold,
            money_at_risk: formatMinor(v.moneyAtRisk, v.currency),
            currency: v.currency,
            alert_id: v.alertId ?? "",
            parent: v.parent ?? "",
            title_zh: v.titleZh,
            title_en: v.titleEn,
            ruleset_version: v.rulesetVersion,
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
            occurred_at: timeText(v.decidedAt),
            decided_at: timeText(v.decidedAt),
            appended_at: timeText(v.appendedAt),
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
    case "LimitChange": {
      const v = record.value;
      const money = (n: number | null): string | null =>
        n === null ? null : formatMinor(n, v.currency);
      return [
        {
          table: "limit_changes",
          row: {
            id: v.id,
            customer_id: v.customerId,
            name: v.name,
            occurred_at: timeText(v.at),
            appended_at: timeText(v.appendedAt),
            kind: v.kind,
            limit_kind: v.limitKind,
            amount_before: money(v.before),
            amount_after: money(v.after),
            currency: v.currency,
            valid_to: v.validTo === null ? null : timeText(v.validTo),
            actor: v.actor ?? "",
            second_actor: v.secondActor ?? "",
            reason: v.reason ?? "",
            proposal: v.proposal ?? "",
            cause: v.cause,
            action_id: v.actionId ?? "",
            muted: v.muted,
            ruleset_version: v.rulesetVersion,
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
            occurred_at: timeText(v.time),
            appended_at: timeText(v.appendedAt),
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
            occurred_at: timeText(v.at),
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
