export * from "./contract-json.ts";
export * from "./live.ts";
export * from "./money.ts";
export * from "./names.ts";
export * from "./records.ts";
export * from "./to-view.ts";
export type * from "./forecast-views.ts";
export type * from "./views.ts";
