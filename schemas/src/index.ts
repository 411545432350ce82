export * from "./live.ts";
export * from "./money.ts";
export * from "./names.ts";
export * from "./records.ts";
export type * from "./views.ts";
