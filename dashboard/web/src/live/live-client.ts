/** What the pages see of the live connection. */
import type { LiveParams, LiveRows, LiveTopic } from "@riskwall/schemas/live";
import type { ShallowRef } from "vue";
import type { Freshness } from "./freshness.ts";

/** Freshness of one topic, or of all together. */
export interface FreshnessStatus {
  state: Freshness;
  lagMs: number;
  quietMs: number;
  /** Server ms; 0 before the first snapshot. */
  watermark: number;
  /** State is being folded again: numbers stay as they were. */
  rebuilding: boolean;
}

export interface LiveStatus extends FreshnessStatus {
  connected: boolean;
  /** Messages are fetched: sockets do not get through. */
  polling: boolean;
  /** This machine's best guess of the server's present, ms. */
  serverNow: number;
  /** Sequence of the last digest that agreed; 0 = none yet. */
  digestSeq: number;
  digestAt: number;
  mismatches: number;
  /** Own ms at which the next attempt to connect is made; 0 = none. */
  retryAt: number;
}

export interface Subscription<Row> {
  /** Rows as last painted: a new map at each change. */
  readonly rows: ShallowRef<ReadonlyMap<string, Row>>;
  /** False until the first snapshot. */
  readonly loaded: ShallowRef<boolean>;
  /** Code of a refused subscription. */
  readonly refused: ShallowRef<string | null>;
  readonly fresh: FreshnessStatus;
  readonly close: () => void;
}

export interface LiveClient {
  readonly status: LiveStatus;
  subscribe: <Topic extends LiveTopic>(
    topic: Topic,
    params?: LiveParams,
  ) => Subscription<LiveRows[Topic]>;
  close: () => void;
}

/** Before anything is known. */
export function offline(): FreshnessStatus {
  const unknown = { lagMs: 0, quietMs: 0, watermark: 0, rebuilding: false };
  return { state: "OFFLINE", ...unknown };
}
