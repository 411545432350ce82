/** A customer's past: timeline and score changes. */
import { padMoney } from "../core/money-text.ts";
import type { ScoreChangeView } from "@riskwall/schemas";
import {
  afterPlace,
  pageOf,
  type Page,
  type Past,
  type Place,
} from "./past.ts";

export interface Span {
  /** ms, inclusive */
  readonly from: number;
  /** ms, inclusive */
  readonly to: number;
}

export const timelineKinds = ["event", "score", "alert", "decision"] as const;
export type TimelineKind = (typeof timelineKinds)[number];

/** A kind by its name, or by that of several of them; null = none of ours. */
export function timelineKind(word: string): TimelineKind | null {
  return (
    timelineKinds.find((kind) => [kind, `${kind}s`].includes(word)) ?? null
  );
}

export interface TimelineItem {
  readonly kind: TimelineKind;
  readonly at: string;
  readonly id: string;
  /** Event type, rule and state, outcome, or `score.changed`. */
  readonly type: string;
  readonly textZh: string;
  readonly textEn: string;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly severity: string | null;
  /** What it is about: alert id, order id, score, or empty. */
  readonly ref: string;
  /** The whole thing: event data or the view of the output. */
  readonly detail: unknown;
}

/** Columns of every part of the union, in this order. */
const parts: Readonly<Record<TimelineKind, string>> = {
  event: `SELECT 'event' AS kind, occurred_at AS at, concat(source, '/', event_id) AS id, type,
      '' AS zh, '' AS en, ifNull(toString(amount), '') AS amount, currency, '' AS severity, '' AS ref,
      data AS detail
    FROM events FINAL WHERE customer_id = {customer:String}
      AND (empty({types:Array(String)}) OR has({types:Array(String)}, type))`,
  score: `SELECT 'score', occurred_at, id, 'score.changed', text_zh, text_en, '', '', '', toString(score),
      concat('{"score":', toString(score), ',"from":', ifNull(toString(score_from), 'null'), ',"class":"', class, '","classBefore":"', class_before, '"}')
    FROM score_changes FINAL WHERE customer_id = {customer:String}`,
  alert: `SELECT 'alert', updated_at, concat(alert_id, '/', toString(version)), concat(rule_id, ' ', state),
      title_zh, title_en, toString(money_at_risk), JSONExtractString(view, 'currency'), severity, alert_id, view
    FROM alerts FINAL WHERE customer_id = {customer:String}`,
  decision: `SELECT 'decision', decided_at, id, outcome,
      arrayStringConcat(codes, ' '), arrayStringConcat(codes, ' '), toString(amount), currency, '', order_id, view
    FROM decisions FINAL WHERE customer_id = {customer:String}`,
};

interface TimelineRow {
  readonly kind: TimelineKind;
  readonly at: string;
  readonly id: string;
  readonly type: string;
  readonly zh: string;
  readonly en: string;
  readonly amount: string;
  readonly currency: string;
  readonly severity: string;
  readonly ref: string;
  readonly detail: string;
}

const orNull = (text: string): string | null => (text === "" ? null : text);

/** Events, score changes, alert versions and decisions, newest first. */
export async function readTimeline(
  past: Past,
  query: Span & {
    readonly customer: string;
    readonly kinds: ReadonlySet<string>;
    /** Event types wanted; empty = all. */
    readonly types: readonly string[];
    readonly after: Place | null;
    readonly size: number;
  },
): Promise<Page<TimelineItem>> {
  const chosen = timelineKinds.filter((kind) => query.kinds.has(kind));
  if (chosen.length === 0) return { items: [], next: null };
  const after = afterPlace("at", "id", query.after);
  // The first part names the columns, so an empty one leads when it is absent.
  const named = chosen.includes("event") ? [] : [`${parts.event} AND 0`];
  const union = [...named, ...chosen.map((kind) => parts[kind])];
  const rows = await past.rows<TimelineRow>(
    `SELECT * FROM (${union.join(" UNION ALL ")})
     WHERE at >= fromUnixTimestamp64Milli({from:Int64}) AND at <= fromUnixTimestamp64Milli({to:Int64}) AND ${after.sql}
     ORDER BY at DESC, id DESC LIMIT {size:UInt32}`,
    {
      ...after.params,
      customer: query.customer,
      types: query.types,
      from: query.from,
      to: query.to,
      size: query.size + 1,
    },
  );
  return pageOf(
    rows,
    query.size,
    (row) => ({ at: Date.parse(row.at), id: row.id }),
    (row) => ({
      kind: row.kind,
      at: row.at,
      id: row.id,
      type: row.type,
      textZh: row.zh,
      textEn: row.en,
      amount: row.amount === "" ? null : padMoney(row.amount, row.currency),
      currency: orNull(row.currency),
      severity: orNull(row.severity),
      ref: row.ref,
      detail: JSON.parse(row.detail) as unknown,
    }),
  );
}

export interface ScoreRow {
  readonly id: string;
  readonly customer_id: string;
  readonly name: string;
  readonly occurred_at: string;
  readonly score_from: number | null;
  readonly score: number;
  readonly class: ScoreChangeView["class"];
  readonly class_before: ScoreChangeView["class"] | "";
  readonly base: number;
  readonly points: string;
  readonly cap_effect: number;
  readonly cap: string;
  readonly pd: string;
  readonly reasons: string;
  readonly cause: string[];
  readonly corrected: boolean;
  readonly ruleset_version: number;
  readonly text_zh: string;
  readonly text_en: string;
}

export function scoreItem(row: ScoreRow): ScoreChangeView {
  return {
    id: row.id,
    customerId: row.customer_id,
    name: row.name,
    at: row.occurred_at,
    from: row.score_from,
    score: row.score,
    class: row.class,
    classBefore: row.class_before === "" ? null : row.class_before,
    base: row.base,
    // Written by the historian from the view itself.
    points: JSON.parse(row.points) as ScoreChangeView["points"],
    capEffect: row.cap_effect,
    cap: orNull(row.cap),
    pd: row.pd,
    reasons: JSON.parse(row.reasons) as ScoreChangeView["reasons"],
    cause: row.cause,
    corrected: row.corrected,
    rulesetVersion: Number(row.ruleset_version),
    textZh: row.text_zh,
    textEn: row.text_en,
  };
}

/** Score changes of a customer, newest first. */
export async function readScores(
  past: Past,
  query: Span & {
    readonly customer: string;
    readonly after: Place | null;
    readonly size: number;
  },
): Promise<Page<ScoreChangeView>> {
  const after = afterPlace("occurred_at", "id", query.after);
  const rows = await past.rows<ScoreRow>(
    `SELECT * FROM score_changes FINAL WHERE customer_id = {customer:String}
       AND occurred_at >= fromUnixTimestamp64Milli({from:Int64}) AND occurred_at <= fromUnixTimestamp64Milli({to:Int64})
       AND ${after.sql}
     ORDER BY occurred_at DESC, id DESC LIMIT {size:UInt32}`,
    {
      ...after.params,
      customer: query.customer,
      from: query.from,
      to: query.to,
      size: query.size + 1,
    },
  );
  return pageOf(
    rows,
    query.size,
    (row) => ({ at: Date.parse(row.occurred_at), id: row.id }),
    scoreItem,
  );
}
