/** How a figure's value in history reads, and the page that lies behind it. */
import type { FigureName } from "@riskwall/schemas/names";

export interface OriginWay {
  readonly as: "money" | "share" | "count";
  readonly page: string;
}

const byExposure = "/customers?sort=-exposure";
const byOverdue = "/customers?sort=-overdue";
const byUse = "/customers?sort=-utilisation";

export const originWays: Readonly<Record<FigureName, OriginWay>> = {
  exposure: { as: "money", page: byExposure },
  overdue: { as: "share", page: byOverdue },
  el: { as: "money", page: "/customers?sort=score" },
  utilisation: { as: "share", page: byUse },
  highrisk: { as: "count", page: "/customers?sort=score" },
  alerts: { as: "count", page: "/alerts" },
  "panel-pulse": { as: "count", page: "/trends?metric=orders" },
  "panel-map": { as: "count", page: byExposure },
  "panel-classes": { as: "count", page: "/customers?sort=score" },
  "panel-ageing": { as: "money", page: byOverdue },
  "panel-overdueShare": { as: "money", page: byOverdue },
  "panel-utilisation": { as: "count", page: byUse },
  "panel-riskiest": { as: "count", page: "/customers?sort=score" },
  "panel-moves": { as: "count", page: "/trends?metric=score_changes" },
  "panel-feed": { as: "count", page: "/alerts" },
  "panel-handling": { as: "count", page: "/alerts" },
  "panel-orders": { as: "count", page: "/orders" },
  "panel-outcomes": { as: "share", page: "/orders" },
  "panel-held": { as: "count", page: "/orders" },
  "panel-holdCodes": { as: "count", page: "/orders" },
  "panel-cash": { as: "count", page: "/trends?metric=payments_amount" },
  "panel-overdue": { as: "count", page: byOverdue },
  "panel-services": { as: "count", page: "/ops" },
  "panel-figures": { as: "count", page: "/ops" },
  "panel-flow": { as: "count", page: "/ops" },
  "panel-partitions": { as: "count", page: "/ops" },
};
