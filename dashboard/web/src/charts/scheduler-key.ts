import type { InjectionKey } from "vue";
import type { Scheduler } from "./scheduler.ts";

/** The scheduler that the charts of a page share. */
export const schedulerKey: InjectionKey<Scheduler> = Symbol("scheduler");
