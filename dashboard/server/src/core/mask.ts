/**
 * What a wall shown to strangers gives away: rows without people, texts and
 * events, names cut or replaced by the id, amounts of single customers left
 * out. Built from what may be seen, field by field: what is new stays away.
 */
import type { AlertView, WallMoment } from "@riskwall/schemas";
import type {
  Json,
  LiveDelta,
  LiveTopic,
  SubscribeReply,
} from "@riskwall/schemas/live";

export const nameMasks = ["full", "short", "id"] as const;
export type NameMask = (typeof nameMasks)[number];

export interface Mask {
  readonly names: NameMask;
  readonly amounts: boolean;
}

type Row = { readonly [key: string]: Json };

/** Names the room of a mask: everybody in it gets the same bytes. */
export function maskCode({ names, amounts }: Mask): string {
  return `${names}${amounts ? "" : "-amounts"}`;
}

export const allMasks: readonly Mask[] = nameMasks.flatMap((names) => [
  { names, amounts: true },
  { names, amounts: false },
]);

/** Characters of a name that stay. */
const shownChars = 4;

function nameOf(name: string, id: string, mask: Mask): string {
  if (mask.names === "full") return name;
  if (mask.names === "id") return id;
  const chars = [...name];
  return chars.length <= shownChars
    ? `${chars.slice(0, 1).join("")}…`
    : `${chars.slice(0, shownChars).join("")}…`;
}

/** Fields copied as they are, per kind of row. */
const open = {
  alert: [
    ...["alertId", "ruleId", "ruleName", "customerId", "severity", "state"],
    ...["version", "actionVersion", "openedAt", "updatedAt", "eventTime"],
    ...["suggestedAction", "currency", "score", "class", "pd", "parent"],
    ...["quiet", "snoozedUntil", "muted", "rulesetVersion"],
  ],
  decision: [
    ...["id", "orderId", "customerId", "currency", "outcome", "codes"],
    ...["trigger", "releaseCode", "score", "class", "rulesetVersion"],
    ...["decidedAt"],
  ],
  score: [
    ...["id", "customerId", "at", "from", "score", "class", "classBefore"],
    ...["pd", "corrected", "rulesetVersion"],
  ],
  customer: [
    ...["customerId", "segment", "industry", "score", "class", "pd"],
    ...["utilisation", "daysPastDue", "openAlerts", "currency", "asOf"],
  ],
  held: [
    ...["orderId", "customerId", "currency", "class", "codes", "placedAt"],
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

function isRow(value: Json | undefined): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function pick(row: Row, fields: readonly string[]): Record<string, Json> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = row[field];
      return value === undefined ? [] : [[field, value]];
    }),
  );
}

/** Amounts of one customer; an empty text is shown as hidden. */
function amountsOf(row: Row, fields: readonly string[], mask: Mask): object {
  return Object.fromEntries(
    fields.map((field) => [field, mask.amounts ? (row[field] ?? null) : ""]),
  );
}

function alertRow(row: Row, mask: Mask): Json {
  const { ruleName } = row;
  const rule = isRow(ruleName) ? ruleName : {};
  return {
    ...pick(row, open.alert),
    customerName: nameOf(
      text(row["customerName"]),
      text(row["customerId"]),
      mask,
    ),
    ...amountsOf(row, ["moneyAtRisk", "exposureBefore", "exposureAfter"], mask),
    // Titles carry amounts and dates of one customer: the rule's name instead.
    titleZh: text(rule["zh"]),
    titleEn: text(rule["en"]),
    ...{ triggerEventIds: [], reasons: [], explain: {}, actions: [] },
    ...{ orderId: null, invoiceId: null, complaintId: null, assignee: null },
    ...{ limit: null, utilisationAfter: null },
  };
}

/** One alert as the bearer of its link sees it: the same fields, masked. */
export function maskAlert(alert: AlertView, mask: Mask): AlertView {
  // Views hold JSON values only; a masked row has the shape of its row.
  return alertRow(alert as unknown as Row, mask) as never;
}

function decisionRow(row: Row, mask: Mask): Json {
  return {
    ...pick(row, open.decision),
    name: nameOf(text(row["name"]), text(row["customerId"]), mask),
    ...amountsOf(row, ["amount", "exposureBefore", "exposureAfter"], mask),
    ...{ hits: [], clearsZh: "", clearsEn: "", actor: null, reason: null },
    ...{ limit: null, headroom: null },
  };
}

function scoreRow(row: Row, mask: Mask): Json {
  return {
    ...pick(row, open.score),
    name: nameOf(text(row["name"]), text(row["customerId"]), mask),
    ...{ base: 0, points: [], capEffect: 0, cap: null, reasons: [] },
    ...{ cause: [], textZh: "", textEn: "" },
  };
}

function listedRow(
  row: Json,
  fields: readonly string[],
  amounts: readonly string[],
  mask: Mask,
): Json {
  if (!isRow(row)) return null;
  return {
    ...pick(row, fields),
    name: nameOf(text(row["name"]), text(row["customerId"]), mask),
    ...amountsOf(row, amounts, mask),
  };
}

function rows(value: Json, map: (row: Json) => Json): Json {
  return Array.isArray(value) ? value.map(map) : [];
}

/** A point of the risk map: [id, name, utilisation, pd, exposure, class]. */
function mapPoint(point: Json, mask: Mask): Json {
  if (!Array.isArray(point)) return null;
  const [id = "", name = "", used = 0, pd = 0, exposure = 0, letter = "C"] =
    point;
  const shown = nameOf(text(name), text(id), mask);
  return [id, shown, used, pd, mask.amounts ? exposure : 1, letter];
}

function portfolioRow(key: string, value: Json, mask: Mask): Json {
  const amounts = ["exposure", "limit", "overdue"];
  switch (key) {
    case "riskiest":
    case "utilisation":
    case "overdue":
      return rows(value, (r) => listedRow(r, open.customer, amounts, mask));
    case "held": {
      if (!isRow(value)) return null;
      const oldest = rows(value["oldest"] ?? [], (r) =>
        listedRow(r, open.held, ["amount"], mask),
      );
      return { ...value, oldest };
    }
    case "map":
      return rows(value, (point) => mapPoint(point, mask));
    // Sums of all customers.
    case "totals":
    case "sparks":
    case "pulse":
    case "ageingByWeek":
      return value;
    default:
      return null;
  }
}

/** A row of a topic under a mask; what a wall has no business with is null. */
export function maskRow(
  topic: LiveTopic,
  key: string,
  value: Json,
  mask: Mask,
): Json {
  if (topic === "ops") return value;
  if (topic === "portfolio") return portfolioRow(key, value, mask);
  if (!isRow(value)) return null;
  switch (topic) {
    case "alerts":
      return alertRow(value, mask);
    case "orders":
      return decisionRow(value, mask);
    case "scores":
      return scoreRow(value, mask);
    case "customer":
      return null;
  }
}

export function maskDelta(delta: LiveDelta, mask: Mask): LiveDelta {
  const ops = delta.ops.map((op) =>
    op.op === "del"
      ? op
      : { ...op, value: maskRow(delta.topic, op.key, op.value, mask) },
  );
  return { ...delta, ops };
}

export function maskReply(reply: SubscribeReply, mask: Mask): SubscribeReply {
  if ("deltas" in reply) {
    return { deltas: reply.deltas.map((delta) => maskDelta(delta, mask)) };
  }
  if (!("snapshot" in reply)) return reply;
  const { snapshot } = reply;
  const state = maskState(snapshot.topic, Object.entries(snapshot.state), mask);
  return { snapshot: { ...snapshot, state: Object.fromEntries(state) } };
}

/** All rows of a topic under a mask: what a digest is made of. */
export function maskState(
  topic: LiveTopic,
  state: Iterable<readonly [string, Json]>,
  mask: Mask,
): (readonly [string, Json])[] {
  return [...state].map(
    ([key, value]) => [key, maskRow(topic, key, value, mask)] as const,
  );
}

export function maskMoment(moment: WallMoment, mask: Mask): WallMoment {
  // Views hold JSON values only; a masked row has the shape of its row.
  const list = (topic: LiveTopic, views: readonly object[]): never =>
    views.map((view) => maskRow(topic, "", view as Json, mask)) as never;
  const portfolio = maskState(
    "portfolio",
    Object.entries(moment.portfolio as Row),
    mask,
  );
  return {
    ...moment,
    portfolio: Object.fromEntries(portfolio),
    alerts: list("alerts", moment.alerts),
    orders: list("orders", moment.orders),
    scores: list("scores", moment.scores),
  };
}
