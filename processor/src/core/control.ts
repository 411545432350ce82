/**
 * Control records of the log (rule sets, rates, the clock, sealed sources) and
 * the environment of the fold that they make. Pure.
 */
import type { NamedRecord } from "@riskwall/schemas";
import type { Env } from "./env.ts";
import type { Groups } from "./groups.ts";
import { noRates, parseRates } from "./rates.ts";
import type { RuleSet } from "./rule-set.ts";
import { takeAll } from "./tally.ts";
import {
  type PartitionRegister,
  activatePending,
  addSkips,
} from "./partition-register.ts";

/** Where rule sets come from. */
export interface RuleSource {
  /** Rules before the log carries any: the ones shipped with the build. */
  readonly bootstrapRules: RuleSet;
  /** Parses a rule set's body; null when it is not valid. */
  readonly parseRules: (body: string, version: number) => RuleSet | null;
}

/** The environment that the control records taken so far make. */
export function envOf(
  register: PartitionRegister,
  deps: RuleSource,
  groups: Groups,
): Env {
  const { bootstrapRules } = deps;
  const rules =
    register.rulesVersion === 0
      ? bootstrapRules
      : (deps.parseRules(register.rulesBody, register.rulesVersion) ??
        bootstrapRules);
  const rates =
    register.fxVersion === 0 || register.fxBase !== rules.currency
      ? noRates(rules.currency)
      : parseRates(register.fxVersion, register.fxBase, register.fxRates);
  return {
    rules,
    rates,
    sealed: new Map(Object.entries(register.sealed)),
    segments: new Map(Object.entries(register.segments)),
    groups,
  };
}

/** Applies a control record to the register; true when the environment changed. */
export function applyControl(
  register: PartitionRegister,
  record: NamedRecord,
  logTime: number,
  deps: RuleSource,
): boolean {
  switch (record.name) {
    case "RuleSet": {
      const { version, effectiveAt, body } = record.value;
      const last = register.pendingRules?.version ?? register.rulesVersion;
      if (version <= last || deps.parseRules(body, version) === null) {
        return false;
      }
      register.pendingRules = { version, effectiveAt, body };
      register.logTime = logTime;
      return activatePending(register);
    }
    case "Fx": {
      const { version, base, rates } = record.value;
      if (version <= register.fxVersion) return false;
      register.fxVersion = version;
      register.fxBase = base;
      register.fxRates = rates;
      register.sweep = { after: "" };
      return true;
    }
    case "Clock":
      if (record.value.version <= (register.clock?.version ?? 0)) return false;
      register.clock = record.value;
      return false;
    case "HistorySealed": {
      const { source, floor } = record.value;
      const before = register.sealed[source] ?? 0;
      register.sealed[source] = Math.max(before, floor);
      register.sweep = { after: "" };
      return true;
    }
    case "Portfolio":
      if (record.value.seq <= register.portfolioSeq) return false;
      register.portfolioSeq = record.value.seq;
      register.segments = record.value.segments;
      takeAll(register.counts.tally, record.value.tally);
      return true;
    case "Skip":
      addSkips(register, [record.value.offset]);
      return false;
    default:
      return false;
  }
}
