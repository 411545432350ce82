import type { InjectionKey } from "vue";
import type { RefreshClass, Scheduler } from "./scheduler.ts";

/** The scheduler that the charts of a page share. */
export const schedulerKey: InjectionKey<Scheduler> = Symbol("scheduler");
/** Class of the charts below, in place of their own. */
export const refreshKey: InjectionKey<RefreshClass> = Symbol("refresh");
