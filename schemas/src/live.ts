/**
 * The live protocol between dashboard server and browser (docs: ux 2.4).
 *
 * A topic's state is a flat map from key to JSON row. A server counts every
 * change of a topic in `seq`; `epoch` is new at each server start. A client
 * applies a delta only when `prevSeq` equals its own `seq`, holds later ones,
 * asks to resume, and falls back to a snapshot. Equality is proven by a digest
 * that does not depend on the order of keys.
 */
import type {
  AlertView,
  CustomerView,
  DecisionView,
  OpsView,
  PortfolioRows,
  ScoreChangeView,
} from "./views.ts";

/** Any value that survives JSON unchanged. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Names of the live topics; `customer` takes `params: {id}`. */
export const liveTopics = [
  "portfolio",
  "alerts",
  "orders",
  "scores",
  "ops",
  "customer",
] as const;
export type LiveTopic = (typeof liveTopics)[number];

/** Row type per topic. `portfolio` rows differ by key: see `PortfolioRows`. */
export interface LiveRows {
  readonly portfolio: PortfolioRows[keyof PortfolioRows];
  readonly alerts: AlertView;
  readonly orders: DecisionView;
  readonly scores: ScoreChangeView;
  readonly ops: OpsView;
  readonly customer: CustomerView;
}

/** One change of a topic's map. */
export type LiveOp<Row = Json> =
  | { readonly op: "set"; readonly key: string; readonly value: Row }
  | { readonly op: "del"; readonly key: string };

export interface LiveParams {
  readonly id?: string;
}

/** What a client already has; absent = nothing. */
export interface LiveHave {
  readonly epoch: string;
  readonly seq: number;
}

/** Client → server, acknowledged with `SubscribeReply`. */
export interface SubscribeRequest {
  readonly topic: LiveTopic;
  readonly params?: LiveParams;
  readonly have?: LiveHave;
}

export interface LiveSnapshot<Row = Json> {
  readonly topic: LiveTopic;
  readonly params?: LiveParams;
  readonly epoch: string;
  readonly seq: number;
  readonly state: Readonly<Record<string, Row>>;
  /** Server time up to which the log is known to be read, ms since 1970. */
  readonly watermark: number;
}

/** Event times of one change, for the event-to-pixel histogram; ms. */
export interface LiveTimes {
  readonly eventTime?: number;
  readonly appendTime?: number;
  readonly emitTime: number;
  /** W3C trace context of what caused it, where that is traced. */
  readonly traceparent?: string;
}

/** Server → client event `delta`. */
export interface LiveDelta<Row = Json> {
  readonly topic: LiveTopic;
  readonly params?: LiveParams;
  readonly epoch: string;
  readonly seq: number;
  readonly prevSeq: number;
  readonly ops: readonly LiveOp<Row>[];
  readonly watermark: number;
  readonly times: LiveTimes;
}

export type SubscribeReply =
  | { readonly snapshot: LiveSnapshot }
  | { readonly deltas: readonly LiveDelta[] }
  | { readonly error: { readonly code: string; readonly message: string } };

/** Server → client event `hb`, every second. */
export interface LiveHeartbeat {
  readonly serverTime: number;
  readonly epoch: string;
  /** Keyed by `topicKey`. */
  readonly topics: Readonly<
    Record<string, { readonly seq: number; readonly watermark: number }>
  >;
  /** True while state is folded again: what is shown stays as it was. */
  readonly rebuilding: boolean;
}

/** Server → client event `digest`, every 30 s per subscribed topic. */
export interface LiveDigest {
  readonly topic: LiveTopic;
  readonly params?: LiveParams;
  readonly epoch: string;
  readonly seq: number;
  readonly hash: string;
}

/** Server → client event `drain`: reconnect after that many milliseconds. */
export interface LiveDrain {
  readonly retryAfterMs: number;
}

/** One string per (topic, params): the room, ring and store key. */
export function topicKey(topic: LiveTopic, params?: LiveParams): string {
  return params?.id === undefined ? topic : `${topic}:${params.id}`;
}

function fnv1a(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

function rowHash(key: string, value: unknown): readonly [number, number] {
  const text = `${key}\u0000${JSON.stringify(value)}`;
  return [fnv1a(text, 0x811c9dc5), fnv1a(text, 0x9747b28c)];
}

/**
 * Digest of a topic's state: sums of two 32-bit row hashes, 16 hex digits.
 * Independent of key order; rows are compared by their JSON text.
 */
export function stateHash(rows: Iterable<readonly [string, unknown]>): string {
  let a = 0;
  let b = 0;
  for (const [key, value] of rows) {
    const [x, y] = rowHash(key, value);
    a = (a + x) >>> 0;
    b = (b + y) >>> 0;
  }
  return a.toString(16).padStart(8, "0") + b.toString(16).padStart(8, "0");
}

/** Applies ops in order to a mutable map. */
export function applyOps<Row>(
  state: Map<string, Row>,
  ops: readonly LiveOp<Row>[],
): void {
  for (const op of ops) {
    if (op.op === "set") state.set(op.key, op.value);
    else state.delete(op.key);
  }
}
