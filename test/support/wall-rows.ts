/** Rows of a wall that is full: long names, large amounts, every class. */
import type {
  AlertView,
  CashDays,
  FigureOrigin,
  CustomerRow,
  DecisionView,
  OpsView,
  PortfolioRows,
  RiskClass,
  ScoreChangeView,
  Severity,
} from "@riskwall/schemas";
import { alertOf } from "../../dashboard/web/src/console/alerts/alert-view.test-support.ts";

const day = 86_400_000;
const classes: readonly RiskClass[] = ["A", "B", "C", "D", "E"];
const names = [
  ...["恒远机电设备有限公司", "泰禾商贸", "Northline Industrial Supplies GmbH"],
  ...["瑞丰食品", "明昊电子科技", "海川国际物流", "Alder & Co", "东禾建材"],
  ...["启晨纺织", "万象照明"],
];
const iso = (ms: number): string => new Date(ms).toISOString();
const letter = (i: number): RiskClass => classes[i % 5] ?? "C";
const name = (i: number): string => names[i % names.length] ?? "";

function customer(i: number, now: number): CustomerRow {
  return {
    customerId: `C-${String(1000 + i)}`,
    ...{ name: name(i), segment: "wholesale", industry: "machinery" },
    ...{ score: 320 + i * 22, class: letter(9 - i), pd: "0.0480" },
    exposure: `${String(9_800_000 - i * 640_000)}.00`,
    limit: "8000000.00",
    utilisation: (1.18 - i * 0.06).toFixed(4),
    overdue: `${String(3_200_000 - i * 290_000)}.00`,
    daysPastDue: 118 - i * 11,
    ...{ openAlerts: 1, currency: "CNY", asOf: iso(now) },
  };
}

function alerts(now: number): AlertView[] {
  const severities: Severity[] = ["critical", "high", "high", "medium", "low"];
  const rules = ["ORD-01", "PAY-02", "COL-01", "EXP-01", "SCR-01"];
  return Array.from({ length: 12 }, (_, i) =>
    alertOf({
      alertId: `a-${String(i)}`,
      ruleId: rules[i % 5] ?? "ORD-01",
      ...{ customerId: `C-${String(1000 + i)}`, customerName: name(i) },
      severity: severities[i % 5] ?? "low",
      state: i === 0 ? "open" : i % 3 === 0 ? "acknowledged" : "open",
      openedAt: iso(now - i * 95_000),
      titleZh: "突发大额订单 ¥320 万，平时的 12.8 倍；额度使用率 118 %",
      titleEn:
        "Sudden large order ¥3.2 M, 12.8 times the usual; limit use 118 %",
      moneyAtRisk: `${String(3_260_000 - i * 200_000)}.00`,
    }),
  );
}

function decisions(now: number): DecisionView[] {
  return Array.from({ length: 24 }, (_, i) => ({
    ...{ id: `d-${String(i)}`, orderId: `SO-${String(i)}` },
    ...{ customerId: `C-${String(1000 + i)}`, name: name(i) },
    ...{ amount: `${String(26_000 * (i + 1))}.00`, currency: "CNY" },
    outcome: i % 4 === 0 ? ("hold" as const) : ("allow" as const),
    ...{ codes: i % 4 === 0 ? ["H01"] : [], hits: [], trigger: "order" },
    ...{ releaseCode: null, score: 600, class: letter(i) },
    ...{ exposureBefore: "0.00", exposureAfter: "1.00", limit: null },
    ...{ headroom: null, clearsZh: "", clearsEn: "", actor: null },
    ...{ reason: null, rulesetVersion: 17, decidedAt: iso(now - i * 2300) },
  }));
}

function scores(now: number): ScoreChangeView[] {
  return Array.from({ length: 8 }, (_, i) => ({
    ...{ id: `s-${String(i)}`, customerId: `C-${String(i)}`, name: name(i) },
    ...{ at: iso(now - i * 8000), from: 685, score: 685 + (i % 2 ? 25 : -60) },
    ...{ class: letter(i), classBefore: null, base: 500, points: [] },
    ...{ capEffect: 0, cap: null, pd: "0.05", reasons: [], cause: [] },
    ...{ corrected: false, rulesetVersion: 17 },
    textZh: "评分 685 → 625：平均拖欠升至 12 天",
    textEn: "Score 685 → 625: average delay rose to 12 days",
  }));
}

function portfolio(now: number): PortfolioRows {
  const list = Array.from({ length: 10 }, (_, i) => customer(i, now));
  const ageing = {
    ...{ notDue: "760000000.00", d1to30: "150000000.00" },
    ...{ d31to60: "62000000.00", d61to90: "31000000.00" },
    over90: "24000000.00",
  };
  const spark = Array.from({ length: 60 }, (_, i) => 100 + 9 * Math.sin(i / 7));
  const texts = spark.map((value) => (value / 1000).toFixed(4));
  return {
    totals: {
      ...{ customers: 2148, currency: "CNY", exposure: "1284000000.00" },
      ...{ receivables: "1027000000.00", openOrders: "257000000.00" },
      ...{ overdue: "267000000.00", overdueRate: "0.0631", limit: "1.00" },
      ...{ expectedLoss: "23160000.00", utilisation: "0.6170", ageing },
      byClass: {
        A: { customers: 620, exposure: "282000000.00" },
        B: { customers: 840, exposure: "455000000.00" },
        C: { customers: 540, exposure: "337000000.00" },
        D: { customers: 112, exposure: "148000000.00" },
        E: { customers: 36, exposure: "62000000.00" },
      },
      ...{ highRisk: 148, alerts24h: 37, loading: 0, watermark: iso(now) },
      openAlerts: { info: 0, low: 2, medium: 3, high: 5, critical: 2 },
    },
    ...{ riskiest: list, utilisation: list, overdue: list },
    held: {
      ...{ orders: 23, amountBase: "18600000.00", baseCurrency: "CNY" },
      byCode: { H01: 12, H03: 9, H06: 5, H07: 3, H10: 1 },
      oldest: list.map((row, i) => ({
        ...{ orderId: `SO-88${String(i)}`, customerId: row.customerId },
        ...{ name: row.name, amount: "860000.00", currency: "CNY" },
        ...{ class: row.class, codes: i % 3 ? ["H01"] : ["H03", "H06"] },
        placedAt: iso(now - (10 - i) * 5 * 3_600_000),
      })),
    },
    map: Array.from({ length: 180 }, (_, i) => [
      ...([`C-${String(1000 + i)}`, name(i)] as const),
      0.05 + ((i * 37) % 110) / 100,
      0.002 + ((i * 53) % 90) / 1000,
      100_000 + ((i * 7919) % 5_000_000),
      letter((i * 3) % 5),
    ]),
    pulse: Array.from({ length: 360 }, (_, i) => ({
      at: Math.floor(now / 5000) * 5000 - (360 - i) * 5000,
      events: 40 + ((i * 13) % 25),
      orderAmount: String(60_000 + ((i * 7919) % 900_000)),
      alerts: i > 250 && i < 270 ? 1 : 0,
    })),
    sparks: {
      at: spark.map((_, i) => now - day + (i * day) / 60),
      ...{ exposure: texts, overdueRate: texts, expectedLoss: texts },
      ...{ utilisation: texts, highRisk: spark, alerts24h: spark },
    },
    ageingByWeek: Array.from({ length: 8 }, (_, i) => ({
      week: iso(now - (8 - i) * 7 * day).slice(0, 10),
      ...ageing,
      d1to30: `${String(150_000_000 - i * 9_000_000)}.00`,
    })),
  };
}

function ops(): OpsView {
  return {
    ...{ eventsPerSecond: 1842, decisionsPerSecond: 212, lag: 12 },
    lagSeconds: 0.3,
    partitions: Array.from({ length: 12 }, (_, partition) => ({
      ...{ partition, next: 1000 - partition, end: 1000, rebuilding: false },
      halted: partition === 7 ? "POISON" : null,
    })),
    ...{ deadLetters24h: 3, historyLag: 120, eventToPixelP95Ms: 412 },
    ...{ clients: 4, rulesetVersion: 17 },
    services: {
      ...{ ingest: "up", processor: "up", historian: "down", redis: "up" },
      ...{ notifier: "up", clickhouse: "up" },
    },
  };
}

export function wallRows(now: number) {
  const dayOf = (n: number): string => iso(now + n * day).slice(0, 10);
  const at = new Date(now).toISOString();
  const origin: FigureOrigin = {
    ...{ name: "exposure", query: "SELECT exposure AS value" },
    history: { value: "1234.50", at },
    events: [{ id: "so-1", type: "order.placed", customerId: "C-1", at }],
  };
  const cash: CashDays = {
    ...{ currency: "CNY", at: iso(now) },
    days: Array.from({ length: 14 }, (_, i) => ({
      day: dayOf(i - 13),
      received: `${String(2_000_000 + ((i * 7919) % 40) * 90_000)}.00`,
    })),
  };
  const steps = Array.from({ length: 15 }, (_, i) => ({
    ...{ from: dayOf(i), to: dayOf(i), expected: "2600000.00" },
    ...{ p10: "1500000.00", p50: "2500000.00", p90: "4100000.00" },
  }));
  return {
    ...{ portfolio: portfolio(now), ops: ops(), cash, origin },
    ...{ alerts: alerts(now), orders: decisions(now), scores: scores(now) },
    forecast: { currency: "CNY", steps },
  };
}
