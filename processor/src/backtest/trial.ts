/**
 * One partition folded in memory under the rules of the log, or under others:
 * the product's own fold, nothing written. Other rules are in force from an
 * instant on (none = from the beginning); what the log activates is then
 * passed over. What crosses customers (portfolio records) stays as recorded.
 */
import { type LogRecord } from "../core/log-record.ts";
import { addSkips, emptyRegister } from "../core/partition-register.ts";
import { createPartition } from "../core/partition.ts";
import { slotOf, type Slot } from "../core/slot.ts";
import type { Output } from "../core/emit.ts";
import type { RuleSet } from "../core/rule-set.ts";
import { parseRuleBody, shippedRules } from "../rule-file.ts";

/** Rules that a backtest tries. */
export interface Candidate {
  readonly rules: RuleSet;
  /** The same as JSON text. */
  readonly body: string;
  /** Log time from which they hold, ms; null = always. */
  readonly from: number | null;
}

export interface Trial {
  /** Folds a record; answers what it would emit. */
  readonly fold: (item: LogRecord) => readonly Output[];
  /** Log time, ms. */
  readonly logTime: () => number;
  readonly customers: () => number;
}

export function createTrial(
  partition: number,
  candidate: Candidate | null,
  skips: readonly number[],
): Trial {
  const register = emptyRegister();
  addSkips(register, skips);
  const always = candidate !== null && candidate.from === null;
  const fold = createPartition({
    ...{ partition, register, subjects: [] },
    bootstrapRules: always ? candidate.rules : shippedRules().rules,
    parseRules: (body, version) =>
      body === candidate?.body
        ? { ...candidate.rules, version }
        : parseRuleBody(body, version),
  });
  const slots = new Map<string, Slot>();
  const one = (item: LogRecord): readonly Output[] => {
    for (const id of fold.needs(item)) {
      if (!slots.has(id)) slots.set(id, slotOf(null));
    }
    return fold.fold(item, slots).outputs;
  };
  let active = always;
  /** Activates the candidate once its time has come. */
  const activate = (item: LogRecord): readonly Output[] => {
    if (candidate === null || active) return [];
    if (register.logTime < (candidate.from ?? 0)) return [];
    active = true;
    const last = register.pendingRules?.version ?? register.rulesVersion;
    const { body, rules } = candidate;
    const value = {
      version: last + 1,
      effectiveAt: 0,
      logic: rules.logic,
      body,
    };
    register.pendingRules = null;
    return one({ ...item, problem: null, record: { name: "RuleSet", value } });
  };
  return {
    fold: (item) => {
      const own = active && item.record?.name === "RuleSet";
      const passed: LogRecord = own
        ? { ...item, record: { name: "Tick", value: {} } }
        : item;
      const outputs = one(passed);
      return [...outputs, ...activate(item)];
    },
    logTime: () => register.logTime,
    customers: () =>
      [...slots.values()].filter((slot) => slot.customer !== null).length,
  };
}
