/**
 * All customers as list rows, in memory: searched, filtered and sorted here,
 * re-read from Redis before they are shown. Pure but for its own map.
 */
import type { CustomerRow, RiskClass } from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import type { StateHead } from "@riskwall/schemas/state";

/** Scale of the default scorecard: PD of a score (domain C3.5). */
const factor = 57.70780163555854;
const offset = 427.1228764177834;

function pdText(score: number): string {
  const pd = 1 / (1 + Math.exp((score - offset) / factor));
  return Number(pd.toPrecision(2)).toString();
}

/** A list row of a customer's head. */
export function toRow(head: StateHead, currency: string): CustomerRow {
  const { summary } = head;
  const limit = summary.limit < 0 ? null : summary.limit;
  const money = (minor: number): string => formatMinor(minor, currency);
  return {
    customerId: head.id,
    name: head.name,
    segment: head.segment,
    industry: head.industry,
    score: head.score,
    // One of five by construction of the fold.
    class: head.class as RiskClass,
    pd: pdText(head.score),
    exposure: money(summary.exposure),
    limit: limit === null ? null : money(limit),
    utilisation:
      limit === null || limit === 0
        ? null
        : (Math.max(0, summary.exposure) / limit).toFixed(4),
    overdue: money(summary.overdue),
    daysPastDue: summary.dpdMax,
    openAlerts: summary.alerts.reduce((a, b) => a + b, 0),
    currency,
    asOf: new Date(head.asOf).toISOString(),
  };
}

export interface ListQuery {
  readonly q: string;
  readonly riskClass: string;
  readonly sort: string;
  readonly after: string | null;
  readonly size: number;
}

const sorts: Readonly<Record<string, (row: CustomerRow) => number | string>> = {
  score: (row) => row.score,
  exposure: (row) => Number(row.exposure),
  utilisation: (row) => Number(row.utilisation ?? -1),
  overdue: (row) => Number(row.overdue),
  daysPastDue: (row) => row.daysPastDue,
  name: (row) => row.name,
};

/** Names that `sort` may take, with `-` for descending. */
export const sortNames = Object.keys(sorts);

export interface Directory {
  put: (row: CustomerRow) => void;
  drop: (id: string) => void;
  get: (id: string) => CustomerRow | undefined;
  size: () => number;
  rows: () => IterableIterator<CustomerRow>;
  page: (query: ListQuery) => {
    readonly items: readonly CustomerRow[];
    readonly next: string | null;
  };
}

function compare(a: number | string, b: number | string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function createDirectory(): Directory {
  const byId = new Map<string, CustomerRow>();
  return {
    put: (row) => {
      byId.set(row.customerId, row);
    },
    drop: (id) => {
      byId.delete(id);
    },
    get: (id) => byId.get(id),
    size: () => byId.size,
    rows: () => byId.values(),
    page: ({ q, riskClass, sort, after, size }) => {
      const needle = q.trim().toLowerCase();
      const descending = sort.startsWith("-");
      const keyOf = sorts[descending ? sort.slice(1) : sort] ?? sorts["score"];
      if (!keyOf) return { items: [], next: null };
      const sign = descending ? -1 : 1;
      const found = [...byId.values()].filter(
        (row) =>
          (riskClass === "" || row.class === riskClass) &&
          (needle === "" ||
            row.customerId.toLowerCase().includes(needle) ||
            row.name.toLowerCase().includes(needle)),
      );
      found.sort(
        (a, b) =>
          sign * compare(keyOf(a), keyOf(b)) ||
          compare(a.customerId, b.customerId),
      );
      const from = after === null ? 0 : Number(after);
      const items = found.slice(from, from + size);
      const next = from + size < found.length ? String(from + size) : null;
      return { items, next };
    },
  };
}

/** The first `n` rows by a measure, greatest first. */
export function topRows(
  rows: Iterable<CustomerRow>,
  measure: (row: CustomerRow) => number,
  n: number,
): CustomerRow[] {
  const top: CustomerRow[] = [];
  for (const row of rows) {
    const value = measure(row);
    const last = top[n - 1];
    if (last && value <= measure(last)) continue;
    const at = top.findIndex((item) => measure(item) < value);
    top.splice(at < 0 ? top.length : at, 0, row);
    if (top.length > n) top.pop();
  }
  return top;
}
