/**
 * Every name two processes must agree on: topics, Redis keys, ClickHouse
 * tables. A namespace is a tenant; it prefixes all of them.
 */

/** Partitions of the log and of each output topic; fixed at creation. */
export const logPartitions = 12;

/** Subject of what concerns all customers; it lives in partition 0. */
export const portfolioSubject = "#portfolio";
const groupPrefix = "#group:";

/** Subject of a group of customers. */
export function groupSubject(groupId: string): string {
  return groupPrefix + groupId;
}

/** Group of a subject, or null when it is no group's. */
export function groupOfSubject(subject: string): string | null {
  return subject.startsWith(groupPrefix)
    ? subject.slice(groupPrefix.length)
    : null;
}

/** True for a customer; false for `#group:<id>` and `#portfolio`. */
export function isCustomer(subject: string): boolean {
  return !subject.startsWith("#");
}

/** Shape of a namespace. */
export const namespacePattern = /^[a-z][a-z0-9-]{1,30}$/;

/** Topics of a namespace (contract 4). */
export interface TopicNames {
  readonly events: string;
  readonly scores: string;
  readonly alerts: string;
  readonly decisions: string;
  readonly late: string;
  readonly deadletters: string;
  readonly settings: string;
  /** Who did what: one partition, hash-chained (audit.ts), never deleted. */
  readonly audit: string;
}

export function topicNames(namespace: string): TopicNames {
  const name = (what: string): string => `${namespace}.${what}.v1`;
  return {
    events: name("events"),
    scores: name("scores"),
    alerts: name("alerts"),
    decisions: name("decisions"),
    late: name("late"),
    deadletters: name("deadletters"),
    settings: name("settings"),
    audit: name("audit"),
  };
}

/** Inbox of one outside producer. */
export function inboxTopic(namespace: string, source: string): string {
  return `${namespace}.inbox.${source}.v1`;
}

/** Source of an inbox topic, or null when the topic is no inbox. */
export function inboxSource(namespace: string, topic: string): string | null {
  const prefix = `${namespace}.inbox.`;
  if (!topic.startsWith(prefix) || !topic.endsWith(".v1")) return null;
  return topic.slice(prefix.length, -3);
}

/** Hash tag of a partition: all keys of a partition live in one slot. */
export function partitionTag(namespace: string, partition: number): string {
  return `{${namespace}:${String(partition).padStart(2, "0")}}`;
}

/** Redis keys of one partition. None of them expires. */
export interface PartitionKeys {
  /** hash: lease next tail T cluster logic ruleset fx clock sealed sweep portfolio */
  readonly meta: string;
  /** string per subject: layout byte + Avro CustomerState */
  readonly customer: (subject: string) => string;
  /** zset subject → earliest due, ms */
  readonly wake: string;
  /** zset subject → score */
  readonly all: string;
  /** hash of integer sums, fields of `totalFields` */
  readonly totals: string;
  /** hash of integer counts: orders by amount bucket and segment */
  readonly segments: string;
  /** hash: members of groups, definitions of groups, largest customers */
  readonly groups: string;
  /** hash group → entry, JSON, as the last portfolio record left it */
  readonly book: string;
}

/**
 * Where a partition's keys lie: the live ones, or those that a rebuild or a
 * backup makes beside them, in the same slot.
 */
export type StateArea = "live" | "rebuild" | "backup";

export function partitionKeys(
  namespace: string,
  partition: number,
  area: StateArea = "live",
): PartitionKeys {
  const own = partitionTag(namespace, partition);
  const tag = area === "live" ? own : `${own}:${area}`;
  return {
    meta: `${tag}:meta`,
    customer: (subject) => `${tag}:c:${subject}`,
    wake: `${tag}:wake`,
    all: `${tag}:all`,
    totals: `${tag}:totals`,
    segments: `${tag}:seg`,
    groups: `${tag}:groups`,
    book: `${tag}:book`,
  };
}

/** Integer sums kept per partition; money in reporting minor units. */
export const totalFields = [
  "customers",
  "exposure",
  "receivables",
  "openOrders",
  "unallocated",
  "overdue",
  "age0",
  "age1",
  "age31",
  "age61",
  "age91",
  "limit",
  "limitedExposure",
  "expectedLoss",
  "classA",
  "classB",
  "classC",
  "classD",
  "classE",
  "exposureA",
  "exposureB",
  "exposureC",
  "exposureD",
  "exposureE",
  "alertInfo",
  "alertLow",
  "alertMedium",
  "alertHigh",
  "alertCritical",
  "loading",
] as const;
export type TotalField = (typeof totalFields)[number];

/** Redis keys of the door (ingest): counting aid only, never correctness. */
export function doorKeys(namespace: string): {
  readonly ids: (bucket: number) => string;
  readonly idempotency: (key: string) => string;
} {
  const tag = `{${namespace}:door}`;
  return {
    ids: (bucket) => `${tag}:ids:${String(bucket)}`,
    idempotency: (key) => `${tag}:idem:${key}`,
  };
}

/** ClickHouse database: the namespace, dashes as underscores. */
export function databaseName(namespace: string): string {
  return namespace.replaceAll("-", "_");
}

/** Consumer groups of a namespace. */
export function groupName(namespace: string, what: string): string {
  return `${namespace}.${what}`;
}

/** Panels of the wall that can say where they come from. */
export const panelFigures = [
  ...(["panel-pulse", "panel-map", "panel-classes"] as const),
  ...(["panel-ageing", "panel-utilisation", "panel-riskiest"] as const),
  ...(["panel-moves", "panel-feed", "panel-handling"] as const),
  ...(["panel-orders", "panel-outcomes", "panel-held"] as const),
  ...(["panel-holdCodes", "panel-cash", "panel-overdue"] as const),
  ...(["panel-overdueShare", "panel-services", "panel-figures"] as const),
  ...(["panel-flow", "panel-partitions"] as const),
] as const;
export type PanelFigure = (typeof panelFigures)[number];

/** Figures of the wall that can say where they come from. */
export const figureNames = [
  ...(["exposure", "overdue", "el"] as const),
  ...(["utilisation", "highrisk", "alerts"] as const),
  ...panelFigures,
] as const;
export type FigureName = (typeof figureNames)[number];
